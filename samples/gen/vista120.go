package main

import (
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// vistaFrame is a frame of the central-station protocol of Vista 120 monitors: F8 8F, step, length, counter, payload's
// length, payload, checksum.
func vistaFrame(step byte, counter uint32, payload []byte, masked bool) []byte {
	b := []byte{0xf8, 0x8f, step}
	b = binary.LittleEndian.AppendUint16(b, uint16(12+len(payload)))
	b = binary.LittleEndian.AppendUint32(b, counter^0xa5a5a5a5)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(payload))^0xa5a5)
	for _, x := range payload {
		if masked {
			x ^= 0xa5
		}
		b = append(b, x)
	}
	var sum byte
	for _, x := range b {
		sum += x
	}
	return append(b, -sum)
}

// vistaKey is a public key of 1024 bits that nobody has the other half of.
func vistaKey(seed string) []byte {
	b := []byte{0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00}
	for i := range byte(4) {
		h := sha256.Sum256([]byte{seed[0], i})
		b = append(b, h[:]...)
	}
	b[7] |= 0x80
	return append(b, 0x02, 0x03, 0x01, 0x00, 0x01)
}

// vistaBeacon is what a central station broadcasts every two seconds.
func vistaBeacon(at time.Time, name, address string) []byte {
	b := make([]byte, 126)
	binary.LittleEndian.PutUint16(b, 126)
	b[2], b[3] = 0x30, 0x02
	binary.LittleEndian.PutUint16(b[8:], uint16(at.Year()))
	b[10], b[11], b[12], b[13], b[14], b[15] = byte(at.Month()), byte(at.Day()), byte(at.Hour()), byte(at.Minute()), byte(at.Second()), byte(at.Weekday())
	copy(b[0x10:], "CMS")
	copy(b[0x18:], name)
	b[0x28] = byte(len(name))
	b[0x2c] = 15
	copy(b[0x5e:], netip.MustParseAddr(address).AsSlice())
	sum := uint32(0)
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.LittleEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	binary.LittleEndian.PutUint16(b[6:], ^uint16(sum))
	return b
}

func (w *wire) broadcast(at time.Time, src string, port uint16, payload []byte) {
	a := netip.MustParseAddr(src)
	eth := &layers.Ethernet{SrcMAC: macOf(a), DstMAC: []byte{255, 255, 255, 255, 255, 255}, EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: a.AsSlice(), DstIP: []byte{255, 255, 255, 255}}
	udp := &layers.UDP{SrcPort: 9611, DstPort: layers.UDPPort(port)}
	udp.SetNetworkLayerForChecksum(ip)
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, udp, gopacket.Payload(payload)); err != nil {
		panic(err)
	}
	data := append([]byte(nil), buf.Bytes()...)
	w.frames = append(w.frames, frame{at: at, data: data, length: len(data)})
}

// vistaSession is a monitor's connection: hello, key, key exchange, then what nobody but both can read.
func vistaSession(w *wire, at time.Time, monitor, station, seed string, port uint16, n int) {
	c := w.tcp(at, monitor, station, port, 9600)
	c.pushBytes(true, vistaFrame(1, 1, []byte{4}, true))
	c.pushBytes(false, vistaFrame(2, 1, []byte{4}, true))
	c.pushBytes(false, vistaFrame(3, 2, vistaKey(seed), true))
	c.pushBytes(true, vistaFrame(4, 2, w.noise(128), false))
	c.pushBytes(false, vistaFrame(5, 3, w.noise(32), false))
	for i := range n {
		c.at = at.Add(time.Duration(i+1) * time.Second)
		c.pushBytes(true, vistaFrame(6, uint32(i+3), w.noise(16*(8+w.random(30))), false))
		if i%5 == 0 {
			c.pushBytes(false, vistaFrame(6, uint32(i/5+4), w.noise(16), false))
		}
	}
	c.close()
}

func (w *wire) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(w.random(256))
	}
	return b
}

// vistaStation: two monitors and their central station, for a minute; then somebody else announces himself under the same name,
// and one monitor goes to him.
func vistaStation(w *wire) {
	w.snap = 1600
	for i := range 45 {
		at := w.now.Add(time.Duration(2*i) * time.Second)
		w.broadcast(at, "10.20.0.40", 9610, vistaBeacon(at, "LABWARD 3", "10.20.0.40"))
		if i >= 30 {
			w.broadcast(at.Add(700*time.Millisecond), "10.20.0.66", 9610, vistaBeacon(at, "LABWARD 3", "10.20.0.66"))
		}
	}
	vistaSession(w, w.now.Add(3*time.Second), "10.20.0.31", "10.20.0.40", "A", 40101, 40)
	vistaSession(w, w.now.Add(4*time.Second), "10.20.0.32", "10.20.0.40", "A", 40102, 50)
	vistaSession(w, w.now.Add(65*time.Second), "10.20.0.31", "10.20.0.66", "B", 40103, 20)
}

// quietVista is the same without the other one.
func quietVista(w *wire) {
	w.snap = 1600
	for i := range 30 {
		at := w.now.Add(time.Duration(2*i) * time.Second)
		w.broadcast(at, "10.20.0.40", 9610, vistaBeacon(at, "LABWARD 3", "10.20.0.40"))
	}
	vistaSession(w, w.now.Add(3*time.Second), "10.20.0.31", "10.20.0.40", "A", 40101, 40)
	vistaSession(w, w.now.Add(50*time.Second), "10.20.0.31", "10.20.0.40", "A", 40102, 8)
}
