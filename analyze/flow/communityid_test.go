package flow

import (
	"net/netip"
	"testing"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
)

// TestCommunityID checks the published vectors (baseline_deflt.json of the specification), both directions of each.
func TestCommunityID(t *testing.T) {
	for _, tt := range []struct {
		transport dissect.Transport
		src       string
		sport     uint16 // ICMP: type
		dst       string
		dport     uint16 // ICMP: code of one-way messages
		id        string
	}{
		{dissect.ICMPv6, "fe80::200:86ff:fe05:80da", 135, "fe80::260:97ff:fe07:69ea", 136, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{dissect.ICMPv6, "fe80::260:97ff:fe07:69ea", 136, "fe80::200:86ff:fe05:80da", 135, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{dissect.ICMPv6, "fe80::260:97ff:fe07:69ea", 135, "fe80::200:86ff:fe05:80da", 136, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
		{dissect.ICMPv6, "fe80::200:86ff:fe05:80da", 136, "fe80::260:97ff:fe07:69ea", 135, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
		{dissect.ICMPv6, "3ffe:501:1800:2345::2", 3, "3ffe:507:0:1:200:86ff:fe05:80da", 0, "1:2ObVBgIn28oZvibYZhZMBgh7WdQ="},
		{dissect.ICMPv6, "3ffe:501:410:0:2c0:dfff:fe47:33e", 1, "3ffe:507:0:1:200:86ff:fe05:80da", 4, "1:hLZd0XGWojozrvxqE0dWB1iM6R0="},
		{dissect.ICMPv6, "3ffe:507:0:1:200:86ff:fe05:80da", 128, "3ffe:501:0:1001::2", 129, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
		{dissect.ICMPv6, "3ffe:501:0:1001::2", 129, "3ffe:507:0:1:200:86ff:fe05:80da", 128, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
		{dissect.ICMPv6, "fe80::200:86ff:fe05:80da", 133, "ff02::2", 134, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="},
		{dissect.ICMPv6, "fe80::260:97ff:fe07:69ea", 134, "ff02::1", 133, "1:pkvHqCL88/tg1k4cPigmZXUtL00="},
		{dissect.ICMP, "192.168.0.89", 8, "192.168.0.1", 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{dissect.ICMP, "192.168.0.1", 0, "192.168.0.89", 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{dissect.ICMP, "10.0.0.1", 11, "10.0.0.2", 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM="},
		{dissect.TCP, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{dissect.TCP, "2607:f8b0:400c:c03::1a", 25, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{dissect.SCTP, "192.168.170.8", 7, "192.168.170.56", 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
		{dissect.SCTP, "192.168.170.56", 7, "192.168.170.8", 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
		{dissect.TCP, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{dissect.TCP, "66.35.250.204", 80, "128.232.110.120", 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{dissect.UDP, "192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{dissect.UDP, "8.8.8.8", 53, "192.168.1.52", 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{dissect.OtherIP, "10.1.12.1", 0, "10.1.12.2", 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
		{dissect.UDP, "192.168.1.42", 4242, "8.8.8.8", 53, "1:vTdrngJjlP5eZ9mw9JtnKyn99KM="},
		{dissect.TCP, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	} {
		for _, back := range []bool{false, true} {
			b := newBench(Options{})
			src, dst := netip.AddrPortFrom(netip.MustParseAddr(tt.src), tt.sport), netip.AddrPortFrom(netip.MustParseAddr(tt.dst), tt.dport)
			icmp := tt.transport == dissect.ICMP || tt.transport == dissect.ICMPv6
			if back && !icmp {
				src, dst = dst, src
			}
			p := b.packet(tt.transport, src, dst)
			if icmp {
				p.SrcPort, p.DstPort, p.ICMPType, p.ICMPCode = 0, 0, uint8(tt.sport), uint8(tt.dport)
			}
			if tt.transport == dissect.TCP {
				p.TCP.Flags = packet.SYN
			}
			if tt.transport == dissect.OtherIP {
				p.Proto = 46 // RSVP
			}
			b.feed(p)
			if got := b.drain()[0].Community; got != tt.id {
				t.Errorf("%s %s>%s: %s, want %s", tt.transport, src, dst, got, tt.id)
			}
		}
	}
}
