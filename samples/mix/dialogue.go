package mix

import "encoding/binary"

// script is what two sides say in turns.
type script interface {
	// turn prepares what is said in turn n, counted from 0; false: all is said.
	turn(n int, m *body) bool
}

// body is what one side has yet to say in its turn: bytes that stand ready, then noise in units that have a beginning of their
// own, such as the PDUs of an image or the records of TLS. Noise is made when it is due, so that memory does not grow with it.
type body struct {
	client bool
	ready  []byte
	noise  int                           // bytes of noise to come
	unit   func(n int, last bool) []byte // beginning of a unit of n bytes
	most   int                           // bytes a unit carries
	left   int                           // of the unit under way
	dice   dice
}

// start adds bytes that are not noise to the first unit.
func (m *body) start(head []byte) {
	n := min(len(head)+m.noise, m.most)
	m.ready = append(append(m.ready, m.unit(n, len(head)+m.noise == n)...), head...)
	m.left = n - len(head)
}

func (m *body) done() bool { return len(m.ready) == 0 && m.noise == 0 }

// read gives the next bytes of the turn, at most what fits.
func (m *body) read(b []byte) (n int) {
	for n < len(b) && !m.done() {
		if len(m.ready) > 0 {
			k := copy(b[n:], m.ready)
			m.ready = m.ready[k:]
			n += k
			continue
		}
		if m.left == 0 {
			m.left = min(m.noise, m.most)
			m.ready = m.unit(m.left, m.left == m.noise)
			continue
		}
		k := min(m.left, len(b)-n)
		m.fill(b[n : n+k])
		m.left, m.noise, n = m.left-k, m.noise-k, n+k
	}
	return n
}

func (m *body) fill(b []byte) {
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, m.dice.roll())
		b = b[8:]
	}
	for i := range b {
		b[i] = byte(m.dice.roll())
	}
}

// dialogue is a connection on which a script is spoken: full segments, every second one acknowledged.
type dialogue struct {
	c      tcp
	script script
	step   int
	n      int // turn
	said   body
	pace   int64 // nanoseconds a full segment takes
	unACK  int   // segments not acknowledged
	due    int64
}

const segmentSize = 1448

// hold begins a script on a connection, at 2 to 12 MB/s.
func (c tcp) hold(s script, begin int64, d *dice) *dialogue {
	c.begin = begin
	for i := range 2 {
		c.seq[i], c.clock[i] = uint32(d.roll()), uint32(d.roll()>>33)
	}
	out := &dialogue{c: c, script: s, due: begin, pace: segmentSize * 1e9 / int64(2_000_000+d.below(10_000_000))}
	out.said.dice = dice(d.roll())
	return out
}

// onWire is about how many bytes of capture a dialogue of so many bytes makes.
func onWire(bytes int64) int64 {
	return bytes + (bytes/segmentSize+bytes/(2*segmentSize))*(66+recordHeader) + 2000
}

// The steps of a dialogue.
const (
	stepSYN = iota
	stepSYNACK
	stepACK
	stepTalk
	stepFIN
	stepFINACK
	stepLast
)

const flagFIN, flagSYN, flagPSH, flagACK = 1, 2, 8, 16

func (d *dialogue) next(dst []byte) ([]byte, int, int64, bool) {
	begin, at := len(dst), d.due
	if d.step == stepTalk {
		dst = d.talk(dst, at)
	} else {
		client := d.step != stepSYNACK && d.step != stepFINACK
		dst = d.c.segment(dst, at, client, [...]byte{flagSYN, flagSYN | flagACK, flagACK, 0, flagFIN | flagACK, flagFIN | flagACK, flagACK}[d.step], nil)
		d.due = at + 200_000
		d.step++
		if d.step == stepTalk {
			d.turn()
		}
	}
	return dst, len(dst) - begin, d.due, d.step <= stepLast
}

// turn goes to the next turn, or to the end.
func (d *dialogue) turn() {
	if !d.script.turn(d.n, &d.said) {
		d.step = stepFIN
	}
	d.n++
}

// talk says the next segment of the turn, or acknowledges.
func (d *dialogue) talk(dst []byte, at int64) []byte {
	m := &d.said
	if done := m.done(); d.unACK == 2 || done {
		dst = d.c.segment(dst, at, !m.client, flagACK, nil)
		d.unACK = 0
		d.due = at + d.pace/4
		if done {
			d.due = at + 2_000_000
			d.turn()
		}
		return dst
	}
	var b [segmentSize]byte
	n := m.read(b[:])
	control := byte(flagACK)
	if m.done() {
		control |= flagPSH
	}
	dst = d.c.segment(dst, at, m.client, control, b[:n])
	d.unACK++
	d.due = at + d.pace*int64(n+66)/(segmentSize+66)
	return dst
}

// tcp writes the segments of a connection between two hosts.
type tcp struct {
	hosts [2]host // client, server
	ports [2]uint16
	seq   [2]uint32
	clock [2]uint32 // of the time stamp option, at begin
	begin int64
	last  [2]uint32 // time stamp last sent
	id    [2]uint16
}

func (c *tcp) segment(dst []byte, at int64, client bool, control byte, payload []byte) []byte {
	from, to := 0, 1
	if !client {
		from, to = 1, 0
	}
	begin := len(dst)
	dst = append(append(append(dst, c.hosts[to].mac[:]...), c.hosts[from].mac[:]...), 8, 0)
	options := 12
	if control&2 != 0 {
		options = 20
	}
	c.id[from]++
	src, to4 := c.hosts[from].addr.As4(), c.hosts[to].addr.As4()
	dst = append(dst, 0x45, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(40+options+len(payload)))
	dst = binary.BigEndian.AppendUint16(dst, c.id[from])
	dst = append(dst, 0x40, 0, 64, 6, 0, 0)
	dst = append(append(dst, src[:]...), to4[:]...)
	dst = binary.BigEndian.AppendUint16(dst, c.ports[from])
	dst = binary.BigEndian.AppendUint16(dst, c.ports[to])
	dst = binary.BigEndian.AppendUint32(dst, c.seq[from])
	ack := c.seq[to]
	if control&16 == 0 {
		ack = 0
	}
	dst = binary.BigEndian.AppendUint32(dst, ack)
	dst = append(dst, byte((20+options)/4<<4), control, 0x80, 0, 0, 0, 0, 0)
	if control&2 != 0 {
		dst = append(dst, 2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7, 8, 10) // MSS 1460, SACK permitted, window scale 7
	} else {
		dst = append(dst, 1, 1, 8, 10)
	}
	c.last[from] = c.clock[from] + uint32((at-c.begin)/1e6)
	dst = binary.BigEndian.AppendUint32(dst, c.last[from])
	dst = binary.BigEndian.AppendUint32(dst, c.last[to])
	dst = append(dst, payload...)
	f := dst[begin:]
	put(f[24:], ^fold(sum(f[14:34])))
	put(f[50:], ^fold(sum(f[34:])+sum(f[26:34])+6+uint64(len(f)-34)))
	c.seq[from] += uint32(len(payload))
	if control&3 != 0 {
		c.seq[from]++
	}
	return dst
}
