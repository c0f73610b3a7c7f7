package flow

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// The timeouts: how long a conversation may be silent, and what says so.
const (
	// IdleTCP: an established TCP connection may rest for 2 h 4 min before a middlebox may forget it (RFC 5382 REQ-5:
	// longer than the two hours of keep-alives). DICOM associations and HL7 links do rest that long.
	IdleTCP = 2*time.Hour + 4*time.Minute
	// IdleTransitory: half-open and closed TCP connections, 4 min (RFC 5382 REQ-5; twice the MSL of RFC 9293 3.4.2).
	IdleTransitory = 4 * time.Minute
	// IdleUDP: RFC 4787 REQ-5 lets no device forget a UDP conversation before 2 min.
	IdleUDP = 2 * time.Minute
	// IdleICMP: an ICMP query is over after 60 s (RFC 5508 REQ-1).
	IdleICMP = time.Minute
	// IdleOther: protocols without ports. Longer than the periods of LLDP (30 s), CDP (60 s) and IGMP queries (125 s).
	IdleOther = 5 * time.Minute
)

// sweepEvery is the stream time between two looks at all flows for idle ones: half of the shortest timeout. A scan opens
// flows by the million, and looking at each of them at every call would cost more than the packets do.
const sweepEvery = IdleICMP / 2

// flowBytes is what a flow counts for in the budget: the struct, its map entry, its strings; see TestLogical.
const flowBytes = 1024

// Options of a Table.
type Options struct {
	Local []netip.Prefix // the site's addresses; nil: private, shared and unique local ranges
	// Server tells whether a port is one that a known protocol serves; nil: only ports below 1024 say something.
	Server func(t dissect.Transport, port uint16) bool
	Epoch  uint64 // packets of the whole stream after which Sizes tells flows apart; 0: 1
}

// Table holds the open flows of one shard.
type Table struct {
	opt   Options
	done  func(*Flow)
	flows map[key]*Flow
	over  []*Flow // scratch
	free  []*Flow // to be used again
	sizes map[uint64]int64
	now   event.Time // stream time as of the last call of Expire
	swept event.Time // when that last looked at the flows
}

// maxFree bounds the ended flows that are kept to be used again: after a flood their memory goes back.
const maxFree = 1 << 14

// NewTable makes an empty table. done is called once for each flow when it has ended; the flow is valid until it returns.
func NewTable(opt Options, done func(*Flow)) *Table {
	if opt.Local == nil {
		opt.Local = private
	}
	opt.Epoch = max(opt.Epoch, 1)
	return &Table{opt: opt, done: done, flows: map[key]*Flow{}, sizes: map[uint64]int64{}}
}

// Len is the number of open flows.
func (t *Table) Len() int { return len(t.flows) }

// Packet finds or makes the flow of p and counts p. index is p's number in the whole stream, now the stream time at p.
// dir is relative to the client as first taken: it does not change when Swap is called. fresh says that the flow was
// made for p. If p shows that an older flow with the same key has ended, that one is handed to done first.
func (t *Table) Packet(p *packet.Packet, index uint64, now event.Time) (f *Flow, dir dissect.Dir, fresh bool) {
	k, fromA := keyOf(p)
	f = t.flows[k]
	if f != nil {
		if why := f.endedBy(p, fromA, now); why != "" {
			t.end(f, why)
			f = nil
		}
	}
	if f == nil {
		f, fresh = t.begin(k, p, fromA), true
	}
	dir = f.dir(fromA)
	f.LastIndex = index
	f.seen = max(f.seen, now)
	f.count(p, dir)
	return f, dir, fresh
}

func (t *Table) begin(k key, p *packet.Packet, fromA bool) *Flow {
	f := t.blank()
	*f = Flow{
		ID:    uint64(p.File)<<32 | uint64(p.Frame),
		First: p.Ref, Until: p.Time,
		Transport: p.Transport, Proto: p.Proto, EtherType: p.EtherType, Link: p.Link,
		VLAN: innermost(p), Tunnel: p.Tunnel,
		key: k, fromA: fromA, loose: loose(p), history: f.history[:0],
	}
	f.tcp = f.Transport == dissect.TCP && !f.loose
	f.orient(p, t.opt.Server)
	f.SrcLocal, f.DstLocal = t.opt.local(f.Client.Addr()), t.opt.local(f.Server.Addr())
	t.flows[k] = f
	return f
}

// blank gives a flow to fill, one that was used before if there is one.
func (t *Table) blank() *Flow {
	n := len(t.free)
	if n == 0 {
		return &Flow{}
	}
	f := t.free[n-1]
	t.free[n-1] = nil
	t.free = t.free[:n-1]
	return f
}

// Hold says how many bytes are held for a flow beside its counters: call it after each of its packets.
func (t *Table) Hold(f *Flow, n int) {
	size, epoch := int64(flowBytes+n), (f.LastIndex-1)/t.opt.Epoch
	if size == f.counted && epoch == f.epoch {
		return
	}
	t.forget(f)
	f.counted, f.epoch = size, epoch
	t.sizes[epoch] += size
}

// forget takes a flow out of the sums.
func (t *Table) forget(f *Flow) {
	if left := t.sizes[f.epoch] - f.counted; left > 0 {
		t.sizes[f.epoch] = left
	} else {
		delete(t.sizes, f.epoch)
	}
}

// Expire ends the flows that are over at stream time now. It frees memory and changes no row: a packet that comes later
// would have ended them too. It may be called at any time; most calls do nothing.
func (t *Table) Expire(now event.Time) {
	t.now = now
	if t.swept != 0 && now-t.swept < event.Time(sweepEvery) {
		return
	}
	t.swept = now
	t.each(func(f *Flow) string {
		if f.idle(now) {
			return EndedIdle
		}
		return ""
	})
}

// Evict ends the flows whose last packet had a number below before, to free memory. Call Expire before it, so that those
// which are over anyway are known as such.
func (t *Table) Evict(before uint64) {
	t.each(func(f *Flow) string {
		switch {
		case f.LastIndex >= before:
			return ""
		case f.idle(t.now):
			return EndedIdle
		}
		return EndedMemory
	})
}

// Drain ends all flows; now is the stream time at the end of the capture.
func (t *Table) Drain(now event.Time) {
	t.each(func(f *Flow) string {
		if f.idle(now) {
			return EndedIdle
		}
		return EndedCapture
	})
}

// Sizes gives the bytes that the open flows count for, by the epoch of their last packet, from 0.
func (t *Table) Sizes() map[uint64]int64 { return maps.Clone(t.sizes) }

// each ends the flows for which why gives a reason, in the order of their first packets.
func (t *Table) each(why func(*Flow) string) {
	t.over = t.over[:0]
	for _, f := range t.flows {
		if f.Ended = why(f); f.Ended != "" {
			t.over = append(t.over, f)
		}
	}
	slices.SortFunc(t.over, func(a, b *Flow) int { return cmp.Compare(a.ID, b.ID) })
	for _, f := range t.over {
		t.end(f, f.Ended)
	}
	clear(t.over)
}

func (t *Table) end(f *Flow, why string) {
	f.Ended = why
	delete(t.flows, f.key)
	t.forget(f)
	t.done(f)
	if len(t.free) < maxFree {
		*f = Flow{history: f.history[:0]} // lets go of what the pipeline kept
		t.free = append(t.free, f)
	}
}

// Why a flow ended.
const (
	EndedIdle    = "idle"    // silent for longer than its protocol allows
	EndedReuse   = "reuse"   // its ports were used for a new connection
	EndedMemory  = "memory"  // closed early: the budget was exceeded
	EndedCapture = "capture" // the capture ended
)

// Flow is one conversation. The pipeline may read all fields, and sets those marked so.
type Flow struct {
	ID         uint64    // file << 32 | frame of the first packet
	First      event.Ref // the first packet
	Until      event.Time
	LastIndex  uint64 // number in the whole stream of the last packet
	Transport  dissect.Transport
	Proto      uint8 // IP protocol number
	EtherType  uint16
	Link       packet.LinkType
	Client     netip.AddrPort // as first taken; Row heeds Swap
	Server     netip.AddrPort
	ClientMAC  dissect.MAC
	ServerMAC  dissect.MAC
	VLAN       uint16 // innermost, of the first packet; 0 if untagged
	VLANMixed  bool   // packets came with another one too:
	VLANOther  uint16 // the first other one, 0 if untagged
	Tunnel     string // outer headers of the first packet
	Tunnels    bool   // packets came with and without a tunnel
	Guessed    bool   // which side is the client was guessed
	SrcLocal   bool
	DstLocal   bool
	FirstFlags uint8 // TCP; valid iff a header was seen
	Ended      string
	Sides      [2]Side // by direction as first taken

	Service string // set by the pipeline: the protocol that was recognised
	User    any    // the pipeline's own

	key       key
	fromA     bool // the client as first taken is the key's first end
	swapped   bool
	tcp       bool // a TCP flow with ports
	loose     bool // a flow of loose fragments
	midstream bool
	header    bool       // a TCP header was seen
	icmp      [2]uint16  // type and counterpart, or type and code
	oneWay    bool       // of ICMP: nothing answers it
	seen      event.Time // stream time at the last packet
	counted   int64      // bytes in the table's sums
	epoch     uint64     // under which they stand
	history   []byte
	ends      [2]endpoint
}

// Side counts what one side of a flow sent.
type Side struct {
	Packets   uint64
	Bytes     uint64 // payload of the transport, every packet counted
	IPBytes   uint64
	Missed    uint64 // bytes lost in the capture; see Flow.Gap
	SYN       uint32 // packets with the flag
	FIN       uint32
	RST       uint32
	BadSums   uint32
	Fragments uint32 // fragments, or datagrams put together from fragments
	TTL       uint8  // of the first packet
	Window    uint16 // of the SYN
	MSS       uint16 // of the SYN
	WScale    uint8  // of the SYN, plus one

	// Set by the pipeline from what reassembly found.
	Retransmits uint32 // segments that brought nothing new
	OutOfOrder  uint32 // segments that came before the bytes in front of them
	Conflicts   uint32 // segments that repeat bytes with others in their place
}

// Midstream tells whether a TCP flow was first seen without its handshake.
func (f *Flow) Midstream() bool { return f.midstream }

// Conn is what a dissector may know of the flow, at its first packet.
func (f *Flow) Conn() dissect.Conn {
	c := dissect.Conn{Flow: f.ID, Transport: f.Transport, Client: f.Client, Server: f.Server,
		ClientMAC: f.ClientMAC, ServerMAC: f.ServerMAC, EtherType: f.EtherType, VLAN: f.VLAN,
		Midstream: f.midstream, Guessed: f.Guessed}
	if f.loose {
		c.Transport = dissect.OtherIP
	}
	return c
}

// Swap turns client and server round in the flow's row: a protocol recognised that they were guessed the wrong way.
// The directions that Packet gives stay as they were. Calling it again turns them back.
func (f *Flow) Swap() {
	f.swapped = !f.swapped
	f.letter('^')
}

// Gap notes n bytes of one direction that the capture lost.
func (f *Flow) Gap(dir dissect.Dir, n int) {
	if n <= 0 {
		return
	}
	f.Sides[dir].Missed += uint64(n)
	f.scaled(dir, 'g', &f.ends[dir].gaps)
}

func (f *Flow) dir(fromA bool) dissect.Dir {
	if fromA == f.fromA || f.key.a == f.key.b && f.key.aPort == f.key.bPort {
		return dissect.FromClient
	}
	return dissect.FromServer
}

// idle tells whether the flow has been silent for too long at stream time now.
func (f *Flow) idle(now event.Time) bool {
	limit := IdleOther
	switch {
	case f.tcp:
		limit = f.tcpIdle()
	case f.loose:
	case f.Transport == dissect.UDP:
		limit = IdleUDP
	case f.Transport == dissect.ICMP || f.Transport == dissect.ICMPv6:
		limit = IdleICMP
	case f.Transport == dissect.SCTP, f.Transport == dissect.HCI, f.Transport == dissect.BLE:
		limit = IdleTCP
	}
	return now > f.seen && uint64(now)-uint64(f.seen) > uint64(limit)
}

// endedBy says why p cannot belong to the flow although it has its key, "" if it does.
func (f *Flow) endedBy(p *packet.Packet, fromA bool, now event.Time) string {
	if f.idle(now) {
		return EndedIdle
	}
	if f.tcp && f.reused(p, f.dir(fromA)) {
		return EndedReuse
	}
	return ""
}

// count adds p to the account.
func (f *Flow) count(p *packet.Packet, dir dissect.Dir) {
	f.Until = max(f.Until, p.Time)
	s := &f.Sides[dir]
	if s.Packets == 0 {
		s.TTL = p.TTL
	}
	s.Packets++
	s.Bytes += payloadLen(p)
	s.IPBytes += uint64(max(p.IPLen, 0))
	f.addresses(p, dir)
	if v := innermost(p); v != f.VLAN && !f.VLANMixed {
		f.VLANMixed, f.VLANOther = true, v
	}
	if (p.Tunnel == "") != (f.Tunnel == "") {
		f.Tunnels = true
	}
	if p.Fragment || p.Flags&packet.Defragmented != 0 {
		s.Fragments++
	}
	if p.Flags&packet.BadSum != 0 {
		s.BadSums++
		if f.tcp || f.Transport == dissect.UDP {
			f.scaled(dir, 'c', &f.ends[dir].badSums)
		}
	}
	switch {
	case f.tcp && p.TCP != (packet.TCP{}): // zero if the header was cut off
		if !f.header {
			f.header, f.FirstFlags = true, p.TCP.Flags
		}
		f.segment(p, dir)
	case f.Transport == dissect.UDP && !f.loose:
		f.once(dir, histData, 'd')
	}
}

// addresses keeps each side's hardware address as first seen.
func (f *Flow) addresses(p *packet.Packet, dir dissect.Dir) {
	src, dst := &f.ClientMAC, &f.ServerMAC
	if dir == dissect.FromServer {
		src, dst = dst, src
	}
	if *src == (dissect.MAC{}) {
		*src = p.SrcMAC
	}
	if *dst == (dissect.MAC{}) {
		*dst = p.DstMAC
	}
}

// icmpHeader is type, code, checksum and the four bytes behind them, which are no payload (RFC 792, RFC 4443 2.1).
const icmpHeader = 8

func payloadLen(p *packet.Packet) uint64 {
	n := p.PayloadLen
	if p.Transport == dissect.ICMP || p.Transport == dissect.ICMPv6 {
		n -= icmpHeader
	}
	return uint64(max(n, 0))
}

func innermost(p *packet.Packet) uint16 {
	if p.VLANs[1] != 0 {
		return p.VLANs[1]
	}
	return p.VLANs[0]
}
