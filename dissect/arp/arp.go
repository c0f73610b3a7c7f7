package arp

import (
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// Protocol is ARP.
var Protocol = &dissect.Protocol{
	Name:       "arp",
	Spec:       "RFC 826, RFC 903, RFC 5227",
	Transports: []dissect.Transport{dissect.Ethernet},
	Tables:     []*event.Table{messages.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c} },
}

// EtherTypes of the two protocols.
const (
	etherARP  = 0x0806
	etherRARP = 0x8035
)

// Caps of one conversation, that is of a pair of hardware addresses. arpspoof and its kin send a message each second
// for hours, a sweep of a /20 is 4,094 requests: both fit in full. A flood does not.
const (
	rowsInFull  = 4096
	openBuckets = 64   // different messages counted within a second before the oldest is written
	identityCap = 1024 // pairs of addresses remembered as told
	complainCap = 16   // anomalies a conversation
)

type dissector struct {
	conn    *dissect.Conn
	rows    int
	open    []bucket
	told    map[pair]struct{}
	faults  int
	sampled bool
}

type pair struct{ ip, mac string }

// bucket is a row that still counts.
type bucket struct {
	ref event.Ref
	m   Message
}

func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	if c.EtherType == etherARP || c.EtherType == etherRARP {
		return dissect.Yes
	}
	return dissect.No
}

// Feed takes one message.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	p, err := parse(seg.Data)
	if err != nil {
		if d.faults++; d.faults <= complainCap {
			dissect.Anomaly(out, seg.Ref, "arp", "arp_malformed", 1, err.Error())
		}
		return dissect.Progress{}, nil
	}
	m := d.message(&p, seg)
	d.emit(m, seg.Ref, out)
	d.identify(&p, &m, seg.Ref, out)
	return dissect.Progress{}, nil
}

// toldBytes and bucketBytes are what a pair of addresses and a row that still counts take of the memory budget, measured.
const (
	toldBytes   = 128
	bucketBytes = 256
)

// Held is the number of bytes that is remembered of the conversation.
func (d *dissector) Held() int { return len(d.told)*toldBytes + len(d.open)*bucketBytes }

// Close writes the rows that still count.
func (d *dissector) Close(out *event.Batch) {
	for i := range d.open {
		messages.Emit(out, d.open[i].ref, d.open[i].m)
	}
	d.open = nil
}

func (d *dissector) message(p *packet, seg *dissect.Segment) Message {
	from, to := d.conn.ClientMAC, d.conn.ServerMAC
	if seg.Dir == dissect.FromServer {
		from, to = to, from
	}
	m := Message{
		Op: int64(p.op), OpName: p.op.String(),
		SrcMAC: p.senderHW, SrcIP: p.senderIP, DstMAC: p.targetHW, DstIP: p.targetIP,
		EthSrc: from.String(), EthDst: to.String(), Count: 1, Until: seg.Time,
	}
	m.Gratuitous = (p.op == request || p.op == reply) && p.senderIP == p.targetIP && p.senderIP != unspecified
	m.Probe = p.op == request && p.senderIP == unspecified
	m.Mismatch = m.EthSrc != "" && m.SrcMAC != "" && m.EthSrc != m.SrcMAC
	return m
}

func (d *dissector) emit(m Message, ref event.Ref, out *event.Batch) {
	if d.rows < rowsInFull {
		d.rows++
		messages.Emit(out, ref, m)
		return
	}
	if !d.sampled {
		d.sampled = true
		dissect.Anomaly(out, ref, "arp", "arp_aggregated", rowsInFull,
			fmt.Sprintf("after %d messages of one pair of stations, equal ones of a second share a row", rowsInFull))
	}
	second := ref.Time / 1e9
	for i := range d.open {
		b := &d.open[i]
		same := m
		same.Count, same.Until = b.m.Count, b.m.Until
		if same != b.m {
			continue
		}
		if b.ref.Time/1e9 == second {
			b.m.Count++
			b.m.Until = m.Until
			return
		}
		messages.Emit(out, b.ref, b.m)
		*b = bucket{ref: ref, m: m}
		return
	}
	if len(d.open) >= openBuckets {
		messages.Emit(out, d.open[0].ref, d.open[0].m)
		d.open = append(d.open[:0], d.open[1:]...)
	}
	d.open = append(d.open, bucket{ref: ref, m: m})
}

// identify tells which hardware address claims which protocol address. A claim that the frame itself contradicts is
// worth little.
func (d *dissector) identify(p *packet, m *Message, ref event.Ref, out *event.Batch) {
	ip, mac := m.SrcIP, m.SrcMAC
	if p.op == reverseReply { // the server tells the target its address
		ip, mac = m.DstIP, m.DstMAC
	} else if p.op == reverseRequest {
		return
	}
	if ip == "" || ip == unspecified || mac == "" || !p.ethernetIPv4 {
		return
	}
	k := pair{ip, mac}
	if _, ok := d.told[k]; ok || len(d.told) >= identityCap {
		return
	}
	if d.told == nil {
		d.told = map[pair]struct{}{}
	}
	d.told[k] = struct{}{}
	confidence := int64(80)
	if m.Mismatch {
		confidence = 20
	}
	event.Identities.Emit(out, ref, event.Identity{IP: ip, MAC: mac, Attribute: "mac", Value: mac, Source: "arp.sender", Confidence: confidence})
}
