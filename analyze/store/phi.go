package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"sort"
	"strings"
	"unicode/utf8"

	"wardtrace/dissect/event"
)

// KeyLen is the length of the key behind the pseudonyms, bytes.
const KeyLen = 32

// maxVault bounds the spellings kept for later naming. A hospital has fewer patients; a flood of invented ones must not
// fill the memory. Beyond it pseudonyms stay right, but cannot be named from the case.
const maxVault = 1 << 20

// Vault turns patient data into pseudonyms. One goroutine uses it.
//
// An identifier, name, birth date or contact becomes the first 16 hex digits of HMAC-SHA256(key, kind | normal form), with
// the kind in front: id:3f..., name:..., birth:..., contact:.... The same patient so joins across protocols, and who has the key can
// test a guess or open the sealed value in phi_vault. Free text becomes free:LENGTH:DIGEST.
type Vault struct {
	clear bool
	key   []byte
	mac   hash.Hash
	aead  cipher.AEAD
	seal  []byte // key of the synthetic nonces
	known map[vaultKey]struct{}
	full  bool
}

type vaultKey struct{ pseudonym, value string }

// VaultRow is a pseudonym and, sealed, what it stands for.
type VaultRow struct {
	Pseudonym string `col:"pseudonym" doc:"As it stands in the other tables."`
	Kind      string `col:"kind" doc:"id, name, birth or contact."`
	Sealed    string `col:"sealed" doc:"The value as seen on the wire, sealed with AES-256-GCM under the case's key, base64; one row a spelling."`
}

var vaultRows = event.NewPlain[VaultRow]("phi_vault", "What pseudonyms stand for, sealed: only who has the key can name a patient.")

// NewVault makes a vault for a key of KeyLen bytes. With clear, patient data stays as it is.
func NewVault(key []byte, clear bool) (*Vault, error) {
	if len(key) != KeyLen {
		return nil, fmt.Errorf("the patient-data key has %d bytes instead of %d", len(key), KeyLen)
	}
	block, err := aes.NewCipher(derive(key, "seal"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Vault{clear: clear, key: key, mac: hmac.New(sha256.New, derive(key, "pseudonym")), aead: aead,
		seal: derive(key, "nonce"), known: map[vaultKey]struct{}{}}, nil
}

func derive(key []byte, purpose string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("wardtrace " + purpose))
	return m.Sum(nil)
}

// Fingerprint names the key without giving it away.
func (v *Vault) Fingerprint() string { return hex.EncodeToString(derive(v.key, "fingerprint")[:8]) }

var kindNames = map[event.PHI]string{event.PHIID: "id", event.PHIName: "name", event.PHIBirth: "birth", event.PHIContact: "contact", event.PHIFree: "free"}

// Protect gives what the case holds in place of a value.
func (v *Vault) Protect(kind event.PHI, value string) string {
	if v.clear {
		return strings.ToValidUTF8(value, "\uFFFD")
	}
	if strings.Trim(value, "*?") == "" { // a query for everyone names no one
		return value
	}
	name := kindNames[kind]
	normal := Normalise(kind, value)
	v.mac.Reset()
	v.mac.Write([]byte(name))
	v.mac.Write([]byte{0})
	v.mac.Write([]byte(normal))
	sum := hex.EncodeToString(v.mac.Sum(nil)[:8])
	if kind == event.PHIFree {
		return fmt.Sprintf("free:%d:%s", utf8.RuneCountInString(value), sum)
	}
	p := name + ":" + sum
	if k := (vaultKey{p, value}); len(v.known) < maxVault {
		v.known[k] = struct{}{}
	} else {
		v.full = true
	}
	return p
}

// Normalise gives the form of a value in which different protocols and spellings of the same patient agree.
func Normalise(kind event.PHI, value string) string {
	value = strings.ToValidUTF8(value, "\uFFFD")
	switch kind {
	case event.PHIID:
		return strings.ToUpper(strings.Join(strings.Fields(value), ""))
	case event.PHIName: // family and given name, as in FAMILY^GIVEN^MIDDLE^...; what follows = repeats it in other scripts
		first, _, _ := strings.Cut(strings.ToUpper(value), "=")
		parts := strings.Split(first, "^")
		if len(parts) == 1 {
			parts = strings.FieldsFunc(first, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
		}
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		return strings.TrimRight(strings.Join(parts[:min(len(parts), 2)], "^"), "^")
	case event.PHIBirth: // YYYYMMDD however it is written; a time of day is not part of it
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, value)
		return digits[:min(len(digits), 8)]
	case event.PHIContact:
		return strings.ToUpper(strings.Join(strings.Fields(value), " "))
	}
	return value
}

// rows adds the vault's rows, in order, so that the case does not depend on which shard came first.
func (v *Vault) rows(b *event.Batch) {
	keys := make([]vaultKey, 0, len(v.known))
	for k := range v.known {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].pseudonym != keys[j].pseudonym {
			return keys[i].pseudonym < keys[j].pseudonym
		}
		return keys[i].value < keys[j].value
	})
	for _, k := range keys {
		kind, _, _ := strings.Cut(k.pseudonym, ":")
		vaultRows.Add(b, VaultRow{Pseudonym: k.pseudonym, Kind: kind, Sealed: v.sealed(k)})
	}
}

// sealed encrypts a value under a nonce made from the value, so that the same case comes out every time. Equal values
// give equal seals, which the pseudonym beside them says anyway.
func (v *Vault) sealed(k vaultKey) string {
	m := hmac.New(sha256.New, v.seal)
	m.Write([]byte(k.pseudonym))
	m.Write([]byte{0})
	m.Write([]byte(k.value))
	nonce := m.Sum(nil)[:v.aead.NonceSize()]
	return base64.StdEncoding.EncodeToString(v.aead.Seal(nonce, nonce, []byte(k.value), []byte(k.pseudonym)))
}

// Open gives the value that was sealed for a pseudonym.
func (v *Vault) Open(pseudonym, sealed string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < v.aead.NonceSize() {
		return "", fmt.Errorf("the sealed value of %s is damaged", pseudonym)
	}
	n := v.aead.NonceSize()
	plain, err := v.aead.Open(nil, raw[:n], raw[n:], []byte(pseudonym))
	if err != nil {
		return "", fmt.Errorf("the sealed value of %s does not open with this key: %w", pseudonym, err)
	}
	return string(plain), nil
}
