package flow

import (
	"net/netip"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
)

// orient decides at the first packet which side is the client.
func (f *Flow) orient(p *packet.Packet, server func(dissect.Transport, uint16) bool) {
	flip := false
	switch {
	case f.loose:
	case p.Radio.From != packet.SenderUnknown: // the capture tells
		flip = p.Radio.From == packet.SenderServer
	case p.Transport == dissect.BLE && p.SrcMAC == (dissect.MAC{}):
		f.Guessed = true
	case f.tcp:
		flip = f.orientTCP(p, server)
	case p.Transport == dissect.UDP, p.Transport == dissect.SCTP:
		flip = f.orientPorts(p, server)
	case p.Transport == dissect.ICMP, p.Transport == dissect.ICMPv6:
		other, oneWay := counterpart(p)
		f.icmp, f.oneWay = [2]uint16{uint16(p.ICMPType), other}, oneWay
		if reply(p) && !toGroup(p) {
			flip, f.Guessed = true, true
			f.icmp = [2]uint16{other, uint16(p.ICMPType)}
		}
	}
	f.Client, f.Server = netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)
	if f.loose || p.Transport == dissect.ICMP || p.Transport == dissect.ICMPv6 || p.Transport == dissect.OtherIP {
		f.Client, f.Server = netip.AddrPortFrom(p.Src, 0), netip.AddrPortFrom(p.Dst, 0)
	}
	if !p.Src.IsValid() {
		f.Client, f.Server = netip.AddrPort{}, netip.AddrPort{}
	}
	if flip {
		f.Client, f.Server = f.Server, f.Client
		f.fromA = !f.fromA
		if f.tcp || p.Transport == dissect.UDP {
			f.letter('^')
		}
	}
}

// orientTCP: a SYN comes from the client, a SYN+ACK from the server; without either the ports are asked. A SYN+ACK sent
// as a scan looks the same as one whose SYN was lost, so that is a guess too.
func (f *Flow) orientTCP(p *packet.Packet, server func(dissect.Transport, uint16) bool) (flip bool) {
	switch p.TCP.Flags & (packet.SYN | packet.ACK) {
	case packet.SYN:
		return false
	case packet.SYN | packet.ACK:
		f.midstream, f.Guessed = true, true
		return true
	}
	f.midstream, f.Guessed = true, true
	switch src, dst := rank(p.Transport, p.SrcPort, server), rank(p.Transport, p.DstPort, server); {
	case src != dst:
		return src > dst
	default: // of two ports alike, services have the lower one
		return p.SrcPort < p.DstPort
	}
}

// orientPorts: who speaks first is the client, unless only its port is one that servers have: then the request came
// before the capture began. It is no guess when the ports agree with the order, or when the packet goes to a group.
func (f *Flow) orientPorts(p *packet.Packet, server func(dissect.Transport, uint16) bool) (flip bool) {
	if toGroup(p) {
		return false
	}
	src, dst := rank(p.Transport, p.SrcPort, server), rank(p.Transport, p.DstPort, server)
	f.Guessed = dst <= src
	return src > dst && src >= wellKnown
}

// The ranks of a port, by how much it speaks for a server.
const (
	ephemeral = iota // 49152 and up: RFC 6335 reserves them for clients
	ordinary
	wellKnown // below 1024
	served    // a protocol that is decoded lives there
)

func rank(t dissect.Transport, port uint16, server func(dissect.Transport, uint16) bool) int {
	switch {
	case server != nil && server(t, port):
		return served
	case port < 1024 && port != 0:
		return wellKnown
	case port >= 49152:
		return ephemeral
	}
	return ordinary
}

// toGroup tells whether p goes to a group or to everybody: those are nobody's clients.
func toGroup(p *packet.Packet) bool {
	const groupBit = 1 // of the first byte of a hardware address (IEEE 802-2014, 8.2)
	return p.Dst.IsMulticast() || broadcast(p.Dst) || p.DstMAC[0]&groupBit != 0
}
