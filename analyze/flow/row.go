package flow

import (
	"fmt"
	"net/netip"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Row is a flow as the case keeps it.
type Row struct {
	FlowID    int64            `col:"flow_id" doc:"The flow, named by its first packet: file << 32 | frame."`
	TS        event.Time       `col:"ts" doc:"Time of the first packet, UTC."`
	Until     event.Time       `col:"until" doc:"Time of the last packet, UTC."`
	SrcIP     string           `col:"src_ip" doc:"Address of the client: who opened the conversation. NULL where there is no IP."`
	SrcPort   event.Opt[int64] `col:"src_port" doc:"Port of the client; for ICMP the type of the request. NULL where there are no ports."`
	DstIP     string           `col:"dst_ip" doc:"Address of the server: who was spoken to."`
	DstPort   event.Opt[int64] `col:"dst_port" doc:"Port of the server; for ICMP the type of the reply, or the code of a one-way message."`
	Proto     string           `col:"proto" doc:"tcp, udp, sctp, icmp, icmp6, ip for other IP protocols and loose fragments, arp, lldp and so on for what is not IP."`
	IPProto   event.Opt[int64] `col:"ip_proto" doc:"Protocol number of the IP header."`
	EtherType event.Opt[int64] `col:"ethertype" doc:"EtherType of what is not IP."`
	Service   string           `col:"service" doc:"Protocol that was recognised in the payload."`
	ConnState string           `col:"conn_state" doc:"Zeek's summary: S0 no answer, S1 open, SF normal, REJ refused, S2/S3 half closed, RSTO/RSTR aborted by client/server, RSTOS0, RSTRH, SH, SHR, OTH."`
	History   string           `col:"history" doc:"Zeek's letters in order of events, upper case from the client: s SYN, h SYN+ACK, a ACK, d data, f FIN, r RST, c bad checksum, g gap, t retransmission, w zero window, i FIN+RST, q SYN+FIN or SYN+RST; ^ turned round."`
	SrcPkts   uint64           `col:"src_packets" doc:"Packets of the client."`
	DstPkts   uint64           `col:"dst_packets" doc:"Packets of the server."`
	SrcBytes  uint64           `col:"src_bytes" doc:"Payload bytes in the client's packets, retransmissions counted again; equals the sum of tcp.len in Wireshark."`
	DstBytes  uint64           `col:"dst_bytes" doc:"Payload bytes in the server's packets, retransmissions counted again."`
	SrcStream event.Opt[int64] `col:"src_stream_bytes" doc:"TCP: payload bytes of the client by sequence numbers, as Zeek's orig_bytes."`
	DstStream event.Opt[int64] `col:"dst_stream_bytes" doc:"TCP: payload bytes of the server by sequence numbers, as Zeek's resp_bytes."`
	SrcIPByte uint64           `col:"src_ip_bytes" doc:"Bytes of the client's packets by the IP headers' length."`
	DstIPByte uint64           `col:"dst_ip_bytes" doc:"Bytes of the server's packets by the IP headers' length."`
	Missed    uint64           `col:"missed_bytes" doc:"TCP payload that the capture lost, both sides, by sequence numbers."`
	SrcMissed uint64           `col:"src_missed_bytes" doc:"Of these, the client's."`
	DstMissed uint64           `col:"dst_missed_bytes" doc:"Of these, the server's."`
	SrcMAC    string           `col:"src_mac" doc:"Hardware address on the client's side, as first seen: the router's if the client is behind one."`
	DstMAC    string           `col:"dst_mac" doc:"Hardware address on the server's side, as first seen."`
	VLAN      event.Opt[int64] `col:"vlan" doc:"Innermost VLAN of the first packet, NULL if untagged."`
	VLANOther event.Opt[int64] `col:"vlan_other" doc:"Another VLAN in which packets of the flow were seen, 0 for untagged."`
	Tunnel    string           `col:"tunnel" doc:"Outer headers of the first packet, outermost first."`
	Tunnels   bool             `col:"tunnel_mixed" doc:"The flow was seen inside a tunnel and outside of it."`
	Community string           `col:"community_id" doc:"Community ID, version 1, to find the flow in other tools' records."`
	Guessed   bool             `col:"guessed" doc:"Which side is the client was guessed: its beginning was not seen, or the ports do not tell."`
	SrcLocal  bool             `col:"src_local" doc:"The client's address is the site's."`
	DstLocal  bool             `col:"dst_local" doc:"The server's address is the site's; groups and broadcast count as local."`
	FirstFlag event.Opt[int64] `col:"first_flags" doc:"TCP flags of the first packet: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32."`
	SrcSYN    uint32           `col:"src_syn" doc:"Packets with SYN from the client."`
	SrcFIN    uint32           `col:"src_fin" doc:"Packets with FIN from the client."`
	SrcRST    uint32           `col:"src_rst" doc:"Packets with RST from the client."`
	DstSYN    uint32           `col:"dst_syn" doc:"Packets with SYN from the server."`
	DstFIN    uint32           `col:"dst_fin" doc:"Packets with FIN from the server."`
	DstRST    uint32           `col:"dst_rst" doc:"Packets with RST from the server."`
	SrcTTL    event.Opt[int64] `col:"src_ttl" doc:"TTL or hop limit of the client's first packet."`
	DstTTL    event.Opt[int64] `col:"dst_ttl" doc:"TTL or hop limit of the server's first packet."`
	SrcWindow event.Opt[int64] `col:"src_window" doc:"TCP window of the client's SYN, unscaled."`
	DstWindow event.Opt[int64] `col:"dst_window" doc:"TCP window of the server's SYN, unscaled."`
	SrcMSS    event.Opt[int64] `col:"src_mss" doc:"TCP maximum segment size in the client's SYN."`
	DstMSS    event.Opt[int64] `col:"dst_mss" doc:"TCP maximum segment size in the server's SYN."`
	SrcWScale event.Opt[int64] `col:"src_wscale" doc:"TCP window scale in the client's SYN."`
	DstWScale event.Opt[int64] `col:"dst_wscale" doc:"TCP window scale in the server's SYN."`
	SrcRexmt  uint32           `col:"src_retransmits" doc:"TCP segments of the client whose bytes had all been seen."`
	DstRexmt  uint32           `col:"dst_retransmits" doc:"TCP segments of the server whose bytes had all been seen."`
	SrcOOO    uint32           `col:"src_out_of_order" doc:"TCP segments of the client that came before the bytes in front of them."`
	DstOOO    uint32           `col:"dst_out_of_order" doc:"TCP segments of the server that came before the bytes in front of them."`
	Conflicts uint32           `col:"overlap_conflicts" doc:"TCP segments that repeat bytes with others in their place: injection or evasion."`
	BadSums   uint32           `col:"bad_checksums" doc:"Packets with a wrong TCP or UDP checksum."`
	Fragments uint32           `col:"fragments" doc:"Packets that were IP fragments, or put together from them."`
	Ended     string           `col:"ended" doc:"Why the flow ended: idle, reuse (of its ports), memory (closed early for want of it), capture (its end)."`
	File      uint32           `col:"file" doc:"File of the first packet."`
	Frame     uint32           `col:"frame" doc:"Frame of the first packet."`
}

// Flows is the table of conversations.
var Flows = event.NewPlain[Row]("flow", "Every conversation: who spoke to whom, how much, and how it began and ended. Each packet of the evidence is in exactly one.")

// Row gives the flow as it stands. Call it when the flow has ended.
func (f *Flow) Row() Row {
	src, dst := &f.Sides[0], &f.Sides[1]
	client, server := f.Client, f.Server
	srcMAC, dstMAC := f.ClientMAC, f.ServerMAC
	srcLocal, dstLocal := f.SrcLocal, f.DstLocal
	icmp := f.icmp
	if f.swapped {
		src, dst, client, server, srcMAC, dstMAC = dst, src, server, client, dstMAC, srcMAC
		srcLocal, dstLocal = dstLocal, srcLocal
	}
	r := Row{
		FlowID: int64(f.ID), TS: f.First.Time, Until: f.Until, Proto: f.proto(), Service: f.Service,
		ConnState: f.connState(), History: string(f.history),
		SrcPkts: src.Packets, DstPkts: dst.Packets, SrcBytes: src.Bytes, DstBytes: dst.Bytes,
		SrcIPByte: src.IPBytes, DstIPByte: dst.IPBytes,
		Missed: src.Missed + dst.Missed, SrcMissed: src.Missed, DstMissed: dst.Missed,
		SrcMAC: srcMAC.String(), DstMAC: dstMAC.String(), VLAN: number(f.VLAN, f.VLAN != 0),
		VLANOther: number(f.VLANOther, f.VLANMixed), Tunnel: f.Tunnel, Tunnels: f.Tunnels,
		Community: f.communityID(), Guessed: f.Guessed, SrcLocal: srcLocal, DstLocal: dstLocal,
		BadSums: src.BadSums + dst.BadSums, Fragments: src.Fragments + dst.Fragments,
		Ended: f.Ended, File: f.First.File, Frame: f.First.Frame,
	}
	if !client.Addr().IsValid() {
		r.EtherType = number(f.EtherType, f.EtherType != 0)
		return r
	}
	r.SrcIP, r.DstIP = addr(client), addr(server)
	r.IPProto = number(f.Proto, true)
	r.SrcTTL, r.DstTTL = number(src.TTL, src.Packets > 0), number(dst.TTL, dst.Packets > 0)
	switch {
	case f.loose:
	case f.Transport == dissect.ICMP, f.Transport == dissect.ICMPv6:
		r.SrcPort, r.DstPort = number(icmp[0], true), number(icmp[1], true)
	case f.Transport == dissect.TCP, f.Transport == dissect.UDP, f.Transport == dissect.SCTP:
		r.SrcPort, r.DstPort = number(client.Port(), true), number(server.Port(), true)
	}
	if f.tcp {
		f.rowTCP(&r, src, dst)
	}
	return r
}

// rowTCP fills in what only TCP has.
func (f *Flow) rowTCP(r *Row, src, dst *Side) {
	c, s := f.view()
	r.SrcStream, r.DstStream = number(c.size(s), true), number(s.size(c), true)
	r.FirstFlag = number(f.FirstFlags, f.header)
	r.SrcSYN, r.SrcFIN, r.SrcRST = src.SYN, src.FIN, src.RST
	r.DstSYN, r.DstFIN, r.DstRST = dst.SYN, dst.FIN, dst.RST
	r.SrcWindow, r.DstWindow = number(src.Window, src.SYN > 0), number(dst.Window, dst.SYN > 0)
	r.SrcMSS, r.DstMSS = number(src.MSS, src.MSS > 0), number(dst.MSS, dst.MSS > 0)
	r.SrcWScale, r.DstWScale = number(src.WScale-1, src.WScale > 0), number(dst.WScale-1, dst.WScale > 0)
	r.SrcRexmt, r.DstRexmt, r.SrcOOO, r.DstOOO = src.Retransmits, dst.Retransmits, src.OutOfOrder, dst.OutOfOrder
	r.Conflicts = src.Conflicts + dst.Conflicts
}

func addr(a netip.AddrPort) string {
	if !a.Addr().IsValid() {
		return ""
	}
	return a.Addr().String()
}

func number[T uint8 | uint16 | uint64](v T, ok bool) event.Opt[int64] {
	if !ok {
		return event.Opt[int64]{}
	}
	return event.Some(int64(v))
}

// proto names the flow's protocol.
func (f *Flow) proto() string {
	switch {
	case f.loose:
		return dissect.OtherIP.String()
	case f.Transport == 0: // of a link type that is not decoded
		return f.Link.String()
	case f.Transport != dissect.Ethernet:
		return f.Transport.String()
	}
	if s, ok := etherNames[f.EtherType]; ok {
		return s
	}
	return fmt.Sprintf("0x%04x", f.EtherType)
}
