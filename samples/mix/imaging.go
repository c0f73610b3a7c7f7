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

// association is what is said when a modality stores objects to an archive.
type association struct {
	*study
	number  int    // of the association in the capture
	title   string // of the machine
	maximum int    // length of a P-DATA-TF PDU
	m       modality
	objects int
}

// call opens an association that carries as many objects as its modality makes, or as fit size.
func (s *study) call(begin, size int64, number int, d *dice, machines, archives *role) (*dialogue, int64) {
	m := modalities[d.below(len(modalities))]
	for int64(m.rows*m.columns*2) > size/2 && m.rows > 64 { // small captures get small images
		m.rows, m.columns = m.rows/2, m.columns/2
	}
	a := &association{study: s, number: number, m: m, objects: 1 + d.below(m.most), maximum: []int{16384, 32768, 65536}[d.below(3)]}
	for a.objects > 1 && a.size() > size {
		a.objects /= 2
	}
	k := uint32(d.below(int(machines.clones)))
	a.title = fmt.Sprintf("%s_%d", m.name, k+1)
	c := tcp{hosts: [2]host{machines.clone(k), archives.clone(uint32(d.below(int(archives.clones))))}, ports: [2]uint16{machines.port(k), 11112}}
	return c.hold(a, begin, d), onWire(a.size())
}

// size is about how many bytes an association says.
func (a *association) size() int64 { return int64(a.objects) * int64(a.m.rows*a.m.columns*2+1500) }

// turn is what is said in turn n: negotiation, a question and an answer an object, release.
func (a *association) turn(n int, m *body) bool {
	m.client = n%2 == 0
	last := 2*a.objects + 2
	object := (n - 2) / 2
	instance := []byte(fmt.Sprintf("1.2.826.0.1.3680043.8.498.3.%d.%d", a.number+1, object+1))
	id := binary.LittleEndian.AppendUint16(nil, uint16(object+1))
	switch {
	case n == 0:
		m.ready = a.negotiation(a.request)
	case n == 1:
		m.ready = a.negotiation(a.accept)
	case n == last:
		m.ready = a.ask
	case n == last+1:
		m.ready = a.grant
	case n > last:
		return false
	case m.client:
		m.ready = pdv(a.context, 3, a.commandSet(a.command, map[uint32][]byte{0x00000110: id, 0x00001000: instance}))
		m.unit, m.most, m.noise = a.pdata, a.maximum-6, a.m.rows*a.m.columns*2
		m.start(a.head(instance, object))
	default:
		m.ready = pdv(a.context, 3, a.commandSet(a.answer, map[uint32][]byte{0x00000120: id, 0x00001000: instance}))
	}
	return true
}

// pdata is the beginning of a P-DATA-TF PDU whose only PDV has n bytes of the data set.
func (a *association) pdata(n int, last bool) []byte {
	out := binary.BigEndian.AppendUint32([]byte{4, 0}, uint32(n+6))
	out = append(binary.BigEndian.AppendUint32(out, uint32(n+2)), a.context, 0)
	if last {
		out[len(out)-1] = 2
	}
	return out
}

// head is the data set of an object as far as the pixels, whose length it says.
func (a *association) head(instance []byte, object int) []byte {
	text := func(format string, v ...any) []byte { return []byte(fmt.Sprintf(format, v...)) }
	word := func(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
	n := a.number + 1
	b := encode(nil, a.study.object, map[uint32][]byte{
		0x00080018: instance, 0x00080050: text("ACC%07d", n), 0x00080060: text("%s", a.m.name),
		0x00100010: text("LABPATIENT^NUMBER%d", n), 0x00100020: text("LAB-%06d", n), 0x0020000d: text("1.2.826.0.1.3680043.8.498.1.%d", n),
		0x0020000e: text("1.2.826.0.1.3680043.8.498.2.%d", n), 0x00200010: text("%d", n), 0x00200013: text("%d", object+1),
		0x00280010: word(a.m.rows), 0x00280011: word(a.m.columns)})
	b = append(a.m.sopClass(b), 0xe0, 0x7f, 0x10, 0, 'O', 'W', 0, 0)
	return binary.LittleEndian.AppendUint32(b, uint32(a.m.rows*a.m.columns*2))
}
