package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// datagram sends one by UDP.
func (w *wire) datagram(at time.Time, src, dst string, sport, dport uint16, payload string) {
	a, b := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	eth := &layers.Ethernet{SrcMAC: macOf(a), DstMAC: macOf(b), EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: a.AsSlice(), DstIP: b.AsSlice()}
	udp := &layers.UDP{SrcPort: layers.UDPPort(sport), DstPort: layers.UDPPort(dport)}
	_ = udp.SetNetworkLayerForChecksum(ip)
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, udp, gopacket.Payload(payload))
	if err != nil {
		panic(err) // the layers above are always serialisable
	}
	data := append([]byte(nil), buf.Bytes()...)
	w.frames = append(w.frames, frame{at, data[:min(len(data), w.snap)], len(data)})
}

// tlp20 is a datagram of n bytes that begins as those of tube stations do; the rest is zeros, since nothing of it is public.
func tlp20(n int) string { return "TLPU\x00\x00\x00\x01" + strings.Repeat("\x00", n-8) }

// tubes: 40 minutes of a tube station and its server, which tell each other something every minute.
func tubes(w *wire) {
	w.snap = 65535
	for m := range 40 {
		w.datagram(w.after(float64(m)+0.1), "10.20.0.35", "10.20.0.191", 12345, 12345, tlp20(48))
		w.datagram(w.after(float64(m)+0.101), "10.20.0.191", "10.20.0.35", 12345, 12345, tlp20(64+m%3*16))
	}
}

// tlp20Station: in minute 30 an address that the station never spoke with sends it datagrams, one of them of a length as attempts to
// exploit have; then it logs in by Telnet and sends a file by TFTP.
func tlp20Station(w *wire) {
	tubes(w)
	w.datagram(w.after(30), "10.20.0.66", "10.20.0.191", 50001, 12345, tlp20(48))
	w.datagram(w.after(30.05), "10.20.0.66", "10.20.0.191", 50001, 12345, tlp20(912))
	w.telnet(w.after(31), "10.20.0.66", "10.20.0.191", 51000, "Nexus HMI-3\r\n\r\n", "invented", "invented-4711")
	w.datagram(w.after(32), "10.20.0.66", "10.20.0.191", 50069, 69, "\x00\x02hmi3.bin\x00octet\x00")
	w.datagram(w.after(32.001), "10.20.0.191", "10.20.0.66", 32769, 50069, "\x00\x04\x00\x00")
	for i := range 60 {
		at := w.after(32.01 + 0.001*float64(i))
		w.datagram(at, "10.20.0.66", "10.20.0.191", 50069, 32769, fmt.Sprintf("\x00\x03\x00%c%s", i+1, strings.Repeat("\x00", 512)))
		w.datagram(at.Add(time.Millisecond), "10.20.0.191", "10.20.0.66", 32769, 50069, fmt.Sprintf("\x00\x04\x00%c", i+1))
	}
}

// telnet logs in and types one command.
func (w *wire) telnet(at time.Time, src, dst string, port uint16, banner, user, password string) {
	c := w.tcp(at, src, dst, port, 23)
	c.says(false, banner+"login: ")
	c.at = c.at.Add(2 * time.Second)
	c.says(true, user+"\r\n")
	c.says(false, user+"\r\nPassword: ")
	c.at = c.at.Add(2 * time.Second)
	c.says(true, password+"\r\n")
	c.says(false, "\r\nLast login: Mon Mar  2 08:11:02\r\n# ")
	c.at = c.at.Add(2 * time.Second)
	c.says(true, "hostmessage\r\n")
	c.says(false, "hostmessage\r\n# ")
	c.close()
}

// spectrumBanner is what a SIGMA Spectrum's battery module says first, as published in the fingerprints of Recog; its numbers are
// invented.
const spectrumBanner = "Welcome to the SIGMA Spectrum Diagnostic Terminal\r\n\r\nWireless Battery Module (802.11a/b/g/n)\r\n" +
	"MAC Address: 00-40-9d-aa-01-63 SW: 20 D29\r\nSigma Spectrum SN: 7001417 SW: v8.00.01\r\nRadio up since: Mon Mar  2 03:14:24 2026\r\n\r\n"

// get asks for a page.
func (w *wire) get(at time.Time, src, dst string, port uint16, head, path, status, body string) {
	c := w.tcp(at, src, dst, port, 80)
	c.says(true, "GET "+path+" HTTP/1.1\r\nHost: "+dst+"\r\nUser-Agent: Mozilla/5.0\r\n"+head+"\r\n")
	c.says(false, fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body))
	c.close()
}

// pumpNet: 40 minutes of three pumps and their servers: a PCU that talks to its Systems Manager, a SpaceCom that is read out by HTTP, a
// workstation for syringe pumps.
func pumpNet(w *wire) {
	w.snap = 400
	w.named(w.now, "10.20.0.163", "pump-11")
	w.named(w.now, "10.20.0.165", "pump-pcu-5")
	w.named(w.now, "10.20.0.161", "pump-space-1")
	w.named(w.now, "10.20.0.167", "syringe-dock-2")
	for m := 0.5; m < 40; m += 4 {
		c := w.tcp(w.after(m), "10.20.0.165", "10.20.0.32", uint16(46000+int(m)), 3613)
		c.push(true, 300, 1400)
		c.push(false, 120, 1400)
		c.close()
		w.get(w.after(m+1), "10.20.0.31", "10.20.0.161", uint16(47000+int(m)), "Authorization: Basic "+basic("server", "invented-77")+"\r\n", "/rest/state", "200 OK", "<state>0</state>")
		w.get(w.after(m+2), "10.20.0.31", "10.20.0.163", uint16(48000+int(m)), "", "/", "404 Not Found", "")
		w.get(w.after(m+3), "10.20.0.31", "10.20.0.167", uint16(49000+int(m)), "", "/", "404 Not Found", "")
	}
}

// pumpServices: after minute 28 one address tries what advisories say of pumps: it logs in by Telnet to a Spectrum, reads a workstation's settings
// page without a login, opens a connection to a PCU, and the PCU speaks to a second server.
func pumpServices(w *wire) {
	pumpNet(w)
	w.telnet(w.after(28), "10.20.0.66", "10.20.0.163", 51000, spectrumBanner, "invented", "invented-4711")
	w.get(w.after(29), "10.20.0.66", "10.20.0.167", 51001, "", "/portal.xml", "200 OK", "<portal><network>invented</network></portal>")
	c := w.tcp(w.after(30), "10.20.0.66", "10.20.0.165", 51002, 3613)
	c.push(true, 90, 1400)
	c.push(false, 20, 1400)
	c.close()
	c = w.tcp(w.after(31), "10.20.0.165", "10.20.0.66", 46900, 3613)
	c.push(true, 300, 1400)
	c.push(false, 120, 1400)
	c.close()
	c = w.tcp(w.after(32), "10.20.0.66", "10.20.0.161", 51003, 1500)
	c.push(true, 420, 1400)
	c.push(false, 64, 1400)
	c.close()
}

// post sends a file of n bytes to a page. What the snap length leaves of it is its beginning.
func (w *wire) post(at time.Time, src, dst string, port uint16, path, kind, begin string, n int) {
	c := w.tcp(at, src, dst, port, 80)
	c.says(true, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", path, dst, kind, n))
	c.says(true, begin+strings.Repeat("\x00", 1400-len(begin)))
	c.push(true, n-1400, 1400)
	c.says(false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	c.close()
}

// pumpLibrary: in minute 33 an address that was no peer of a pump sends it an archive of 80 kB, and another one a drug library by FTP.
func pumpLibrary(w *wire) {
	pumpNet(w)
	w.post(w.after(33), "10.20.0.66", "10.20.0.161", 51000, "/upload/config", "application/octet-stream", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 80_000)
	w.store(w.after(35), "10.20.0.67", "10.20.0.163", 52000, "druglibrary.xml", 60_000)
}

// store sends a file by FTP, the data over a connection that the server waits for.
func (w *wire) store(at time.Time, src, dst string, port uint16, name string, n int) {
	c := w.tcp(at, src, dst, port, 21)
	ask := func(command, reply string) {
		c.says(true, command+"\r\n")
		c.says(false, reply+"\r\n")
	}
	c.says(false, "220 ready\r\n")
	ask("USER invented", "331 password")
	ask("PASS invented-0815", "230 logged in")
	ask("PASV", "227 Entering Passive Mode ("+strings.ReplaceAll(dst, ".", ",")+",200,10)")
	c.says(true, "STOR "+name+"\r\n")
	d := w.tcp(c.at, src, dst, port+1, 200<<8+10)
	c.says(false, "150 go on\r\n")
	d.push(true, n, 1400)
	d.close()
	c.at = d.at
	c.says(false, "226 done\r\n")
	ask("QUIT", "221 bye")
	c.close()
}

// quietPumpServices: the near misses. The server that always did so sends three pumps a library; the PCU speaks to its own server only; the
// server reads a settings page with a login; tube stations and their server talk; a controller that has had control of a syringe pump from the
// beginning takes it again.
func quietPumpServices(w *wire) {
	pumpNet(w)
	for i, dst := range []string{"10.20.0.161", "10.20.0.163", "10.20.0.167"} {
		w.post(w.after(33+float64(i)), "10.20.0.31", dst, uint16(53000+i), "/upload/library", "application/octet-stream", "\x1f\x8b\x08\x00", 60_000)
	}
	w.get(w.after(34), "10.20.0.31", "10.20.0.167", 53100, "Authorization: Basic "+basic("server", "invented-77")+"\r\n", "/portal.xml", "200 OK", "<portal/>")
	snap := w.snap
	tubes(w)
	w.snap = snap
	for i, m := range []float64{3, 30} {
		c := w.tcp(w.after(m), "10.20.0.33", "10.20.0.171", uint16(44000+i), 4003)
		c.alaris("INST_SERIALNO", "INST_SERIALNO^"+alarisSerial)
		c.alaris(fmt.Sprintf("REMOTE_CTRL^ENABLED^%04X", crc16(alarisSerial, 0xffff)), "REMOTE_CTRL^ENABLED^****^PERMIT^0^ms")
		c.alaris(fmt.Sprintf("INF_RATE^%.2f^ml/h", 4+m/10), fmt.Sprintf("INF_RATE^%.2f^ml/h", 4+m/10))
		c.alaris("REMOTE_CTRL^DISABLED", "REMOTE_CTRL^DISABLED")
		c.close()
	}
}
