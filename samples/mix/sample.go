package mix

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sort"

	"github.com/gopacket/gopacket/pcapgo"

	"wardtrace/samples"
)

// role is a host of a sample, of which there are clones in the capture.
type role struct {
	addr   netip.Addr
	mac    [6]byte // zero if the address is not its own: behind a router, or shared
	first  uint32  // number of its first clone
	clones uint32
	paired bool // its k-th clone speaks with the k-th clones of the others alone
	served int  // conversations in which it was the server, less those in which it was the client
	ports  []uint16
}

// scene is one conversation of a sample, or several of the same two hosts that overlap in time.
type scene struct {
	frames []take
	roles  []*role
	flows  int // conversations with a client port to be changed
	bytes  int64
	length int64 // nanoseconds from the first frame to the last
}

// take is one frame, with the places that differ from one instance of its scene to the next.
type take struct {
	at    int64 // nanoseconds since the scene began
	data  []byte
	wire  int
	edits []edit
	ip    int // offset of the IPv4 header's checksum, 0 = none
	sum   int // offset of the transport's checksum, 0 = none
	quote int // offset of the checksum of the IPv4 header that ICMP quotes, 0 = none
}

// recording is a sample in the making: its frames and who is in them.
type recording struct {
	roles  map[netip.Addr]*role
	owner  map[[6]byte]*role // nil: several addresses came with it
	frames []header
}

// load reads a sample and cuts it into scenes; whole keeps it in one.
func load(name string, whole bool) ([]*scene, error) {
	r := &recording{roles: map[netip.Addr]*role{}, owner: map[[6]byte]*role{}}
	if err := r.read(filepath.Join(samples.Dir(name), "capture.pcap")); err != nil {
		return nil, fmt.Errorf("sample %s: %w", name, err)
	}
	r.cast()
	scenes := r.cut(whole)
	if len(scenes) == 0 {
		return nil, fmt.Errorf("sample %s: no Ethernet frame in it", name)
	}
	return scenes, nil
}

func (r *recording) read(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := pcapgo.NewReader(f)
	if err != nil {
		return err
	}
	if in.LinkType() != 1 {
		return fmt.Errorf("link type %v: only Ethernet can be mixed", in.LinkType())
	}
	for {
		data, ci, err := in.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if missing := ci.Length - len(data); missing > 0 && ci.Length <= 1514 { // cut by the snap length: zeros are as good
			data = append(data, make([]byte, missing)...)
		}
		h := parse(data)
		h.at, h.wire = ci.Timestamp.UnixNano(), ci.Length
		r.frames = append(r.frames, h)
	}
}

// cast finds out who owns which hardware address, and who serves whom.
func (r *recording) cast() {
	for i := range r.frames {
		h := &r.frames[i]
		r.meet(h.src, h.srcMAC)
		r.meet(h.dst, h.dstMAC)
	}
	for i := range r.frames {
		h := &r.frames[i]
		for _, mac := range [][6]byte{h.srcMAC, h.dstMAC} {
			if ro := r.owner[mac]; ro != nil && ro.mac == [6]byte{} {
				ro.mac = mac
			}
		}
	}
	for i := range r.frames { // who has no address yet (DHCP) is known by the one it gets
		h := &r.frames[i]
		if ro := r.owner[h.srcMAC]; ro != nil && (!h.src.IsValid() || h.src.IsUnspecified()) {
			h.src = ro.addr
		}
		if ro := r.owner[h.dstMAC]; ro != nil && !h.dst.IsValid() {
			h.dst = ro.addr
		}
	}
}

// meet notes that an address came with a hardware address.
func (r *recording) meet(a netip.Addr, mac [6]byte) {
	if !unicast(a) {
		return
	}
	ro := r.roles[a]
	if ro == nil {
		ro = &role{addr: a}
		r.roles[a] = ro
	}
	if mac[0]&1 != 0 || !a.IsPrivate() || a.Is6() {
		return
	}
	if owner, ok := r.owner[mac]; ok && owner != ro {
		r.owner[mac] = nil // a router, or somebody who pretends
	} else if !ok {
		r.owner[mac] = ro
	}
}

func unicast(a netip.Addr) bool {
	if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() {
		return false
	}
	return !a.Is4() || a.As4()[3] != 255
}

// flow names a conversation whichever way it goes.
type flow struct {
	a, b  netip.AddrPort
	proto uint16
}

// talk is a conversation of a recording: its frames by index.
type talk struct {
	client      netip.AddrPort
	change      bool // its client's port may change
	frames      []int
	first, last int64
}

// talks gives the conversations of a recording by pair of hosts, in the order of their first frames.
func (r *recording) talks() (pairs [][]*talk) {
	byFlow, byPair := map[flow]*talk{}, map[[2]netip.Addr]int{}
	for i := range r.frames {
		h := &r.frames[i]
		k := flow{netip.AddrPortFrom(h.src, h.sport), netip.AddrPortFrom(h.dst, h.dport), h.proto}
		if k.a.Compare(k.b) > 0 {
			k.a, k.b = k.b, k.a
		}
		t := byFlow[k]
		if t == nil || h.syn {
			t = &talk{client: netip.AddrPortFrom(h.src, h.sport), first: h.at, change: h.syn && h.sport >= 1024 || h.sport >= 32768}
			byFlow[k] = t
			pair := [2]netip.Addr{k.a.Addr(), k.b.Addr()}
			at, ok := byPair[pair]
			if !ok {
				at = len(pairs)
				byPair[pair] = at
				pairs = append(pairs, nil)
			}
			pairs[at] = append(pairs[at], t)
			r.count(h.src, -1)
			r.count(h.dst, 1)
		}
		t.frames = append(t.frames, i)
		t.last = h.at
	}
	return pairs
}

func (r *recording) count(a netip.Addr, n int) {
	if ro := r.roles[a]; ro != nil {
		ro.served += n
	}
}

// cut makes scenes of a recording. What two hosts say at the same time stays together, such as FTP's connections.
func (r *recording) cut(whole bool) (scenes []*scene) {
	var all []*talk
	for _, pair := range r.talks() {
		var together []*talk
		last := int64(0)
		for _, t := range pair {
			if len(together) > 0 && t.first > last && !whole {
				scenes = append(scenes, r.scene(together))
				together = nil
			}
			together = append(together, t)
			last = max(last, t.last)
		}
		if whole {
			all = append(all, together...)
		} else {
			scenes = append(scenes, r.scene(together))
		}
	}
	if whole && len(all) > 0 {
		scenes = append(scenes, r.scene(all))
	}
	return scenes
}

// scene puts conversations together, their frames in order of time.
func (r *recording) scene(talks []*talk) *scene {
	s := &scene{}
	type part struct{ frame, talk int }
	var order []part
	for n, t := range talks {
		for _, f := range t.frames {
			order = append(order, part{f, n})
		}
	}
	sort.Slice(order, func(i, j int) bool { return order[i].frame < order[j].frame })
	index := map[*role]uint8{}
	flows := map[int]uint8{}
	begin := r.frames[order[0].frame].at
	for _, p := range order {
		h := &r.frames[p.frame]
		t := take{at: max(h.at-begin, s.length), data: h.data, wire: h.wire}
		port := -1
		if talks[p.talk].change {
			n, ok := flows[p.talk]
			if !ok && len(flows) < 255 {
				n, ok = uint8(len(flows)), true
				flows[p.talk] = n
			}
			if ok {
				port = int(n)
			}
		}
		r.mark(&t, h, s, index, port, talks[p.talk].client)
		s.frames = append(s.frames, t)
		s.length = t.at
		s.bytes += int64(recordHeader + len(t.data))
	}
	s.flows = len(flows)
	return s
}

const recordHeader = 16

// header is what of a frame's headers matters here.
type header struct {
	data           []byte
	wire           int
	at             int64
	srcMAC, dstMAC [6]byte
	src, dst       netip.Addr
	proto          uint16 // of IP, or 1<<8 and more: EtherType
	sport, dport   uint16
	syn            bool // SYN without ACK
	four           bool // IPv4
	l3, l4         int  // offsets; l4 is 0 if there is none, or in a later fragment
	end            int  // of the IP packet, in the frame
	cut            bool // fragment, or bytes are missing: no checksum can be made
}

// parse reads a frame as far as it goes.
func parse(data []byte) header {
	h := header{data: data}
	if len(data) < 14 {
		return h
	}
	copy(h.dstMAC[:], data)
	copy(h.srcMAC[:], data[6:])
	at, kind := 14, binary.BigEndian.Uint16(data[12:])
	for kind == 0x8100 && len(data) >= at+4 {
		kind = binary.BigEndian.Uint16(data[at+2:])
		at += 4
	}
	h.l3, h.proto = at, kind
	switch {
	case kind == 0x0800 && len(data) >= at+20:
		h.ip4(data[at:])
	case kind == 0x86dd && len(data) >= at+40:
		h.ip6(data[at:])
	case kind == 0x0806 && len(data) >= at+28:
		h.src, _ = netip.AddrFromSlice(data[at+14 : at+18])
		h.dst, _ = netip.AddrFromSlice(data[at+24 : at+28])
	}
	return h
}

func (h *header) ip4(ip []byte) {
	n, total := int(ip[0]&15)*4, int(binary.BigEndian.Uint16(ip[2:]))
	h.src, _ = netip.AddrFromSlice(ip[12:16])
	h.dst, _ = netip.AddrFromSlice(ip[16:20])
	h.four, h.proto = true, uint16(ip[9])
	fragment := binary.BigEndian.Uint16(ip[6:])
	h.cut = fragment&0x3fff != 0 || total > len(ip) || total < n
	h.end = h.l3 + min(total, len(ip))
	if fragment&0x1fff == 0 && n >= 20 && n < len(ip) {
		h.transport(ip, n)
	}
}

func (h *header) ip6(ip []byte) {
	total := 40 + int(binary.BigEndian.Uint16(ip[4:]))
	h.src, _ = netip.AddrFromSlice(ip[8:24])
	h.dst, _ = netip.AddrFromSlice(ip[24:40])
	h.proto = uint16(ip[6])
	h.cut = total > len(ip)
	h.end = h.l3 + min(total, len(ip))
	h.transport(ip, 40)
}

func (h *header) transport(ip []byte, n int) {
	t := ip[n:]
	if (h.proto == 6 || h.proto == 17) && len(t) >= 8 {
		h.sport, h.dport = binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:])
	}
	if h.proto == 6 && len(t) >= 20 {
		h.syn = t[13]&0x12 == 2
	}
	h.l4 = h.l3 + n
}
