package dataset

import "fmt"

// Tag is a data element tag: group << 16 | element.
type Tag uint32

// Group is the tag's first half.
func (t Tag) Group() uint16 { return uint16(t >> 16) }

// Element is the tag's second half.
func (t Tag) Element() uint16 { return uint16(t) }

// Private tells whether a manufacturer defines the tag (PS3.5 7.8: odd group).
func (t Tag) Private() bool { return t>>16&1 == 1 }

// String gives the tag as (0010,0020).
func (t Tag) String() string { return fmt.Sprintf("(%04x,%04x)", t.Group(), t.Element()) }

// Keyword is the tag's name in PS3.6, or the tag itself where this package does not know it.
func (t Tag) Keyword() string {
	if i, ok := tags[t]; ok {
		return i.keyword
	}
	return t.String()
}

// VR is a value representation, its two letters in one number.
type VR uint16

// The value representations that the reader tells apart.
const (
	vrNone VR = 0 // implicit VR, tag not in the table
	vrAE   VR = 'A'<<8 | 'E'
	vrAS   VR = 'A'<<8 | 'S'
	vrAT   VR = 'A'<<8 | 'T'
	vrCS   VR = 'C'<<8 | 'S'
	vrDA   VR = 'D'<<8 | 'A'
	vrDS   VR = 'D'<<8 | 'S'
	vrDT   VR = 'D'<<8 | 'T'
	vrFD   VR = 'F'<<8 | 'D'
	vrFL   VR = 'F'<<8 | 'L'
	vrIS   VR = 'I'<<8 | 'S'
	vrLO   VR = 'L'<<8 | 'O'
	vrLT   VR = 'L'<<8 | 'T'
	vrOB   VR = 'O'<<8 | 'B'
	vrOD   VR = 'O'<<8 | 'D'
	vrOF   VR = 'O'<<8 | 'F'
	vrOL   VR = 'O'<<8 | 'L'
	vrOV   VR = 'O'<<8 | 'V'
	vrOW   VR = 'O'<<8 | 'W'
	vrPN   VR = 'P'<<8 | 'N'
	vrSH   VR = 'S'<<8 | 'H'
	vrSL   VR = 'S'<<8 | 'L'
	vrSQ   VR = 'S'<<8 | 'Q'
	vrSS   VR = 'S'<<8 | 'S'
	vrST   VR = 'S'<<8 | 'T'
	vrSV   VR = 'S'<<8 | 'V'
	vrTM   VR = 'T'<<8 | 'M'
	vrUC   VR = 'U'<<8 | 'C'
	vrUI   VR = 'U'<<8 | 'I'
	vrUL   VR = 'U'<<8 | 'L'
	vrUN   VR = 'U'<<8 | 'N'
	vrUR   VR = 'U'<<8 | 'R'
	vrUS   VR = 'U'<<8 | 'S'
	vrUT   VR = 'U'<<8 | 'T'
	vrUV   VR = 'U'<<8 | 'V'
)

// known tells whether v is a value representation of PS3.5 6.2.
func (v VR) known() bool {
	switch v {
	case vrAE, vrAS, vrAT, vrCS, vrDA, vrDS, vrDT, vrFD, vrFL, vrIS, vrLO, vrLT, vrPN, vrSH, vrSL, vrSS, vrST, vrTM, vrUI, vrUL, vrUS:
		return true
	}
	return v.long()
}

// long tells whether v has a 32-bit length behind two reserved bytes (PS3.5 7.1.2, table 7.1-1).
func (v VR) long() bool {
	switch v {
	case vrOB, vrOD, vrOF, vrOL, vrOV, vrOW, vrSQ, vrSV, vrUC, vrUN, vrUR, vrUT, vrUV:
		return true
	}
	return false
}

// binary tells whether values are numbers or bytes rather than text.
func (v VR) binary() bool {
	switch v {
	case vrAT, vrFD, vrFL, vrOB, vrOD, vrOF, vrOL, vrOV, vrOW, vrSL, vrSS, vrSV, vrSQ, vrUL, vrUN, vrUS, vrUV:
		return true
	}
	return false
}

// letters tells whether v may be a value representation that a later edition of the standard adds: two capitals. All that
// come have the long form (PS3.5 6.2, 7.1.2).
func (v VR) letters() bool {
	a, b := v>>8, v&0xFF
	return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z'
}

// charset tells whether (0008,0005) governs values of v (PS3.5 6.1.2.2).
func (v VR) charset() bool {
	switch v {
	case vrLO, vrLT, vrPN, vrSH, vrST, vrUC, vrUT:
		return true
	}
	return false
}

// Undefined as an element's length: the value ends by a delimiter (PS3.5 7.1.1).
const Undefined = 0xFFFFFFFF

// Element is the header of one data element.
type Element struct {
	Tag      Tag
	VR       VR     // from the wire, or from the dictionary; 0 if neither knows
	Length   uint32 // claimed
	Depth    int    // number of sequences around it
	Item     int    // number of the innermost one's item, from 1
	Parent   Tag    // the innermost of them
	Fragment bool   // a fragment of encapsulated pixel data (PS3.5 A.4); Tag is the pixel data's
	Big      bool   // numbers are big endian
}

// Syntax is what a transfer syntax says about the encoding of a data set.
type Syntax struct {
	Implicit  bool
	BigEndian bool
	Deflated  bool
	Guess     bool // not negotiated or not seen: the first element tells
}

// SyntaxOf gives the encoding of a transfer syntax (PS3.5 section 10 and annex A). All that the standard added since
// 1993, and so those unknown here, are explicit VR little endian. The empty UID is a guess.
func SyntaxOf(uid string) Syntax {
	switch uid {
	case "":
		return Syntax{Guess: true}
	case "1.2.840.10008.1.2", "1.2.840.113619.5.2", "1.2.840.10008.1.20": // and GE private, Papyrus 3
		return Syntax{Implicit: true}
	case "1.2.840.10008.1.2.2":
		return Syntax{BigEndian: true}
	case "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205":
		return Syntax{Deflated: true}
	}
	return Syntax{}
}

// Name is the keyword that PS3.6 table A-1 gives to a SOP class or transfer syntax, or "" if it has none.
func Name(uid string) string { return uidNames[uid] }

// ValidUID tells whether s is a UID (PS3.5 9.1): digits and dots, up to 64 characters.
func ValidUID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
