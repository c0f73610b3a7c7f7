package analyze

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/defrag"
	"wardtrace/analyze/packet"
	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// batch is what crosses from the reader to a shard: packets with their payloads in one arena. The shard gives it back.
type batch struct {
	packets []packet.Packet
	meta    []meta // of each packet
	arena   []byte
	epoch   *epoch // set on the batch that ends an epoch
}

// meta is a packet's place in the whole stream.
type meta struct {
	index uint64     // its number, from 1
	now   event.Time // stream time
}

// epoch is a fixed point of the stream at which every shard counts its memory and closes what is over.
type epoch struct {
	n      uint64     // from 1
	now    event.Time // stream time
	cutoff uint64     // close flows whose last packet was in one of the first so many epochs
	last   bool       // the stream is over
}

// router reads the one ordered stream and gives each packet to the shard of its conversation.
type router struct {
	src    *capture.Stream
	dec    *packet.Decoder
	frag   *defrag.Defrag
	shards []*shard
	budget *budget
	now    event.Time    // stream time: a running maximum of the inputs' clocks, which ignore wild jumps
	read   uint64        // packets
	count  atomic.Uint64 // the same, for who watches
	epochs uint64
	totals Totals
	notes  event.Batch // anomalies that belong to no flow
}

// run reads to the end of the stream, to the limit of -c, or until ctx ends.
func (r *router) run(ctx context.Context) error {
	defer func() {
		for _, s := range r.shards {
			s.close(r.now)
		}
	}()
	var f capture.Frame
	for {
		err := r.src.Next(&f)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.read++
		r.packet(&f)
		if r.read%epochPackets == 0 {
			if err := r.endEpoch(ctx); err != nil {
				return err
			}
		}
		if r.read%1024 == 0 {
			r.count.Store(r.read)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	}
}

func (r *router) packet(f *capture.Frame) {
	p := packet.Packet{Ref: f.Ref, Link: f.Link, CapLen: len(f.Data), WireLen: f.WireLen}
	r.dec.Decode(&p, f.Data)
	r.totals.add(&p)
	r.now = max(r.now, f.Clock)
	if p.Fragment {
		r.fragment(&p)
	}
	r.shards[shardOf(&p, len(r.shards))].put(&p, r.read, r.now)
}

// fragment has the defragmenter hold a fragment; the packet that completes its datagram carries the whole payload.
func (r *router) fragment(p *packet.Packet) {
	r.frag.Join(r.dec, p, r.now)
	r.note()
}

// note takes over what the defragmenter found.
func (r *router) note() {
	r.notes.Begin(0, nil)
	for _, n := range r.frag.Notes() {
		event.Anomalies.Emit(&r.notes, n.Ref, n.Anomaly)
	}
}

// endEpoch sends every shard the mark of an epoch. The cut-off it carries was counted budgetDelay epochs ago, so that the reader
// rarely waits for it.
func (r *router) endEpoch(ctx context.Context) error {
	r.epochs++
	e := &epoch{n: r.epochs, now: r.now}
	if e.n > budgetDelay {
		c, err := r.budget.cutoff(ctx, e.n-budgetDelay)
		if err != nil {
			return err
		}
		e.cutoff = c
	}
	for _, s := range r.shards {
		s.send(e)
	}
	return nil
}

// shardOf spreads conversations: both directions of one, and the fragments of its datagrams, fall to the same shard.
func shardOf(p *packet.Packet, n int) int {
	if n == 1 {
		return 0
	}
	var h uint64
	switch p.Transport {
	case dissect.HCI:
		h = uint64(p.File)
	case dissect.BLE:
		h = macHash(p.SrcMAC) + macHash(p.DstMAC) + uint64(p.Radio.Access)
	case dissect.Ethernet:
		h = macHash(p.SrcMAC) + macHash(p.DstMAC) + uint64(p.EtherType)
	default:
		// Ports stay out for fragments, whose first part alone has them; addresses alone then decide for every packet
		// of that protocol between the two hosts.
		a, b := p.Src.As16(), p.Dst.As16()
		h = mix(binary.LittleEndian.Uint64(a[:8])^mix(binary.LittleEndian.Uint64(a[8:]))) +
			mix(binary.LittleEndian.Uint64(b[:8])^mix(binary.LittleEndian.Uint64(b[8:])))
		h += uint64(p.Proto)
		if p.Transport == dissect.TCP {
			h += mix(uint64(p.SrcPort)) + mix(uint64(p.DstPort))
		}
	}
	return int(mix(h) % uint64(n))
}

func macHash(m dissect.MAC) uint64 {
	return mix(uint64(m[0])<<40 | uint64(m[1])<<32 | uint64(m[2])<<24 | uint64(m[3])<<16 | uint64(m[4])<<8 | uint64(m[5]))
}

// mix spreads the bits of x (the finaliser of a 64-bit hash).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
