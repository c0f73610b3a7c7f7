package analyze

import (
	"fmt"
	"sort"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Totals counts what was irregular over all packets. The reader alone writes them.
type Totals struct {
	Packets uint64
	Flows   uint64
	flags   map[packet.Flags]*noted
	links   map[packet.LinkType]*noted
}

type noted struct {
	count int64
	first event.Ref
}

// flagKinds says how a packet's irregularity is reported.
var flagKinds = []struct {
	flag     packet.Flags
	kind     string
	protocol string
	detail   string
}{
	{packet.Truncated, "truncated_header", "packet", "packets whose headers end before they should"},
	{packet.Snapped, "snap_length", "capture", "packets cut by the capture's snap length"},
	{packet.BadIPSum, "bad_ip_checksum", "ip", "IPv4 headers with a wrong checksum"},
	{packet.BadSum, "bad_checksum", "transport", "packets with a wrong transport checksum, or one the sender left to its network card"},
	{packet.Oversized, "offload", "ip", "packets larger than a wire carries: captured before segmentation by the network card"},
	{packet.BadHeader, "bad_header", "packet", "packets with a header that contradicts itself"},
	{packet.DeepTunnel, "deep_tunnel", "packet", "packets with more tunnels inside each other than are peeled"},
}

func (t *Totals) add(p *packet.Packet) {
	t.Packets++
	if p.Flags == 0 {
		return
	}
	if p.Flags&packet.UnknownLink != 0 {
		if t.links == nil {
			t.links = map[packet.LinkType]*noted{}
		}
		note(t.links, p.Link, p.Ref)
	}
	if t.flags == nil {
		t.flags = map[packet.Flags]*noted{}
	}
	for i := range flagKinds {
		if f := flagKinds[i].flag; p.Flags&f != 0 {
			note(t.flags, f, p.Ref)
		}
	}
}

func note[K comparable](m map[K]*noted, k K, ref event.Ref) {
	n := m[k]
	if n == nil {
		n = &noted{first: ref}
		m[k] = n
	}
	n.count++
}

// anomalies emits one row a kind, standing on its first packet.
func (t *Totals) anomalies(b *event.Batch) {
	for i := range flagKinds {
		k := &flagKinds[i]
		if n := t.flags[k.flag]; n != nil {
			dissect.Anomaly(b, n.first, k.protocol, k.kind, n.count, k.detail)
		}
	}
	links := make([]packet.LinkType, 0, len(t.links))
	for l := range t.links {
		links = append(links, l)
	}
	sort.Slice(links, func(i, j int) bool { return links[i] < links[j] })
	for _, l := range links {
		n := t.links[l]
		dissect.Anomaly(b, n.first, "packet", "unknown_link_type", n.count, fmt.Sprintf("packets of link type %s, which is not decoded", l))
	}
}
