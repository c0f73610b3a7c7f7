package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
)

// adversary is a capture made to break a cap: it asks for more memory, or for more time a byte, than any ward does. They are
// too large to be kept; .ci/adversary makes each at two sizes and measures what they cost.
type adversary struct {
	n    int    // the size that is measured, and its double
	unit string // what n counts
	make func(w *bufio.Writer, n int) error
}

var adversaries = map[string]adversary{
	// Packets and flows.
	"one-packet-flows":      {5_000_000, "flows of one packet", packets(onePacketFlows)},
	"one-packet-tcp":        {1_000_000, "half-open connections", packets(halfOpen)},
	"syn-scan":              {1_000_000, "ports that one host tries", packets(synScan)},
	"overlapping-fragments": {1_000_000, "fragments that overlap", packets(overlappingFragments)},
	"open-fragments":        {1_000_000, "first fragments without a second", packets(openFragments)},
	"tiny-fragments":        {1_000_000, "fragments of eight bytes", packets(tinyFragments)},
	"deep-tunnels":          {200_000, "packets full of headers", packets(deepTunnels)},
	"tcp-holes":             {200, "connections with 10,000 holes each", packets(tcpHoles)},
	"tcp-overlaps":          {500_000, "segments that overlap", packets(tcpOverlaps)},
	"slow-drip":             {20_000, "connections that send a byte a minute", packets(slowDrip)},
	"huge-lengths":          {4, "rounds over all samples", packets(hugeLengths)},
	"wild-clock":            {1_000_000, "packets with times at random", packets(wildClock)},

	// Files.
	"pcapng-interfaces": {50_000, "interfaces, one packet each", pcapngInterfaces},
	"pcapng-sections":   {500_000, "sections, one packet each", pcapngSections},
	"pcapng-options":    {50, "blocks with a million options", pcapngOptions},
	"pcapng-resync":     {500_000, "broken blocks between sound ones", pcapngResync},
	"pcap-resync":       {500_000, "broken records between sound ones", pcapResync},
	"pcap-noise":        {100, "MiB without any record", pcapNoise},
	"gzip-bomb":         {1024, "MiB of zeros under gzip", gzipBomb},
	"gzip-packets":      {2_000_000, "equal packets under gzip", gzipPackets},
	"zstd-bomb":         {4096, "MiB of zeros under zstd", zstdBomb},
	"zip-bomb":          {20, "members of 500 MiB of zeros", zipBomb},
	"zip-members":       {5_000, "members of one packet", zipMembers},
	"tar-members":       {5_000, "members of one packet, packed as one, the newest first", tarMembers},

	// What the site's devices are made of.
	"arp-addresses":   {1_000_000, "addresses claimed by ARP", packets(arpAddresses)},
	"arp-one-address": {200_000, "claims of one address", packets(arpOneAddress)},
	"dhcp-names":      {200_000, "hosts that name themselves", packets(dhcpNames)},
	"dhcp-one-host":   {200_000, "names of one host", packets(dhcpOneHost)},
	"many-macs":       {500_000, "hardware addresses of one address", packets(manyMACs)},

	// Streams that hold back.
	"bytes-hl7":    {500_000, "segments of one byte, HL7", packets(drip(hl7Endless))},
	"bytes-http":   {500_000, "segments of one byte, HTTP header", packets(drip(httpEndless))},
	"bytes-json":   {500_000, "segments of one byte, JSON", packets(drip(jsonEndless))},
	"bytes-xml":    {500_000, "segments of one byte, XML", packets(drip(xmlEndless))},
	"bytes-dicom":  {500_000, "segments of one byte, DICOM", packets(drip(dicomEndless))},
	"bytes-mqtt":   {500_000, "segments of one byte, MQTT", packets(drip(mqttEndless))},
	"bytes-dns":    {500_000, "segments of one byte, DNS", packets(drip(dnsEndless))},
	"bytes-tls":    {500_000, "segments of one byte, TLS", packets(drip(tlsEndless))},
	"bytes-x12":    {500_000, "segments of one byte, X12", packets(drip(x12Endless))},
	"bytes-astm":   {500_000, "segments of one byte, ASTM", packets(drip(astmEndless))},
	"bytes-telnet": {500_000, "segments of one byte, Telnet", packets(drip(telnetEndless))},
	"held-hl7":     {4_000, "connections that stop in a line of 60 KB", packets(held(hl7Line))},
	"held-http":    {4_000, "connections that stop in a header of 60 KB", packets(held(httpLine))},
	"held-packed":  {500, "connections that stop in a packed body of 900 KB", packets(held(httpPacked))},
	"held-xml":     {500, "connections that stop in a body of 900 KB", packets(held(xmlBody))},
	"held-rows":    {500, "connections that stop in a message of 4,000 lines", packets(held(hl7Rows))},
	"held-fhir":    {500, "connections that stop in a bundle of 3,000 entries", packets(held(fhirRows))},
	"open-http":    {20_000, "connections with 60 unanswered requests", packets(held(httpRequests))},
	"open-hl7":     {1_000, "connections with 1,000 unanswered messages", packets(held(hl7Unanswered))},
	"open-mqtt":    {1_000, "connections with 4,000 unanswered packets", packets(held(mqttUnanswered))},
	"open-dicom":   {2_000, "associations with 200 unanswered requests", packets(held(dicomUnanswered))},

	// Messages.
	"hl7-repetitions":  {500_000, "repetitions in a field", packets(hl7Repetitions)},
	"hl7-long-field":   {200, "fields of 1 MB", packets(hl7LongField)},
	"hl7-segments":     {500_000, "lines of a message", packets(hl7Segments)},
	"patients":         {500_000, "patients, a message each", packets(patients)},
	"one-flow-rows":    {1 << 19, "rows of one flow", packets(oneFlowRows)},
	"dicom-sequences":  {1_000, "objects with sequences 10,000 deep", packets(dicomSequences)},
	"dicom-elements":   {2_000_000, "elements of one object", packets(dicomElements)},
	"http-headers":     {65_535, "header lines of a request", packets(httpHeaders)},
	"http-chunks":      {1_000_000, "chunks of one byte", packets(httpChunks)},
	"http-bombs":       {200, "bodies of 1 GB under gzip", packets(httpBombs)},
	"json-deep":        {10_000_000, "arrays in each other", packets(jsonDeep)},
	"xml-entities":     {2_000, "billion laughs", packets(xmlEntities)},
	"xml-deep":         {2_000_000, "elements in each other", packets(xmlDeep)},
	"x12-segments":     {1_000_000, "loops of an interchange", packets(x12Segments)},
	"mqtt-topics":      {500_000, "topics", packets(mqttTopics)},
	"mqtt-filters":     {500_000, "filters subscribed to", packets(mqttFilters)},
	"dns-loops":        {500_000, "names that point at themselves", packets(dnsLoops)},
	"dns-names":        {500_000, "names, each asked once", packets(dnsNames)},
	"telnet-logins":    {100_000, "logins in clear, a finding each", packets(telnetLogins)},
	"long-everywhere":  {5_000, "requests with 8 KB in every text", packets(longEverywhere)},
	"hostile-findings": {100_000, "hosts that break a rule each", packets(hostileFindings)},
}

// runAdversary handles -adversary [NAME -n N OUT].
func runAdversary(args []string) error {
	if len(args) == 0 {
		names := make([]string, 0, len(adversaries))
		for n := range adversaries {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			fmt.Printf("%s %d %s\n", n, adversaries[n].n, adversaries[n].unit)
		}
		return nil
	}
	if len(args) != 4 || args[1] != "-n" {
		return errors.New("-adversary takes nothing, or NAME -n N OUT")
	}
	adv, ok := adversaries[args[0]]
	if !ok {
		return fmt.Errorf("no adversary is called %s; -adversary alone lists them", args[0])
	}
	n, err := strconv.Atoi(args[2])
	if err != nil || n < 0 {
		return fmt.Errorf("-n %q is no number", args[2])
	}
	f, err := os.Create(args[3])
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(adv.make(w, n), w.Flush(), f.Close())
}

// attacker writes a classic capture of Ethernet frames, each as it is made, so that its own memory stays small.
type attacker struct {
	w    *bufio.Writer
	now  int64 // nanoseconds
	step int64 // between two packets
	wire
	buf []byte
	id  uint16
}

func packets(f func(a *attacker, n int)) func(w *bufio.Writer, n int) error {
	return func(w *bufio.Writer, n int) error {
		writePcapHeader(w)
		f(&attacker{w: w, now: begin, step: 10_000, wire: wire{seed: 1}}, n)
		return nil // a bufio.Writer keeps its error for Flush
	}
}

// begin is when every adversary begins: 2026-03-02 09:00.
const begin = int64(1_772_442_000) * 1e9

// writePcapHeader begins a classic capture with nanoseconds.
func writePcapHeader(w io.Writer) {
	h := make([]byte, 24)
	binary.LittleEndian.PutUint32(h, 0xa1b23c4d)
	binary.LittleEndian.PutUint16(h[4:], 2)
	binary.LittleEndian.PutUint16(h[6:], 4)
	binary.LittleEndian.PutUint32(h[16:], 262144)
	binary.LittleEndian.PutUint32(h[20:], 1)
	w.Write(h)
}

// record writes a packet with its header.
func record(w io.Writer, at int64, data []byte) {
	var h [16]byte
	binary.LittleEndian.PutUint32(h[0:], uint32(at/1e9))
	binary.LittleEndian.PutUint32(h[4:], uint32(at%1e9))
	binary.LittleEndian.PutUint32(h[8:], uint32(len(data)))
	binary.LittleEndian.PutUint32(h[12:], uint32(len(data)))
	w.Write(h[:])
	w.Write(data)
}

func (a *attacker) frame(data []byte) {
	record(a.w, a.now, data)
	a.now += a.step
}

// addr is an IPv4 address of the site: 10.x.x.x by number.
func addr(n int) uint32 { return 10<<24 | uint32(n)&0xffffff }

// mac is a hardware address of a network card by number.
func mac(n uint32) []byte {
	return []byte{0x00, 0x50, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

// ether begins a frame in the attacker's buffer.
func (a *attacker) ether(src, dst []byte, kind uint16) {
	a.buf = append(append(append(a.buf[:0], dst...), src...), byte(kind>>8), byte(kind))
}

// ip4 appends an IPv4 header for n bytes of payload. frag is the field of flags and offset.
func ip4(b []byte, proto uint8, src, dst uint32, id, frag uint16, n int) []byte {
	at := len(b)
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(20+n))
	b = binary.BigEndian.AppendUint16(b, id)
	b = binary.BigEndian.AppendUint16(b, frag)
	b = append(b, 64, proto, 0, 0)
	b = binary.BigEndian.AppendUint32(b, src)
	b = binary.BigEndian.AppendUint32(b, dst)
	binary.BigEndian.PutUint16(b[at+10:], ^sum16(b[at:], 0))
	return b
}

// sum16 is the checksum's sum (RFC 1071), not yet turned over.
func sum16(b []byte, sum uint32) uint16 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// pseudo is the sum of the pseudo header that TCP and UDP check.
func pseudo(src, dst uint32, proto uint8, n int) uint32 {
	return src>>16 + src&0xffff + dst>>16 + dst&0xffff + uint32(proto) + uint32(n)
}

// udp sends a datagram from one address to another.
func (a *attacker) udp(src, dst uint32, sport, dport uint16, payload []byte) {
	a.udpFrom(mac(src), src, dst, sport, dport, payload)
}

func (a *attacker) udpFrom(hw []byte, src, dst uint32, sport, dport uint16, payload []byte) {
	a.ether(hw, mac(dst), 0x0800)
	a.id++
	a.buf = ip4(a.buf, 17, src, dst, a.id, 0, 8+len(payload))
	at := len(a.buf)
	a.buf = binary.BigEndian.AppendUint16(a.buf, sport)
	a.buf = binary.BigEndian.AppendUint16(a.buf, dport)
	a.buf = binary.BigEndian.AppendUint16(a.buf, uint16(8+len(payload)))
	a.buf = append(append(a.buf, 0, 0), payload...)
	binary.BigEndian.PutUint16(a.buf[at+6:], ^sum16(a.buf[at:], pseudo(src, dst, 17, 8+len(payload))))
	a.frame(a.buf)
}

// session is a TCP connection of an attacker.
type session struct {
	a            *attacker
	src, dst     uint32
	sport, dport uint16
	seq          [2]uint32
}

const (
	fin, syn, rst, push, ack = 1, 2, 4, 8, 16
	segment                  = 1400
)

// dial opens a connection: three packets.
func (a *attacker) dial(src, dst uint32, sport, dport uint16) *session {
	s := &session{a: a, src: src, dst: dst, sport: sport, dport: dport, seq: [2]uint32{uint32(a.random(1 << 30)), uint32(a.random(1 << 30))}}
	s.packet(0, s.seq[0], syn, nil)
	s.seq[0]++
	s.packet(1, s.seq[1], syn|ack, nil)
	s.seq[1]++
	s.packet(0, s.seq[0], ack, nil)
	return s
}

// packet writes one segment; dir 0 is the client.
func (s *session) packet(dir int, seq uint32, f byte, payload []byte) {
	a, src, dst, sport, dport := s.a, s.src, s.dst, s.sport, s.dport
	if dir == 1 {
		src, dst, sport, dport = dst, src, dport, sport
	}
	a.ether(mac(src), mac(dst), 0x0800)
	a.id++
	a.buf = ip4(a.buf, 6, src, dst, a.id, 0x4000, 20+len(payload))
	at := len(a.buf)
	a.buf = binary.BigEndian.AppendUint16(a.buf, sport)
	a.buf = binary.BigEndian.AppendUint16(a.buf, dport)
	a.buf = binary.BigEndian.AppendUint32(a.buf, seq)
	acked := s.seq[1-dir]
	if f&ack == 0 {
		acked = 0
	}
	a.buf = binary.BigEndian.AppendUint32(a.buf, acked)
	a.buf = append(append(a.buf, 0x50, f, 0xff, 0xff, 0, 0, 0, 0), payload...)
	binary.BigEndian.PutUint16(a.buf[at+16:], ^sum16(a.buf[at:], pseudo(src, dst, 6, 20+len(payload))))
	a.frame(a.buf)
}

// send sends bytes in full segments.
func (s *session) send(dir int, data []byte) { s.cut(dir, data, segment) }

// cut sends bytes in segments of up to size.
func (s *session) cut(dir int, data []byte, size int) {
	for len(data) > 0 {
		n := min(len(data), size)
		s.packet(dir, s.seq[dir], ack|push, data[:n])
		s.seq[dir] += uint32(n)
		data = data[n:]
	}
}

func (s *session) close() {
	s.packet(0, s.seq[0], fin|ack, nil)
	s.seq[0]++
	s.packet(1, s.seq[1], fin|ack, nil)
	s.seq[1]++
	s.packet(0, s.seq[0], ack, nil)
}

// Write makes a session a place to write to: what the client sends.
func (s *session) Write(p []byte) (int, error) {
	s.send(0, p)
	return len(p), nil
}
