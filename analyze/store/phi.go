package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math/bits"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"wardtrace/dissect/event"
)

// KeyLen is the length of the key behind the pseudonyms, bytes.
const KeyLen = 32

// Caps of the vault: what is kept for later naming. A hospital has fewer patients; a flood of invented ones must not fill the
// memory. Beyond them pseudonyms stay right, but some cannot be named from the case. Which ones must not depend on the order in which
// shards deliver: when there are too many, only those stay whose keyed digest begins with one more zero bit, and so on; what is left in the
// end is the same whatever came first.
const (
	maxVault     = 1 << 18 // spellings, three or four a patient: some 150 MB until they are written
	maxVaultText = 512     // bytes of a spelling; no name is longer
	maxGiven     = 1 << 14 // pseudonyms remembered; then all are forgotten and counted anew
)

// Vault turns patient data into pseudonyms. Protect may be called by any goroutine.
//
// An identifier, name, birth date or contact becomes the first 16 hex digits of HMAC-SHA256(key, kind | normal form), with
// the kind in front: id:3f..., name:..., birth:..., contact:.... The same patient so joins across protocols, and who has the key can
// test a guess or open the sealed value in phi_vault. Free text becomes free:LENGTH:DIGEST.
type Vault struct {
	clear bool
	key   []byte
	mac   hash.Hash
	aead  cipher.AEAD
	seal  []byte              // key of the synthetic nonces
	known map[vaultKey]uint64 // with the digest that decides who stays
	max   int                 // spellings
	zeros int                 // leading zero bits that a digest must have
	long  int64               // spellings not kept for their length

	mu    sync.Mutex
	given map[vaultValue]string // pseudonyms given of late: the same few patients stand in many rows
}

type vaultValue struct {
	kind  event.PHI
	value string
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
		seal: derive(key, "nonce"), known: map[vaultKey]uint64{}, max: maxVault, given: map[vaultValue]string{}}, nil
}

func derive(key []byte, purpose string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("wardtrace " + purpose))
	return m.Sum(nil)
}

// Fingerprint names the key without giving it away.
func (v *Vault) Fingerprint() string { return hex.EncodeToString(derive(v.key, "fingerprint")[:8]) }

var kindNames = map[event.PHI]string{event.PHIID: "id", event.PHIName: "name", event.PHIBirth: "birth", event.PHIContact: "contact", event.PHIFree: "free"}

// Protect gives what the case holds in place of a value; "" for a value that says nothing, such as ^^ for a name.
func (v *Vault) Protect(kind event.PHI, value string) string {
	if v.clear {
		return strings.ToValidUTF8(value, "\uFFFD")
	}
	if strings.Trim(value, "*?") == "" { // a query for everyone names no one
		return value
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	k := vaultValue{kind, value}
	p, ok := v.given[k]
	if !ok {
		p = v.pseudonym(kind, value)
		if len(v.given) >= maxGiven {
			clear(v.given)
		}
		if len(value) <= maxVaultText {
			v.given[k] = p
		}
	}
	return p
}

func (v *Vault) pseudonym(kind event.PHI, value string) string {
	name := kindNames[kind]
	normal := Normalise(kind, value)
	if normal == "" {
		return ""
	}
	v.mac.Reset()
	v.mac.Write([]byte(name))
	v.mac.Write([]byte{0})
	v.mac.Write([]byte(normal))
	sum := hex.EncodeToString(v.mac.Sum(nil)[:8])
	if kind == event.PHIFree {
		return fmt.Sprintf("free:%d:%s", utf8.RuneCountInString(value), sum)
	}
	p := name + ":" + sum
	v.keep(vaultKey{p, value})
	return p
}

// keep remembers a spelling for the vault, within its caps.
func (v *Vault) keep(k vaultKey) {
	if _, ok := v.known[k]; ok {
		return
	}
	if len(k.value) > maxVaultText {
		v.long++
		return
	}
	if d := binary.BigEndian.Uint64(v.digest(k)); bits.LeadingZeros64(d) >= v.zeros {
		v.known[k] = d
	}
	for len(v.known) > v.max {
		v.zeros++
		for k, d := range v.known {
			if bits.LeadingZeros64(d) < v.zeros {
				delete(v.known, k)
			}
		}
	}
}

// digest names a spelling under the key.
func (v *Vault) digest(k vaultKey) []byte {
	m := hmac.New(sha256.New, v.seal)
	m.Write([]byte(k.pseudonym))
	m.Write([]byte{0})
	m.Write([]byte(k.value))
	return m.Sum(nil)
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
		if from, to, ok := strings.Cut(value, "-"); ok && len(from) == 8 && len(to) == 8 {
			return value // a query's range is nobody's birth date
		}
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, value)
		if digits == "" {
			return strings.ToUpper(strings.TrimSpace(value))
		}
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
	b.Begin(0, nil)
	if v.zeros > 0 {
		event.Anomalies.Emit(b, event.Ref{}, event.Anomaly{Kind: "vault_limit", Protocol: "store", Count: int64(v.max),
			Detail: fmt.Sprintf("more than %d spellings of patients' data: only one in %d is kept for naming them later", v.max, 1<<v.zeros)})
	}
	if v.long > 0 {
		event.Anomalies.Emit(b, event.Ref{}, event.Anomaly{Kind: "vault_long", Protocol: "store", Count: v.long,
			Detail: fmt.Sprintf("values longer than %d bytes in fields for patients' data are not kept for naming them later", maxVaultText)})
	}
}

// sealed encrypts a value under a nonce made from the value, so that the same case comes out every time. Equal values
// give equal seals, which the pseudonym beside them says anyway.
func (v *Vault) sealed(k vaultKey) string {
	nonce := v.digest(k)[:v.aead.NonceSize()]
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
