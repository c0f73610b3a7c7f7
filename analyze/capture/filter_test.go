package capture

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardtrace/analyze/packet"
)

// filterPackets are what the filters are tried on, built from the published formats.
var filterPackets = func() [][]byte {
	ether := func(typ string, rest ...string) []byte {
		b, err := hex.DecodeString("020000000002" + "020000000001" + typ + strings.ReplaceAll(strings.Join(rest, ""), " ", ""))
		if err != nil {
			panic(err)
		}
		return b
	}
	tcp := "3039 0050 00000001 00000000 5002 2000 0000 0000"
	ip := func(proto, frag string) string {
		return "4500 0028 0001 " + frag + " 40" + proto + " 0000 0a000001 c0a80102"
	}
	ip6 := "60000000 0008 11 40 fe800000000000000000000000000001 ff020000000000000000000000000001"
	return [][]byte{
		ether("0800", ip("06", "0000"), tcp),                                              // 1: TCP 12345 to 80, SYN
		ether("0800", ip("11", "0000"), "d431 0035 0008 0000 00000000000000000000000000"), // 2: UDP 54321 to 53
		ether("86dd", ip6, "d431 0035 0008 0000"),                                         // 3: the same in IPv6
		bytes.Replace(ether("0806", "0001 0800 0604 0001 020000000001 0a000001 000000000000 c0a80102"),
			[]byte{2, 0, 0, 0, 0, 2}, []byte{255, 255, 255, 255, 255, 255}, 1), // 4: ARP request, broadcast
		ether("8100", "000a 0800", ip("06", "0000"), tcp),           // 5: packet 1 in VLAN 10
		ether("88a8", "0014 8100 000a 0800", ip("06", "0000"), tcp), // 6: and VLAN 20 around it
		ether("0800", ip("06", "0007"), tcp),                        // 7: a later fragment
		ether("0800", ip("01", "0000"), "0800 0000 0001 0001"),      // 8: ICMP echo
		ether("0800", ip("06", "0000"))[:30],                        // 9: cut off inside the IP header
	}
}()

// TestFilter compares with what tcpdump 4.99 selects of the same packets.
func TestFilter(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{"", "123456789"},
		{"ip", "12789"},
		{"tcp", "179"},
		{"tcp port 80", "1"},
		{"port 53", "23"},
		{"dst port 53 and not ip6", "2"},
		{"src port 53", ""},
		{"portrange 50-60", "23"},
		{"host 10.0.0.1", "124789"},
		{"dst net 192.168.0.0/16", "12478"},
		{"src or dst host 192.168.1.2", "12478"},
		{"src and dst net 10.0.0.0/8", ""},
		{"arp host 10.0.0.1", "4"},
		{"net fe80::/10", "3"},
		{"vlan", "56"},
		{"vlan 10", "5"},
		{"vlan and tcp port 80", "5"},
		{"vlan and vlan 10 and tcp", "6"},
		{"tcp or vlan and tcp", "5"},
		{"not vlan and ip", "4"},
		{"tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "1"},
		{"tcp[2:2] = 80", "1"},
		{"not tcp[2:2] = 80", "2345678"},
		{"ip[6:2] & 0x1fff != 0", "7"},
		{"icmp[icmptype] = icmp-echo", "8"},
		{"ether[0] & 1 = 1", "4"},
		{"broadcast", "4"},
		{"ip6 multicast", "3"},
		{"ether src 02:00:00:00:00:01", "123456789"},
		{"ether proto \\arp or ip proto \\udp", "24"},
		{"proto 17", "23"},
		{"tcp or udp and port 53", "23"},
		{"tcp or (udp and port 53)", "12379"},
		{"port 80 or 53", "123"},
		{"tcp && !port 80", "7"},
		{"less 40", "9"},
		{"len - 14 >= 48", "36"},
	} {
		f, err := compile(c.expr)
		if err != nil {
			t.Errorf("%q: %v", c.expr, err)
			continue
		}
		var got strings.Builder
		for i, p := range filterPackets {
			if f == nil || f.match(linkEthernet, p, len(p)) {
				fmt.Fprint(&got, i+1)
			}
		}
		if got.String() != c.want {
			t.Errorf("%q passes %s, want %s", c.expr, got.String(), c.want)
		}
	}
}

// TestFilterLinks moves the same IP packet into other link layers.
func TestFilterLinks(t *testing.T) {
	ip := filterPackets[0][14:]
	f, err := compile("tcp dst port 80 and src host 10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	wlan := append(make([]byte, 24), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)
	wlan[0] = 8
	for _, c := range []struct {
		link packet.LinkType
		head []byte
	}{
		{linkRaw, nil}, {linkRaw12, nil}, {linkIPv4, nil}, {linkNull, []byte{2, 0, 0, 0}}, {linkLoop, []byte{0, 0, 0, 2}},
		{linkPPP, []byte{0xff, 3, 0, 0x21}}, {linkPPPSerial, []byte{0x0f, 0, 0, 0x21}},
		{linkCHDLC, []byte{15, 0, 8, 0}}, {linkSLL, append(make([]byte, 14), 8, 0)},
		{linkSLL2, append([]byte{8, 0}, make([]byte, 18)...)}, {linkWLAN, wlan}, {linkRadiotap, append([]byte{0, 0, 8, 0, 0, 0, 0, 0}, wlan...)},
	} {
		data := append(bytes.Clone(c.head), ip...)
		if f.fits(c.link) != "" || !f.match(c.link, data, len(data)) {
			t.Errorf("link type %d: the packet does not pass", c.link)
		}
		if f.match(c.link, data[:len(data)-18], len(data)) {
			t.Errorf("link type %d: the packet passes although its ports are cut off", c.link)
		}
	}
	for expr, link := range map[string]packet.LinkType{"tcp": 147, "vlan": linkRaw, "broadcast": linkSLL} {
		if f, err := compile(expr); err != nil || f.fits(link) == "" {
			t.Errorf("%q is taken for link type %d", expr, link)
		}
	}
}

// TestFilterOddOne has a capture among others whose packets no filter can judge: they are left out and that is told; alone
// it is refused.
func TestFilterOddOne(t *testing.T) {
	odd := newNG(binary.LittleEndian).section(1).iface(147, 65535)
	odd.enhanced(0, uint64(second(1)/1000), make([]byte, 40), 40)
	paths := write(t, odd.out, sensor(sent{second(2), ipFrame(1, false, 0)}))
	r := readAll(t, Options{Filter: "udp"}, paths...)
	if len(r.frames) != 1 || !slices.Equal(r.kinds(), []string{"capture_filter"}) {
		t.Errorf("%d packets, %+v", len(r.frames), r.damage)
	}
	if _, err := Open(context.Background(), paths[:1], nil, Options{Filter: "udp"}); !errors.Is(err, ErrUsage) {
		t.Error(err)
	}
}

func TestFilterRefusals(t *testing.T) {
	for _, expr := range []string{
		"tcp and", "and tcp", "tcp udp", "(tcp", "tcp)", "net 10.0.0.1/8", "tcp host 10.0.0.1", "ip6 host 10.0.0.1", "ip host fe80::1",
		"host www.example.org", "10.0.0.1", "port http2", "port 65536", "ether host 1.2.3.4", "host 1.2.3", "src", "tcp[13", "tcp[13:3] = 1",
		"gateway 10.0.0.1", "len", "not", "less", "vlan 5000", "mpls", "ip proto 300", "ip[0] / 0 = 1", "ip broadcast", "inbound", "tcp[0] = ",
		"ether", "ip proto", "port -1", "tcp ; udp", "host 10.0.0.1/8", "net 10.0.0.0 mask 255.0.255.0", "protochain 6", strings.Repeat("(", 9000),
	} {
		if _, err := compile(expr); err == nil {
			t.Errorf("%q is accepted", expr)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"tcp port 80 or (udp and not port 53)", "vlan 10 and ip[2:2] - ((ip[0]&0xf)<<2) > 0", "net fe80::/10 or 10", "src or dst portrange 1-2", "len % 2 = 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := compile(s)
		if err != nil || x == nil {
			return
		}
		inverse, err := compile("not (" + s + ")")
		if err != nil {
			if len(s) < maxFilter-6 {
				t.Fatalf("%q is accepted, but not its inverse: %v", s, err)
			}
			return
		}
		for _, p := range filterPackets {
			if x.match(linkEthernet, p, len(p)) && inverse.match(linkEthernet, p, len(p)) {
				t.Fatalf("%q passes %x, and so does its inverse", s, p)
			}
		}
	})
}
