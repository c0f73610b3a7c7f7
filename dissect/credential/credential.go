// Package credential knows user names and passwords that products are shipped with.
//
// The list holds hashes only: of pairs that half the world's devices have had (admin and its kin), of those that the
// Mirai worm tried (CISA alert TA16-288A), of pairs in the NVD's descriptions of the CVEs that ICSMA-18-037-02 stands on, and of a
// maker of serial device servers, which are found in front of medical devices. The dissectors of protocols that carry
// passwords in clear ask it while they have the password in their hands; it is never stored.
//
// Not in it are the passwords that infusion pumps and tube stations have in common (ICSMA-17-250-02A, ICSMA-20-170-04, ICSA-15-125-01B,
// ICSMA-21-215-01): the advisories say that there are some, not what they are. Logins on such devices are found by rules on who they are.
//
// To add a pair: put the result of Hash into tags.go, with its source.
//
// Limits: a hash of a pair that everybody knows hides nothing; it keeps passwords out of the program's text and of what
// scans it. Uncertain: pairs of makers were taken from public texts and not tried on devices. An entry that is wrong
// can only fail to match.
package credential

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// salt keeps the hashes from being those of any other list.
const salt = "wardtrace default credential\x00"

// hashLen is how much of the hash is kept: 128 bits.
const hashLen = 16

// source is where a pair was published.
type source uint8

const (
	generic source = iota
	mirai
	geMedical
	serial
)

func (s source) String() string {
	return [...]string{"generic", "TA16-288A", "ICSMA-18-037-02", "serial device server"}[s&3]
}

// Known tells whether a product is shipped with this user and password, and which advisory says so; "generic" is the
// advisory of everybody. The user's name is taken without regard to case and surrounding space, the password as it is.
func Known(user, password string) (advisory string, ok bool) {
	s, ok := known[Hash(user, password)]
	if !ok {
		return "", false
	}
	return s.String(), true
}

// Hash is the entry of a pair in the list.
func Hash(user, password string) string {
	sum := sha256.Sum256([]byte(salt + strings.ToLower(strings.TrimSpace(user)) + "\x00" + password))
	return hex.EncodeToString(sum[:hashLen])
}
