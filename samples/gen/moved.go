package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"wardtrace/samples"
)

// dropBox: a single-board computer behind a printer says hello to two DICOM servers; the ward's own workstation does so too.
func dropBox(w *wire) {
	take(w, "dicom-basic", map[string]string{"10.20.3.31": "10.20.3.66"})
	for i := range w.frames {
		for at := 0; at < 12; at += 6 {
			if m := w.frames[i].data[at : at+6]; bytes.Equal(m, macOf(netip.MustParseAddr("10.20.3.66"))) {
				copy(m, []byte{0xb8, 0x27, 0xeb, 0x66, 0x6a, 0x66})
			}
		}
	}
}

// dicomOutside: what dicom-basic holds, with the archive at an address outside: images leave the site in clear.
func dicomOutside(w *wire) {
	take(w, "dicom-basic", map[string]string{"10.20.3.20": "203.0.113.9"})
}

// take reads another sample and gives its hosts other addresses, and hardware addresses made from them.
func take(w *wire, name string, moved map[string]string) {
	w.snap = 65535
	f, err := os.Open(filepath.Join(samples.Dir(name), "capture.pcap"))
	if err != nil {
		panic(err) // the sample is part of the repository
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		panic(err)
	}
	for {
		data, info, err := r.ReadPacketData()
		if err != nil {
			return
		}
		if out := readdressed(data, moved); out != nil {
			w.frames = append(w.frames, frame{info.Timestamp, out, len(out)})
		}
	}
}

// readdressed gives a packet of TCP over IPv4 other addresses, with right checksums; nil for what is anything else.
func readdressed(data []byte, moved map[string]string) []byte {
	p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
	eth, _ := p.Layer(layers.LayerTypeEthernet).(*layers.Ethernet)
	ip, _ := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	tcp, _ := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if eth == nil || ip == nil || tcp == nil {
		return nil
	}
	for _, a := range []*[]byte{(*[]byte)(&ip.SrcIP), (*[]byte)(&ip.DstIP)} {
		if to, ok := moved[fmt.Sprintf("%d.%d.%d.%d", (*a)[0], (*a)[1], (*a)[2], (*a)[3])]; ok {
			*a = netip.MustParseAddr(to).AsSlice()
		}
	}
	src, _ := netip.AddrFromSlice(ip.SrcIP)
	dst, _ := netip.AddrFromSlice(ip.DstIP)
	eth.SrcMAC, eth.DstMAC = macOf(src), macOf(dst)
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		panic(err)
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, tcp, gopacket.Payload(tcp.Payload)); err != nil {
		panic(err) // they were read from a sound packet
	}
	return append([]byte(nil), buf.Bytes()...)
}

// hl7Refused: a sender whose 24 messages are all refused (AR); another one with a single refusal.
func hl7Refused(w *wire) {
	w.snap = 1024
	send := func(ip string, port uint16, n int) {
		c := w.tcp(w.now, ip, "10.20.0.20", port, 2575)
		for i := range n {
			c.at = w.now.Add(time.Duration(i) * 8 * time.Second)
			id := fmt.Sprintf("%s-%d", ip, i)
			c.says(true, "\x0bMSH|^~\\&|LAB|WARD|ENGINE|WARD|20260302090000||ORU^R01|"+id+"|P|2.3\rPID|1||LABPATIENT0001||LABPATIENT^ONE\r\x1c\r")
			code := "AR"
			if i > 0 && n < 20 {
				code = "AA"
			}
			c.says(false, "\x0bMSH|^~\\&|ENGINE|WARD|LAB|WARD|20260302090001||ACK|A"+id+"|P|2.3\rMSA|"+code+"|"+id+"\r\x1c\r")
		}
		c.close()
	}
	send("10.20.0.66", 51000, 24)
	send("10.20.0.21", 52000, 6)
}

// clockStep: after a minute the capturing machine's clock is set back by three hours.
func clockStep(w *wire) {
	w.asMade = true
	for i := range 20 {
		at := w.now.Add(time.Duration(i) * 5 * time.Second)
		if i >= 12 {
			at = at.Add(-3 * time.Hour)
		}
		c := w.tcp(at, "10.20.0.54", "10.20.0.5", uint16(40000+i), 443)
		c.push(true, 100, 1400)
		c.close()
	}
}
