package main

import (
	"encoding/binary"
	"net/netip"
	"time"
	"unicode/utf16"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// station is an end of a conversation with a monitor.
type station struct {
	ip   string
	mac  []byte // nil: made from the address
	port uint16
}

// udp sends a datagram with what the protocols' guides say of the IP header: time to live and type of service. A multicast or broadcast
// address has its own hardware address.
func (w *wire) udp(at time.Time, from, to station, ttl, tos uint8, payload []byte) {
	src, dst := netip.MustParseAddr(from.ip), netip.MustParseAddr(to.ip)
	sm, dm := from.mac, to.mac
	if sm == nil {
		sm = macOf(src)
	}
	if dm == nil {
		dm = macOf(dst)
	}
	eth := &layers.Ethernet{SrcMAC: sm, DstMAC: dm, EthernetType: layers.EthernetTypeIPv4}
	head := &layers.IPv4{Version: 4, TTL: ttl, TOS: tos, Protocol: layers.IPProtocolUDP, SrcIP: src.AsSlice(), DstIP: dst.AsSlice(), Flags: layers.IPv4DontFragment}
	udp := &layers.UDP{SrcPort: layers.UDPPort(from.port), DstPort: layers.UDPPort(to.port)}
	_ = udp.SetNetworkLayerForChecksum(head)
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, head, udp, gopacket.Payload(payload))
	if err != nil {
		panic(err) // the layers above are always serialisable
	}
	data := append([]byte(nil), buf.Bytes()...)
	w.frames = append(w.frames, frame{at, data[:min(len(data), w.snap)], len(data)})
}

// b16 and b32 write big-endian numbers.
func b16(v ...int) []byte {
	var out []byte
	for _, x := range v {
		out = binary.BigEndian.AppendUint16(out, uint16(x))
	}
	return out
}

func b32(v ...int) []byte {
	var out []byte
	for _, x := range v {
		out = binary.BigEndian.AppendUint32(out, uint32(x))
	}
	return out
}

func join(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// sized puts a length of 16 bits in front.
func sized(parts ...[]byte) []byte {
	b := join(parts...)
	return join(b16(len(b)), b)
}

// listed puts a count and a length in front.
func listed(items ...[]byte) []byte {
	b := join(items...)
	return join(b16(len(items), len(b)), b)
}

// wide is a text in UTF-16 with its length in bytes.
func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return sized(b)
}

// label is a text of bytes of even length with its length.
func label(s string) []byte {
	b := append([]byte(s), 0)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	return sized(b)
}

// float is a FLOAT: mantissa and decimal exponent.
func float(mantissa, exponent int) []byte { return b32(mantissa&0xffffff | exponent&0xff<<24) }

// bcdTime is an absolute time.
func bcdTime(t time.Time) []byte {
	d := func(n int) byte { return byte(n/10<<4 | n%10) }
	return []byte{d(t.Year() / 100), d(t.Year() % 100), d(int(t.Month())), d(t.Day()), d(t.Hour()), d(t.Minute()), d(t.Second()), 0}
}
