package mix

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"path/filepath"

	"wardtrace/samples"
)

// study is what a sample's association gives to larger ones: its negotiation, one object without its pixels, and the answers.
type study struct {
	request, accept []byte
	command, answer []element // of a C-STORE, implicit VR
	object          []element // explicit VR, up to the pixels
	context         byte
	ask, grant      []byte // release and its answer
}

// element of a data set; vr is "" where it is implicit.
type element struct {
	tag   uint32
	vr    string
	value []byte
}

// openStudy reads the association of samples/dicom-basic in which CT_1 stores to PACS_LAB.
func openStudy() (*study, error) {
	r := &recording{roles: map[netip.Addr]*role{}, owner: map[[6]byte]*role{}}
	if err := r.read(filepath.Join(samples.Dir("dicom-basic"), "capture.pcap")); err != nil {
		return nil, err
	}
	for _, pair := range r.talks() {
		for _, t := range pair {
			if s := r.study(t); s != nil {
				return s, nil
			}
		}
	}
	return nil, fmt.Errorf("samples/dicom-basic holds no C-STORE any more: imaging has nothing to grow from")
}

// study takes a conversation apart, nil if it is no association that stores.
func (r *recording) study(t *talk) *study {
	var said [2][]byte
	for _, i := range t.frames {
		h := &r.frames[i]
		from := 0
		if netip.AddrPortFrom(h.src, h.sport) != t.client {
			from = 1
		}
		if h.proto == 6 && h.l4 > 0 {
			said[from] = append(said[from], h.data[h.l4+int(h.data[h.l4+12]>>4)*4:h.end]...)
		}
	}
	client, server := pdus(said[0]), pdus(said[1])
	if len(client) < 4 || len(server) < 3 || client[0][0] != 1 || server[0][0] != 2 || client[1][0] != 4 || client[2][0] != 4 {
		return nil
	}
	s := &study{request: client[0], accept: server[0], context: client[1][10], ask: client[len(client)-1], grant: server[len(server)-1]}
	s.command, s.answer, s.object = elements(client[1][12:], false), elements(server[1][12:], false), elements(client[2][12:], true)
	if number(s.command, 0x00000100) != 1 || len(s.object) == 0 || s.object[len(s.object)-1].tag != 0x7fe00010 {
		return nil
	}
	s.object = s.object[:len(s.object)-1]
	return s
}

func pdus(b []byte) (out [][]byte) {
	for len(b) >= 6 {
		n := 6 + int(binary.BigEndian.Uint32(b[2:]))
		if n > len(b) {
			return out
		}
		out = append(out, b[:n])
		b = b[n:]
	}
	return out
}

// elements reads a little-endian data set without sequences, which the sample's objects are.
func elements(b []byte, explicit bool) (out []element) {
	for len(b) >= 8 {
		e := element{tag: uint32(binary.LittleEndian.Uint16(b))<<16 | uint32(binary.LittleEndian.Uint16(b[2:]))}
		head, n := 8, int(binary.LittleEndian.Uint32(b[4:]))
		if explicit {
			e.vr = string(b[4:6])
			n = int(binary.LittleEndian.Uint16(b[6:]))
			if e.vr == "OW" && len(b) >= 12 {
				head, n = 12, int(binary.LittleEndian.Uint32(b[8:]))
			}
		}
		if n < 0 || head+n > len(b) {
			return nil
		}
		e.value = b[head : head+n]
		out = append(out, e)
		b = b[head+n:]
	}
	return out
}

func number(es []element, tag uint32) int {
	for _, e := range es {
		if e.tag == tag && len(e.value) >= 2 {
			return int(binary.LittleEndian.Uint16(e.value))
		}
	}
	return -1
}

// encode writes elements with some values changed; a value that is text is padded to even length.
func encode(dst []byte, es []element, changed map[uint32][]byte) []byte {
	for _, e := range es {
		v := e.value
		if c, ok := changed[e.tag]; ok {
			v = c
		}
		dst = binary.LittleEndian.AppendUint16(dst, uint16(e.tag>>16))
		dst = binary.LittleEndian.AppendUint16(dst, uint16(e.tag))
		n := len(v) + len(v)&1
		if e.vr != "" {
			dst = binary.LittleEndian.AppendUint16(append(dst, e.vr...), uint16(n))
		} else {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
		}
		dst = append(dst, v...)
		if len(v)&1 != 0 {
			pad := byte(0)
			if e.vr != "" && e.vr != "UI" {
				pad = ' '
			}
			dst = append(dst, pad)
		}
	}
	return dst
}

// commandSet encodes a command with its group length (PS3.7 6.3.1).
func (a *association) commandSet(es []element, changed map[uint32][]byte) []byte {
	b := a.m.sopClass(encode(nil, es, changed))
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)-12))
	return b
}

// pdv frames a whole message fragment as one P-DATA-TF PDU; control is bit 0 for a command, bit 1 for the last (PS3.8 E.2).
func pdv(context, control byte, b []byte) []byte {
	out := append([]byte{4, 0}, binary.BigEndian.AppendUint32(nil, uint32(len(b)+6))...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(b)+2))
	return append(append(out, context, control), b...)
}

// negotiation is an A-ASSOCIATE PDU with the machine's title and SOP class and another maximum length of P-DATA-TF (PS3.8 9.3.2,
// D.1).
func (a *association) negotiation(pdu []byte) []byte {
	out := a.m.sopClass(pdu)
	copy(out[26:42], fmt.Sprintf("%-16s", a.title))
	if at := bytes.Index(out, []byte{0x51, 0, 0, 4}); at >= 0 {
		binary.BigEndian.PutUint32(out[at+4:], uint32(a.maximum))
	}
	return out
}

// modality is a kind of image: its size, and how many of it one association carries.
type modality struct {
	name          string
	class         byte // last digit of its SOP class, 1.2.840.10008.5.1.4.1.1.x
	rows, columns int
	most          int
}

const ctImageStorage = "1.2.840.10008.5.1.4.1.1.2"

// sopClass puts the modality's SOP class where the sample has that of CT.
func (m *modality) sopClass(b []byte) []byte {
	return bytes.ReplaceAll(b, []byte(ctImageStorage), append([]byte(ctImageStorage[:len(ctImageStorage)-1]), m.class))
}

// modalities have sizes of real objects, 16 bits a pixel: CT and MR 512 KiB, MR of a larger matrix 2 MiB, a radiograph 8 MiB.
// One that comes twice in the list comes twice as often.
var modalities = []modality{{"CT", '2', 512, 512, 40}, {"CT", '2', 512, 512, 40}, {"MR", '4', 512, 512, 24}, {"MR", '4', 1024, 1024, 8}, {"CR", '1', 2048, 2048, 2}}

// association stores objects from a modality to an archive.
type association struct {
	*study
	c        tcp
	number   int    // of the association in the capture
	title    string // of the machine
	maximum  int    // length of a P-DATA-TF PDU
	m        modality
	objects  int
	object   int
	step     int
	message  body
	pace     int64 // nanoseconds a full segment takes
	sinceACK int
	due      int64
}

// body is what one side has yet to say in its turn: bytes that are made, then pixels that are not yet.
type body struct {
	client bool
	ready  []byte
	pixels int
	left   int // of the PDU under way, without what is ready
	noise  dice
}

// call opens an association that carries about as many objects as fit size.
func (s *study) call(begin, size int64, number int, d *dice, machines, archives *role) *association {
	m := modalities[d.below(len(modalities))]
	for int64(m.rows*m.columns*2) > size/2 && m.rows > 64 { // small captures get small images
		m.rows, m.columns = m.rows/2, m.columns/2
	}
	a := &association{study: s, number: number, m: m, objects: 1 + d.below(m.most), due: begin, maximum: []int{16384, 32768, 65536}[d.below(3)]}
	for a.objects > 1 && a.size() > size {
		a.objects /= 2
	}
	k := uint32(d.below(int(machines.clones)))
	a.title = fmt.Sprintf("%s_%d", m.name, k+1)
	a.c = tcp{hosts: [2]host{machines.clone(k), archives.clone(uint32(d.below(int(archives.clones))))}, ports: [2]uint16{machines.port(k), 11112},
		seq: [2]uint32{uint32(d.roll()), uint32(d.roll())}, clock: [2]uint32{uint32(d.roll() >> 33), uint32(d.roll() >> 33)}, begin: begin}
	a.pace = 1448 * 1e9 / int64(2_000_000+d.below(10_000_000)) // 2 to 12 MB/s
	a.message.noise = dice(d.roll())
	return a
}

// size is about how many bytes of capture an association makes: segments, an acknowledgement to every second one.
func (a *association) size() int64 {
	bytes := int64(a.objects) * int64(a.m.rows*a.m.columns*2+1500)
	return bytes + bytes/1448*(66+recordHeader) + bytes/2896*(66+recordHeader) + 4000
}

// An association's steps: three of TCP, the negotiation, then a question and an answer an object, release, and TCP's end.
const (
	stepSYN = iota
	stepSYNACK
	stepACK
	stepRequest
	stepAccept
	stepStore
	stepAnswer
	stepRelease
	stepReleased
	stepFIN
	stepFINACK
	stepLast
)

func (a *association) next(dst []byte) ([]byte, int, int64, bool) {
	begin, at := len(dst), a.due
	switch a.step {
	case stepSYN, stepSYNACK, stepACK, stepFIN, stepFINACK, stepLast:
		dst = a.handshake(dst, at)
	default:
		dst = a.talk(dst, at)
	}
	return dst, len(dst) - begin, a.due, a.step <= stepLast
}

func (a *association) handshake(dst []byte, at int64) []byte {
	const fin, syn, ack = 1, 2, 16
	client := a.step != stepSYNACK && a.step != stepFINACK
	control := map[int]byte{stepSYN: syn, stepSYNACK: syn | ack, stepACK: ack, stepFIN: fin | ack, stepFINACK: fin | ack, stepLast: ack}[a.step]
	dst = a.c.segment(dst, at, client, control, nil)
	a.step++
	a.due = at + 200_000
	if a.step == stepRequest {
		a.turn()
	}
	return dst
}

// talk says the next segment of the turn, or acknowledges.
func (a *association) talk(dst []byte, at int64) []byte {
	const psh, ack = 8, 16
	m := &a.message
	if done := m.done(); a.sinceACK == 2 || done {
		dst = a.c.segment(dst, at, !m.client, ack, nil)
		a.sinceACK = 0
		a.due = at + a.pace/4
		if done {
			a.advance()
			a.due = at + 2_000_000
		}
		return dst
	}
	var b [1448]byte
	n := m.read(b[:], a.context, a.maximum)
	control := byte(ack)
	if m.done() {
		control |= psh
	}
	dst = a.c.segment(dst, at, m.client, control, b[:n])
	a.sinceACK++
	a.due = at + a.pace*int64(n+66)/1514
	return dst
}

// advance goes to the next turn.
func (a *association) advance() {
	if a.step == stepAnswer {
		if a.object++; a.object < a.objects {
			a.step = stepRequest + 1 // the next object
		}
	}
	a.step++
	a.turn()
}

// turn prepares what is said in a step.
func (a *association) turn() {
	m := &a.message
	m.client = a.step == stepRequest || a.step == stepStore || a.step == stepRelease
	instance := []byte(fmt.Sprintf("1.2.826.0.1.3680043.8.498.3.%d.%d", a.number+1, a.object+1))
	id := binary.LittleEndian.AppendUint16(nil, uint16(a.object+1))
	switch a.step {
	case stepRequest:
		m.ready = a.negotiation(a.request)
	case stepAccept:
		m.ready = a.negotiation(a.accept)
	case stepStore:
		m.ready = pdv(a.context, 3, a.commandSet(a.command, map[uint32][]byte{0x00000110: id, 0x00001000: instance}))
		m.start(a.head(instance), a.m.rows*a.m.columns*2, a.context, a.maximum)
	case stepAnswer:
		m.ready = pdv(a.context, 3, a.commandSet(a.answer, map[uint32][]byte{0x00000120: id, 0x00001000: instance}))
	case stepRelease:
		m.ready = a.ask
	case stepReleased:
		m.ready = a.grant
	}
}

// head is the data set of an object as far as the pixels, whose length it says.
func (a *association) head(instance []byte) []byte {
	text := func(format string, v ...any) []byte { return []byte(fmt.Sprintf(format, v...)) }
	word := func(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
	n := a.number + 1
	b := encode(nil, a.study.object, map[uint32][]byte{
		0x00080018: instance, 0x00080050: text("ACC%07d", n), 0x00080060: text("%s", a.m.name),
		0x00100010: text("LABPATIENT^NUMBER%d", n), 0x00100020: text("LAB-%06d", n), 0x0020000d: text("1.2.826.0.1.3680043.8.498.1.%d", n),
		0x0020000e: text("1.2.826.0.1.3680043.8.498.2.%d", n), 0x00200010: text("%d", n), 0x00200013: text("%d", a.object+1),
		0x00280010: word(a.m.rows), 0x00280011: word(a.m.columns)})
	b = append(a.m.sopClass(b), 0xe0, 0x7f, 0x10, 0, 'O', 'W', 0, 0)
	return binary.LittleEndian.AppendUint32(b, uint32(a.m.rows*a.m.columns*2))
}

// start adds a data set to the turn: what is before the pixels stands in the first PDU, with as many pixels as fit.
func (m *body) start(head []byte, pixels int, context byte, maximum int) {
	n := min(len(head)+pixels, maximum-6)
	m.frame(n, len(head)+pixels == n, context)
	m.ready = append(m.ready, head...)
	m.left, m.pixels = n-len(head), pixels
}

// frame appends the heads of a P-DATA-TF PDU and its only PDV.
func (m *body) frame(n int, last bool, context byte) {
	m.ready = append(m.ready, 4, 0)
	m.ready = binary.BigEndian.AppendUint32(m.ready, uint32(n+6))
	m.ready = binary.BigEndian.AppendUint32(m.ready, uint32(n+2))
	control := byte(0)
	if last {
		control = 2
	}
	m.ready = append(m.ready, context, control)
}

func (m *body) done() bool { return len(m.ready) == 0 && m.pixels == 0 }

// read gives the next bytes of the turn, at most what fits.
func (m *body) read(b []byte, context byte, maximum int) (n int) {
	for n < len(b) && !m.done() {
		if len(m.ready) > 0 {
			k := copy(b[n:], m.ready)
			m.ready = m.ready[k:]
			n += k
			continue
		}
		if m.left == 0 {
			m.left = min(m.pixels, maximum-6)
			m.frame(m.left, m.left == m.pixels, context)
			continue
		}
		k := min(m.left, len(b)-n)
		m.fill(b[n : n+k])
		m.left, m.pixels, n = m.left-k, m.pixels-k, n+k
	}
	return n
}

func (m *body) fill(b []byte) {
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, m.noise.roll())
		b = b[8:]
	}
	for i := range b {
		b[i] = byte(m.noise.roll())
	}
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
