package dicom

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

// What follows is written by hand from PS3.7 and PS3.8, since no peer sends it.

func item(kind byte, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(binary.BigEndian.AppendUint16([]byte{kind, 0}, uint16(len(b))), b...)
}

func pduOf(kind byte, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(binary.BigEndian.AppendUint32([]byte{kind, 0}, uint32(len(b))), b...)
}

func pdvOf(ctx, control byte, body []byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+2)), ctx, control), body...)
}

const (
	ctImage  = "1.2.840.10008.5.1.4.1.1.2"
	implicit = "1.2.840.10008.1.2"
)

func associate(kind byte, class string) []byte {
	ctx := item(0x20, []byte{1, 0, 0, 0}, item(0x30, []byte(class)), item(0x40, []byte(implicit)))
	if kind == 2 {
		ctx = item(0x21, []byte{1, 0, 0, 0}, item(0x40, []byte(implicit)))
	}
	fixed := fmt.Sprintf("\x00\x01\x00\x00%-16s%-16s%s", "PACS_LAB", "CT_1", strings.Repeat("\x00", 32))
	return pduOf(kind, []byte(fixed), item(0x10, []byte("1.2.840.10008.3.1.1.1")), ctx,
		item(0x50, item(0x51, []byte{0, 0, 64, 0}), item(0x52, []byte("1.2.3"))))
}

func element(group, el uint16, v string) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(le.AppendUint16(le.AppendUint16(nil, group), el), uint32(len(v)))
	return append(b, v...)
}

func num(n uint16) string { return string(binary.LittleEndian.AppendUint16(nil, n)) }

func storeCommand(id uint16) []byte {
	return bytes.Join([][]byte{element(0, 0x0000, "\x40\x00\x00\x00"), element(0, 0x0002, ctImage+"\x00"), element(0, 0x0100, num(1)), element(0, 0x0110, num(id)),
		element(0, 0x0700, num(0)), element(0, 0x0800, num(1)), element(0, 0x1000, "1.2.3."+fmt.Sprint(id))}, nil)
}

func image(id int) []byte {
	return bytes.Join([][]byte{element(0x0008, 0x0018, fmt.Sprintf("1.2.3.%d", id)), element(0x0010, 0x0010, "LABPATIENT^HAND "),
		element(0x0010, 0x0020, "LAB-77"), element(0x7FE0, 0x0010, "pixels")}, nil)
}

func talk(parts ...[]byte) dissecttest.Conversation {
	return dissecttest.Bytes(dissect.TCP, "10.20.3.11:40000", "10.20.3.20:104", parts...)
}

var released = pduOf(5, []byte{0, 0, 0, 0})

// TestFragments: one C-STORE in all the ways fragments may be cut (PS3.8 annex E.2).
func TestFragments(t *testing.T) {
	cmd, set := storeCommand(1), image(1)
	halves := func(b []byte) ([]byte, []byte) { return b[:len(b)/2], b[len(b)/2:] }
	c1, c2 := halves(cmd)
	s1, s2 := halves(set)
	for name, data := range map[string][]byte{
		"one fragment a PDU":          append(pduOf(4, pdvOf(1, 3, cmd)), pduOf(4, pdvOf(1, 2, set))...),
		"command and data in one PDU": pduOf(4, pdvOf(1, 3, cmd), pdvOf(1, 2, set)),
		"both halved, all in one PDU": pduOf(4, pdvOf(1, 1, c1), pdvOf(1, 3, c2), pdvOf(1, 0, s1), pdvOf(1, 2, s2)),
		"PDU ends inside the command": append(pduOf(4, pdvOf(1, 1, c1)), pduOf(4, pdvOf(1, 3, c2), pdvOf(1, 2, set))...),
		"empty last fragments":        pduOf(4, pdvOf(1, 1, cmd), pdvOf(1, 3, nil), pdvOf(1, 0, set), pdvOf(1, 2, nil)),
		"odd fragments":               pduOf(4, pdvOf(1, 3, cmd), pdvOf(1, 0, set[:5]), pdvOf(1, 2, set[5:])),
		"an empty PDU before":         append(pduOf(4), pduOf(4, pdvOf(1, 3, cmd), pdvOf(1, 2, set))...),
	} {
		t.Run(name, func(t *testing.T) {
			c := talk(associate(1, ctImage), associate(2, ctImage), append(data, released...))
			b := dissecttest.Run(&Protocol, &c)
			m, d := one(t, messages.Get(b)), one(t, datasets.Get(b))
			if !m.Complete || m.Command != "C-STORE-RQ" || m.SOPInstance != "1.2.3.1" || m.DatasetBytes != int64(len(set)) {
				t.Errorf("message %+v", m)
			}
			if !d.Complete || d.PatientID != "LAB-77" || d.PixelBytes != 6 || d.PixelDigest == "" {
				t.Errorf("data set %+v", d)
			}
			if n := len(event.Anomalies.Get(b)); n > 0 {
				t.Errorf("anomalies\n%s", dissecttest.Dump(b))
			}
			dissecttest.Suite(t, &Protocol, []dissecttest.Conversation{c})
		})
	}
}

// TestViolations: each leaves its anomaly, and what follows is still read.
func TestViolations(t *testing.T) {
	cmd, set := storeCommand(1), image(1)
	good := pduOf(4, pdvOf(1, 3, storeCommand(2)), pdvOf(1, 2, image(2)))
	for name, tt := range map[string]struct {
		data []byte
		want string
	}{
		"fragment longer than its PDU":   {pduOf(4, binary.BigEndian.AppendUint32(nil, 999), []byte{1, 3, 0, 0}), "dicom_bad_fragment"},
		"fragment of one byte":           {pduOf(4, binary.BigEndian.AppendUint32(nil, 1), []byte{1, 3, 0, 0}), "dicom_bad_fragment"},
		"rest too short for a fragment":  {pduOf(4, pdvOf(1, 3, cmd), pdvOf(1, 2, set), []byte{0, 0, 0}), "dicom_bad_fragment"},
		"unknown PDU":                    {pduOf(8, []byte{1, 2, 3, 4}), "dicom_unknown_pdu"},
		"unknown context":                {pduOf(4, pdvOf(7, 3, cmd), pdvOf(7, 2, set)), "dicom_unknown_context"},
		"even context":                   {pduOf(4, pdvOf(2, 3, cmd), pdvOf(2, 2, set)), "dicom_unknown_context"},
		"second command before the data": {pduOf(4, pdvOf(1, 3, cmd)), "dicom_unfinished_message"},
		"data without a command":         {pduOf(4, pdvOf(1, 3, cmd), pdvOf(1, 2, set), pdvOf(1, 2, set)), "dicom_unexpected_dataset"},
		"unknown command":                {pduOf(4, pdvOf(1, 3, element(0, 0x0100, num(0x7777)))), "dicom_bad_command"},
		"command cut in an element":      {pduOf(4, pdvOf(1, 3, cmd[:len(cmd)-3]), pdvOf(1, 2, set)), "dicom_bad_command"},
		"command of 20 kilobytes":        {pduOf(4, pdvOf(1, 3, append(element(0, 0x0100, num(1)), element(0, 0x0902, strings.Repeat("x", 20000))...))), "dicom_bad_command"},
		"data set that is none":          {pduOf(4, pdvOf(1, 3, cmd), pdvOf(1, 2, []byte("\xFE\xFF\x00\xE0\x00\x00\x00\x00"))), "dicom_bad_dataset"},
		"longer than the receiver takes": {pduOf(4, pdvOf(1, 3, cmd), pdvOf(1, 2, append(set, make([]byte, 17000)...))), "dicom_pdu_over_maximum"},
		"second association":             {associate(1, ctImage), "dicom_second_associate"},
		"release of eight bytes":         {pduOf(5, make([]byte, 8)), "dicom_bad_pdu_length"},
	} {
		t.Run(name, func(t *testing.T) {
			c := talk(associate(1, ctImage), associate(2, ctImage), append(tt.data, append(good, released...)...))
			b := dissecttest.Run(&Protocol, &c)
			found := false
			for _, a := range event.Anomalies.Get(b) {
				found = found || a.V.Kind == tt.want
				if strings.Contains(a.V.Detail, "LAB") {
					t.Errorf("patient data in %q", a.V.Detail)
				}
			}
			if !found {
				t.Errorf("no %s\n%s", tt.want, dissecttest.Dump(b))
			}
			last := messages.Get(b)
			if len(last) == 0 || last[len(last)-1].V.SOPInstance != "1.2.3.2" || !last[len(last)-1].V.Complete {
				t.Errorf("the message after it was not read\n%s", dissecttest.Dump(b))
			}
		})
	}
}

// TestAnomalyCap: a peer that errs without end does not fill the case.
func TestAnomalyCap(t *testing.T) {
	c := talk(associate(1, ctImage), associate(2, ctImage), bytes.Repeat(pduOf(4, binary.BigEndian.AppendUint32(nil, 999), []byte{1, 3, 0, 0}), 500))
	b := dissecttest.Run(&Protocol, &c)
	rows := event.Anomalies.Get(b)
	if len(rows) != maxAnomalies || !strings.Contains(rows[len(rows)-1].V.Detail, "not listed") {
		t.Errorf("%d anomalies\n%s", len(rows), dissecttest.Dump(b))
	}
}

// TestHugeRequest: an A-ASSOCIATE-RQ that claims a megabyte is read as far as its cap, and the rest passed over.
func TestHugeRequest(t *testing.T) {
	rq := associate(1, ctImage)
	body := append(rq[pduHeader:], bytes.Repeat(item(0x77, make([]byte, 1000)), 1000)...)
	c := talk(pduOf(1, body), associate(2, ctImage), append(pduOf(4, pdvOf(1, 3, storeCommand(1)), pdvOf(1, 2, image(1))), released...))
	b := dissecttest.Run(&Protocol, &c)
	a, m := one(t, associations.Get(b)), one(t, messages.Get(b))
	if a.CallingAE != "CT_1" || a.Ended != "released" || a.ContextsProposed != 1 || !m.Complete {
		t.Errorf("%+v\n%+v", a, m)
	}
}

// TestUserConfirmed: the acceptor answers a user identity with an item of its own (PS3.7 D.3.3.7.2). The libraries at hand
// send it for tokens alone.
func TestUserConfirmed(t *testing.T) {
	identity := item(0x58, []byte("\x02\x01\x00\x04tech\x00\x06s3cret"))
	rq, ac := associate(1, ctImage), associate(2, ctImage)
	rq = pduOf(1, rq[pduHeader:], item(0x50, identity))
	for name, answer := range map[string][]byte{"no answer": nil, "confirmed": item(0x50, item(0x59, []byte{0, 0}))} {
		c := talk(rq, pduOf(2, ac[pduHeader:], answer), released)
		b := dissecttest.Run(&Protocol, &c)
		a := one(t, associations.Get(b))
		if a.UserIdentity != "username_passcode" || a.UserName != "tech" || a.UserSecretBytes.V != 6 || !a.UserConfirmed.OK || a.UserConfirmed.V != (answer != nil) {
			t.Errorf("%s: %+v", name, a)
		}
		if strings.Contains(dissecttest.Dump(b), "s3cret") {
			t.Errorf("%s: the passcode is in the rows", name)
		}
	}
}

// TestDevice: who made the objects is said of the sender only where they agree.
func TestDevice(t *testing.T) {
	from := func(serial string) []byte {
		return bytes.Join([][]byte{element(0x0008, 0x0060, "CT"), element(0x0008, 0x0070, "LAB IMAGING "), element(0x0018, 0x1000, serial)}, nil)
	}
	moved := append(storeCommand(1), element(0, 0x1030, "SOMEONE ")...)
	for name, tt := range map[string]struct {
		data   []byte
		vendor int
		role   string
	}{
		"one device":  {pduOf(4, pdvOf(1, 3, storeCommand(1)), pdvOf(1, 2, from("SN1 ")), pdvOf(1, 3, storeCommand(2)), pdvOf(1, 2, from("SN1 "))), 1, "dicom_storage_scu"},
		"two devices": {pduOf(4, pdvOf(1, 3, storeCommand(1)), pdvOf(1, 2, from("SN1 ")), pdvOf(1, 3, storeCommand(2)), pdvOf(1, 2, from("SN2 "))), 0, "dicom_forwarder"},
		"by a C-MOVE": {pduOf(4, pdvOf(1, 3, moved), pdvOf(1, 2, from("SN1 "))), 0, "dicom_storage_scu"},
	} {
		t.Run(name, func(t *testing.T) {
			c := talk(associate(1, ctImage), associate(2, ctImage), tt.data)
			vendors, role := 0, false
			for _, id := range event.Identities.Get(dissecttest.Run(&Protocol, &c)) {
				if id.V.Attribute == "vendor" {
					vendors++
				}
				role = role || (id.V.Value == tt.role && id.V.IP == "10.20.3.11")
			}
			if vendors != tt.vendor || !role {
				t.Errorf("%d vendors, role %v", vendors, role)
			}
		})
	}
}
