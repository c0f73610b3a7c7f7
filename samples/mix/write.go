package mix

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/netip"
	"time"
)

// maxOpen is how many conversations are held at a time; more wait. A core switch sees some thousands.
const maxOpen = 4096

// longest is how long a conversation lasts in the capture: a longer one has its time shortened, so that a capture of some
// minutes holds whole ones.
const longest = 100 * time.Second

// Count says what a group came to.
type Count struct {
	Name                          string
	Conversations, Bytes, Packets int64
}

// Summary says what was written.
type Summary struct {
	Packets, Bytes int64
	Hosts          int
	Length         time.Duration // of the capture
	Groups         []Count
	Incident       string // sample that was played once, "" for none
}

// String is the summary as lines.
func (s *Summary) String() string {
	out := fmt.Sprintf("%d packets, %d bytes (%.0f a packet), %d hosts to draw from, %.0f s of capture\n", s.Packets, s.Bytes,
		float64(s.Bytes)/float64(max(s.Packets, 1)), s.Hosts, s.Length.Seconds())
	for _, g := range s.Groups {
		out += fmt.Sprintf("  %-8s %5.1f %%  %9d conversations  %9d packets  %11d bytes\n", g.Name, 100*float64(g.Bytes)/float64(max(s.Bytes, 1)),
			g.Conversations, g.Packets, g.Bytes)
	}
	if s.Incident != "" {
		out += "  once: samples/" + s.Incident + "\n"
	}
	return out
}

// writer is a capture in the making.
type writer struct {
	p       *Profile
	size    int64
	dice    dice
	begin   int64
	groups  []*stage
	hosts   uint32
	open    heap
	order   uint64
	started int64 // bytes of all conversations opened so far
	sum     Summary
	last    int64
}

// stage is a group at work.
type stage struct {
	group
	sources []*stock
	began   int64 // bytes opened
	count   Count

	study              *study // of imaging
	visits             []*visit
	called             int   // large conversations
	small              int64 // bytes opened of others
	machines, archives *role
}

// stock is a source's scenes, played in turn.
type stock struct {
	source
	scenes []*scene
	at     int
	began  int64
}

// item is an open conversation, due at a time.
type item struct {
	due   int64
	order uint64
	p     player
	stage *stage
}

// Write makes a capture in the classic format, of size bytes or little more: no conversation is begun once it is reached, and
// those under way are ended.
func Write(out io.Writer, profile string, size int64, seed uint64) (*Summary, error) {
	p, err := find(profile)
	if err != nil {
		return nil, err
	}
	w := &writer{p: p, size: size, dice: dice(seed), begin: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixNano()}
	if err := w.prepare(); err != nil {
		return nil, err
	}
	b := bufio.NewWriterSize(out, 1<<20)
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d) // nanoseconds
	head = append(head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0)
	w.sum.Bytes = int64(len(head))
	if _, err := b.Write(head); err != nil {
		return nil, err
	}
	if err := w.run(b); err != nil {
		return nil, err
	}
	for _, g := range w.groups {
		w.sum.Groups = append(w.sum.Groups, g.count)
	}
	w.sum.Hosts, w.sum.Length = int(w.hosts), time.Duration(w.last-w.begin)
	return &w.sum, b.Flush()
}

// prepare reads the samples and hands out addresses.
func (w *writer) prepare() error {
	for _, g := range w.p.groups {
		s := &stage{group: g, count: Count{Name: g.name}}
		w.groups = append(w.groups, s)
		for _, src := range g.sources {
			scenes, err := load(src.sample, src.whole)
			if err != nil {
				return err
			}
			w.enroll(scenes, src)
			s.sources = append(s.sources, &stock{source: src, scenes: scenes})
		}
		if err := w.grow(s); err != nil {
			return err
		}
	}
	return w.incident()
}

// grow reads what a group's large conversations are made from.
func (w *writer) grow(s *stage) (err error) {
	switch s.large {
	case images:
		s.study, err = openStudy()
		s.machines = w.newRole("10.20.3.11", [6]byte{0x00, 0x0e, 0x9e}, 40)
		s.archives = w.newRole("10.20.3.20", [6]byte{0xb8, 0xca, 0x3a}, 3)
	case downloads:
		s.visits, err = openVisits()
		for _, v := range s.visits {
			w.enroll([]*scene{{roles: []*role{v.client, v.server}}}, source{clients: 200, servers: 8})
		}
	}
	return err
}

// enroll gives each role of a source its clones.
func (w *writer) enroll(scenes []*scene, src source) {
	for _, s := range scenes {
		for _, r := range s.roles {
			if r.clones > 0 {
				continue
			}
			r.clones = src.clients
			if r.clones == 0 {
				r.clones = usualClients
			}
			if r.served > 0 && !src.paired {
				r.clones = src.servers
				if r.clones == 0 {
					r.clones = usualServers
				}
			}
			r.first, r.paired = w.hosts, src.paired
			w.hosts += r.clones
		}
	}
}

// incident opens the one intrusion, spread over the capture.
func (w *writer) incident() error {
	for _, name := range w.p.incident {
		scenes, err := load(name, true)
		if err != nil {
			return err
		}
		s := scenes[0]
		if s.bytes > w.size/20 {
			continue
		}
		w.enroll(scenes, source{clients: 1, servers: 1})
		length := float64(w.size) / float64(w.p.rate) * 1e9
		w.sum.Incident = name
		g := &stage{count: Count{Name: "incident"}}
		w.groups = append(w.groups, g)
		w.start(g, s.play(w.begin, math.Min(1, length/float64(max(s.length, 1))), &w.dice), w.begin)
		w.started += s.bytes
		return nil
	}
	return nil
}

func (w *writer) start(g *stage, p player, due int64) {
	w.order++
	w.open.push(item{due, w.order, p, g})
	g.count.Conversations++
}

// run writes what is due until all is said. Conversations begin when so many bytes are due at the profile's rate.
func (w *writer) run(b *bufio.Writer) error {
	buf := make([]byte, 0, 64<<10)
	for {
		begin := w.begin + int64(float64(w.started)/float64(w.p.rate)*1e9)
		for w.started < w.size && len(w.open) < maxOpen && (len(w.open) == 0 || begin <= w.open[0].due) {
			w.next(max(begin, w.last))
			begin = w.begin + int64(float64(w.started)/float64(w.p.rate)*1e9)
		}
		if len(w.open) == 0 {
			return nil
		}
		it := &w.open[0]
		frame, wire, due, more := it.p.next(append(buf[:0], make([]byte, recordHeader)...))
		w.last = max(w.last, it.due)
		binary.LittleEndian.PutUint32(frame, uint32(w.last/1e9))
		binary.LittleEndian.PutUint32(frame[4:], uint32(w.last%1e9))
		binary.LittleEndian.PutUint32(frame[8:], uint32(len(frame)-recordHeader))
		binary.LittleEndian.PutUint32(frame[12:], uint32(wire))
		if _, err := b.Write(frame); err != nil {
			return err
		}
		w.sum.Packets++
		w.sum.Bytes += int64(len(frame))
		it.stage.count.Packets++
		it.stage.count.Bytes += int64(len(frame))
		if more {
			it.due = due
			w.open.down()
		} else {
			w.open.pop()
		}
		buf = frame
	}
}

// next opens a conversation of the group that is most behind its share.
func (w *writer) next(at int64) {
	g := w.groups[0]
	for _, o := range w.groups {
		if o.share > 0 && o.began*int64(g.share) < g.began*int64(o.share) {
			g = o
		}
	}
	var bytes int64
	if g.large != none && (len(g.sources) == 0 || g.small*int64(g.of) >= g.began) {
		var d *dialogue
		if g.large == images {
			d, bytes = g.study.call(at, w.size/20, g.called, &w.dice, g.machines, g.archives)
		} else {
			d, bytes = g.visits[g.called%len(g.visits)].call(at, w.size/100, &w.dice)
		}
		g.called++
		w.start(g, d, at)
	} else {
		bytes = w.replay(g, at)
		g.small += bytes
	}
	g.began += bytes
	w.started += bytes
}

// replay opens the next scene of the source that is most behind its weight.
func (w *writer) replay(g *stage, at int64) int64 {
	src := g.sources[0]
	for _, o := range g.sources {
		if o.began*int64(src.weight) < src.began*int64(o.weight) {
			src = o
		}
	}
	s := src.scenes[src.at]
	src.at = (src.at + 1) % len(src.scenes)
	src.began += s.bytes
	w.start(g, s.play(at, math.Min(1, float64(longest)/float64(max(s.length, 1))), &w.dice), at)
	return s.bytes
}

// newRole is a host of no sample, of which there are clones.
func (w *writer) newRole(addr string, mac [6]byte, clones uint32) *role {
	r := &role{addr: netip.MustParseAddr(addr), mac: mac, first: w.hosts, clones: clones}
	w.hosts += clones
	return r
}

// heap holds open conversations, the one due first on top; of two due at once, the one that began first.
type heap []item

func (h heap) before(a, b int) bool {
	return h[a].due < h[b].due || h[a].due == h[b].due && h[a].order < h[b].order
}

func (h *heap) push(it item) {
	*h = append(*h, it)
	for i := len(*h) - 1; i > 0 && h.before(i, (i-1)/2); i = (i - 1) / 2 {
		(*h)[i], (*h)[(i-1)/2] = (*h)[(i-1)/2], (*h)[i]
	}
}

func (h *heap) pop() {
	last := len(*h) - 1
	(*h)[0] = (*h)[last]
	(*h)[last] = item{}
	*h = (*h)[:last]
	h.down()
}

// down puts the top where it belongs after its time has changed.
func (h heap) down() {
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h); c++ {
			if h.before(c, least) {
				least = c
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
