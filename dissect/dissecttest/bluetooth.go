package dissecttest

import (
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// radioKey names a Bluetooth conversation as the flow table does.
type radioKey struct {
	transport dissect.Transport
	access    uint32
	src, dst  dissect.MAC
}

// radio collects the packets of Bluetooth captures; byKey and order grow.
func radio(byKey map[radioKey]*building, order *[]*building, link packet.LinkType, data []byte, ref event.Ref) {
	p := packet.Packet{Ref: ref, Link: link, CapLen: len(data), WireLen: len(data)}
	packet.NewDecoder().Decode(&p, data)
	k := radioKey{p.Transport, p.Radio.Access, p.SrcMAC, p.DstMAC}
	b := byKey[k]
	if b == nil {
		b = &building{c: Conversation{Conn: dissect.Conn{Flow: uint64(ref.File)<<32 | uint64(ref.Frame), Transport: p.Transport,
			ClientMAC: p.SrcMAC, ServerMAC: p.DstMAC, Guessed: p.Radio.From == packet.SenderUnknown && p.SrcMAC == dissect.MAC{}}}}
		byKey[k] = b
		*order = append(*order, b)
	}
	dir := dissect.FromClient
	if p.Radio.From == packet.SenderServer {
		dir = dissect.FromServer
	}
	if len(p.Payload) > 0 {
		b.c.Segments = append(b.c.Segments, Segment{Dir: dir, Data: p.Payload, Ref: ref})
	}
}

// isRadio tells whether a link type is one of Bluetooth.
func isRadio(link packet.LinkType) bool {
	switch link {
	case packet.LinkHCIH4, packet.LinkHCIH4Dir, packet.LinkBLE, packet.LinkBLEPseudo, packet.LinkNordicBLE:
		return true
	}
	return false
}
