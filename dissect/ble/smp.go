package ble

import (
	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// The security manager's packets (Vol 3 Part H 3.3).
const (
	smpRequest   = 0x01
	smpResponse  = 0x02
	smpFailed    = 0x05
	smpKey       = 0x06
	smpSecurity  = 0x0b
	smpPublicKey = 0x0c
)

// features are what a side offers in pairing (3.5.1): IO capability, OOB, AuthReq, key size.
type features struct {
	seen        bool
	io          ioCapability
	oob         bool
	auth        uint8
	maxKeyBytes uint8
}

const (
	authBonding = 0x03
	authMITM    = 0x04
	authSecure  = 0x08
)

type ioCapability uint8

var ioNames = [...]string{"display_only", "display_yes_no", "keyboard_only", "none", "keyboard_display"}

func (c ioCapability) String() string {
	if int(c) < len(ioNames) {
		return ioNames[c]
	}
	return ""
}

const (
	displayYesNo    = 1
	keyboardOnly    = 2
	noInputOutput   = 3
	keyboardDisplay = 4
)

// smp reads a packet of the security manager. No key is kept.
func (d *dissector) smp(l *link, handle event.Opt[int64], seg *dissect.Segment, cur *cursor.Cursor, out *event.Batch) {
	switch op := cur.U8(); op {
	case smpRequest, smpResponse:
		f := features{seen: true, io: ioCapability(cur.U8()), oob: cur.U8() == 1, auth: cur.U8(), maxKeyBytes: cur.U8()}
		if cur.Short() {
			return
		}
		r := f.row()
		if op == smpRequest {
			l.pairing[0] = f
			r.Step = "pairing_request"
		} else {
			l.pairing[1] = f
			r.Step = "pairing_response"
			if l.pairing[0].seen {
				r.Method = method(l.pairing[0], f)
				r.Secure = event.Some(l.pairing[0].auth&f.auth&authSecure != 0)
			}
		}
		d.secure(seg, handle, r, out)
	case smpFailed:
		d.secure(seg, handle, Security{Step: "pairing_failed", Reason: event.Some(int64(cur.U8()))}, out)
	case smpSecurity:
		auth := cur.U8()
		d.secure(seg, handle, Security{Step: "security_request", MITM: event.Some(auth&authMITM != 0), Bonding: event.Some(auth&authBonding != 0)}, out)
	case smpPublicKey:
		d.secure(seg, handle, Security{Step: "public_key"}, out)
	case smpKey:
		d.secure(seg, handle, Security{Step: "key_distribution"}, out)
	}
}

func (f features) row() Security {
	return Security{IO: f.io.String(), MITM: event.Some(f.auth&authMITM != 0), Bonding: event.Some(f.auth&authBonding != 0),
		Secure: event.Some(f.auth&authSecure != 0), KeySize: event.Some(int64(f.maxKeyBytes))}
}

// method is how both sides agree (3.5.1, tables 2.6 to 2.8): a is the initiator.
func method(a, b features) string {
	secure := a.auth&b.auth&authSecure != 0
	switch {
	case a.oob && b.oob, secure && (a.oob || b.oob):
		return "oob"
	case (a.auth|b.auth)&authMITM == 0, a.io == noInputOutput, b.io == noInputOutput:
		return "just_works"
	case a.io >= keyboardOnly && b.io >= keyboardOnly && !(secure && a.io == keyboardDisplay && b.io == keyboardDisplay):
		return "passkey"
	case a.io == keyboardOnly || b.io == keyboardOnly:
		return "passkey"
	case secure && compares(a.io) && compares(b.io):
		return "numeric_comparison"
	case a.io == keyboardDisplay || b.io == keyboardDisplay:
		return "passkey"
	}
	return "just_works"
}

// compares tells whether a side can show a number and be told yes or no.
func compares(c ioCapability) bool { return c == displayYesNo || c == keyboardDisplay }
