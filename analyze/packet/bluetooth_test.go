package packet

import (
	"bytes"
	"testing"

	"wardtrace/dissect"
)

// TestBluetooth holds that one packet of the air is the same in every format that carries it: hand-made; tshark 4.0 reads the three
// versions of Nordic's format the same way.
func TestBluetooth(t *testing.T) {
	air := []byte{0x77, 0xa2, 0xc1, 0x50, 0x02, 0x04, 1, 2, 3, 4, 0xaa, 0xbb, 0xcc} // access address, header, payload, CRC
	event := []byte{10, 0x03, 37, 60, 0, 0, 0, 0, 0, 0}                             // Nordic: CRC good, from the central
	pseudo := func(flags uint16) []byte {
		return append([]byte{5, 0xc8, 0x80, 0, 0x77, 0xa2, 0xc1, 0x50, byte(flags), byte(flags >> 8)}, air...)
	}
	for name, c := range map[string]struct {
		link LinkType
		data []byte
		from Sender
		bad  bool
	}{
		"251":                 {LinkBLE, air, SenderUnknown, false},
		"256 from central":    {LinkBLEPseudo, pseudo(0x0d01), SenderClient, false},
		"256 from peripheral": {LinkBLEPseudo, pseudo(0x0d81), SenderServer, false},
		"256 wrong CRC":       {LinkBLEPseudo, pseudo(0x0501), SenderUnknown, true},
		"256 still whitened":  {LinkBLEPseudo, pseudo(0x0d00), SenderUnknown, true},
		"272 version 1":       {LinkNordicBLE, cat([]byte{0, 6, 23, 1, 0, 0, 6}, event, air), SenderClient, false},
		"272 version 3":       {LinkNordicBLE, cat([]byte{0, 23, 0, 3, 0, 0, 6}, event, air), SenderClient, false},
		"272 wrong CRC":       {LinkNordicBLE, cat([]byte{0, 23, 0, 3, 0, 0, 6}, []byte{10, 2, 37, 60, 0, 0, 0, 0, 0, 0}, air), SenderUnknown, true},
		"PPI":                 {LinkPPI, cat([]byte{0, 0, 24, 0, 147, 0, 0, 0, 0x36, 0x75, 12, 0}, make([]byte, 12), air), SenderUnknown, false},
	} {
		p := Packet{Link: c.link, CapLen: len(c.data), WireLen: len(c.data)}
		NewDecoder().Decode(&p, c.data)
		want := air[:10]
		if c.bad {
			want = nil
		}
		if p.Transport != dissect.BLE || !bytes.Equal(p.Payload, want) || p.Radio.From != c.from || (p.Flags&BadSum != 0) != c.bad {
			t.Errorf("%s: %v, %d bytes, from %d, flags %#x", name, p.Transport, len(p.Payload), p.Radio.From, p.Flags)
		}
	}
}

// TestAdvertiser holds whose packet an advertisement, a scan and a connection request are (Core 5.4, Vol 6 Part B 2.3).
func TestAdvertiser(t *testing.T) {
	a, b := []byte{1, 0x55, 0x44, 0x33, 0x22, 0xc4}, []byte{2, 0, 0, 0, 0, 0xf0}
	adv := func(pdu byte, parts ...[]byte) []byte {
		body := cat(parts...)
		return cat([]byte{0xd6, 0xbe, 0x89, 0x8e, pdu, byte(len(body))}, body, []byte{0, 0, 0})
	}
	for name, c := range map[string]struct {
		data     []byte
		src, dst string
	}{
		"ADV_IND":     {adv(0, a, []byte{2, 1, 6}), "c4:22:33:44:55:01", ""},
		"SCAN_REQ":    {adv(3, b, a), "f0:00:00:00:00:02", "c4:22:33:44:55:01"},
		"CONNECT_IND": {adv(5, b, a, make([]byte, 22)), "f0:00:00:00:00:02", "c4:22:33:44:55:01"},
		"cut":         {adv(0, a[:3]), "", ""},
	} {
		p := Packet{Link: LinkBLE, CapLen: len(c.data), WireLen: len(c.data)}
		NewDecoder().Decode(&p, c.data)
		if p.SrcMAC.String() != c.src || p.DstMAC.String() != c.dst {
			t.Errorf("%s: %v to %v", name, p.SrcMAC, p.DstMAC)
		}
	}
}

// TestHCI holds who sends what: the direction where it is recorded, else the kind of packet.
func TestHCI(t *testing.T) {
	for name, c := range map[string]struct {
		link LinkType
		data []byte
		from Sender
	}{
		"command":           {LinkHCIH4, []byte{1, 3, 12, 0}, SenderClient},
		"event":             {LinkHCIH4, []byte{4, 0x0e, 1, 0}, SenderServer},
		"data":              {LinkHCIH4, []byte{2, 1, 0, 0, 0}, SenderUnknown},
		"data, sent":        {LinkHCIH4Dir, []byte{0, 0, 0, 0, 2, 1, 0, 0, 0}, SenderClient},
		"data, received":    {LinkHCIH4Dir, []byte{0, 0, 0, 1, 2, 1, 0, 0, 0}, SenderServer},
		"nothing but a way": {LinkHCIH4Dir, []byte{0, 0, 0, 1}, SenderServer},
	} {
		p := Packet{Link: c.link, CapLen: len(c.data), WireLen: len(c.data)}
		NewDecoder().Decode(&p, c.data)
		if p.Transport != dissect.HCI || p.Radio.From != c.from {
			t.Errorf("%s: %v from %d", name, p.Transport, p.Radio.From)
		}
	}
}
