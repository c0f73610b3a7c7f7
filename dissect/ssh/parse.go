package ssh

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// The messages that are read, RFC 4250 4.1.2.
const (
	msgKexinit    = 20
	msgNewkeys    = 21
	msgKexReply   = 31 // also KEX_DH_GEX_GROUP, RFC 4419
	msgKexGexRepl = 33
)

const packetHead = 5 // length and padding length, RFC 4253 6

// list numbers the name lists of KEXINIT, RFC 4253 7.1.
type list int

const (
	kexAlgorithms list = iota
	hostKeyAlgorithms
	cipherToServer
	cipherToClient
	macToServer
	macToClient
	compressionToServer
	compressionToClient
	lists
)

// kexinit holds the name lists as sent, up to the languages.
type kexinit [lists]string

// readKexinit reads the message after its number.
func readKexinit(cur cursor.Cursor) (k kexinit, ok bool) {
	cur.Skip(16) // cookie
	for i := range k {
		k[i] = strings.ToValidUTF8(cur.String(int(cur.U32()&0xfffff)), "\ufffd")
	}
	return k, !cur.Short()
}

// hassh is the MD5 of the algorithms that one side offers for what it sends.
func (k *kexinit) hassh(cipher, mac, compression list) string {
	sum := md5.Sum([]byte(strings.Join([]string{k[kexAlgorithms], k[cipher], k[mac], k[compression]}, ";")))
	return hex.EncodeToString(sum[:])
}

// agree gives the first name of the client's list that the server has too.
func agree(client, server string) string {
	theirs := map[string]bool{}
	for i, s := range strings.SplitN(server, ",", maxNames+1) {
		theirs[s] = i < maxNames
	}
	for _, s := range strings.SplitN(client, ",", maxNames+1) {
		if theirs[s] {
			return s[:min(len(s), maxName)]
		}
	}
	return ""
}

// weakIn gives the weak names of a list.
func weakIn(names string) []string {
	var out []string
	for _, s := range strings.SplitN(names, ",", maxNames+1) {
		if weakNames[s] {
			out = append(out, s)
		}
	}
	return out
}

// identification reads an identification string: SSH-protoversion-softwareversion SP comments.
func identification(line []byte) (version string, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("SSH-"))
	if !ok {
		return "", false
	}
	v, _, ok := bytes.Cut(rest, []byte{'-'})
	return string(v), ok && len(v) <= 8
}

// major is the version that a pair of identification strings leads to: 1.99 means both (RFC 4253 5.1).
func major(client, server string) event.Opt[int64] {
	switch {
	case client == "" || server == "":
		return event.Opt[int64]{}
	case strings.HasPrefix(client, "2") && (strings.HasPrefix(server, "2") || server == "1.99"),
		client == "1.99" && (server == "1.99" || strings.HasPrefix(server, "2")):
		return event.Some(int64(2))
	}
	return event.Some(int64(1))
}

// hostKey reads the key at the front of a key exchange reply: its fingerprint, and the size of an RSA modulus.
func hostKey(cur cursor.Cursor) (fingerprint string, bits event.Opt[int64]) {
	n := int(cur.U32())
	if n < 16 || n > maxPacket {
		return "", bits
	}
	blob := cur.Bytes(n)
	if cur.Short() {
		return "", bits
	}
	sum := sha256.Sum256(blob)
	fingerprint = "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
	key := cursor.New(blob)
	if key.String(int(key.U32()&0xff)) == "ssh-rsa" { // RFC 4253 6.6: e, then n
		key.Skip(int(key.U32() & 0xffff))
		modulus := bytes.TrimLeft(key.Bytes(int(key.U32()&0xffff)), "\x00")
		if !key.Short() {
			bits = event.Some(int64(len(modulus) * 8))
		}
	}
	return fingerprint, bits
}
