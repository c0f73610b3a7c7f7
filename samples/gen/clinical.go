package main

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// says sends text and waits for its acknowledgement.
func (c *conn) says(fromClient bool, payload string) {
	c.sendBytes(fromClient, []byte(payload), flags{ack: true, psh: true})
	c.send(!fromClient, 0, flags{ack: true})
}

// named lets a host ask for the lease it has, with its name: what tells a pump from a printer.
func (w *wire) named(at time.Time, ip, name string) {
	a := netip.MustParseAddr(ip)
	mac := macOf(a)
	eth := &layers.Ethernet{SrcMAC: mac, DstMAC: []byte{255, 255, 255, 255, 255, 255}, EthernetType: layers.EthernetTypeIPv4}
	head := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: a.AsSlice(), DstIP: []byte{255, 255, 255, 255}}
	udp := &layers.UDP{SrcPort: 68, DstPort: 67}
	_ = udp.SetNetworkLayerForChecksum(head)
	lease := &layers.DHCPv4{Operation: layers.DHCPOpRequest, HardwareType: layers.LinkTypeEthernet, HardwareLen: 6, Xid: uint32(w.random(1 << 30)),
		ClientIP: a.AsSlice(), ClientHWAddr: mac, Options: layers.DHCPOptions{
			layers.NewDHCPOption(layers.DHCPOptMessageType, []byte{byte(layers.DHCPMsgTypeRequest)}),
			layers.NewDHCPOption(layers.DHCPOptHostname, []byte(name)),
			layers.NewDHCPOption(layers.DHCPOptEnd, nil)}}
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, head, udp, lease)
	if err != nil {
		panic(err) // the layers above are always serialisable
	}
	data := append([]byte(nil), buf.Bytes()...)
	w.frames = append(w.frames, frame{at, data[:min(len(data), w.snap)], len(data)})
}

func (w *wire) after(minutes float64) time.Time {
	return w.now.Add(time.Duration(minutes * float64(time.Minute)))
}

// pumpWard: 40 minutes of a pump that its server asks every two minutes, and that reports to it.
func pumpWard(w *wire) {
	w.snap = 1024
	w.named(w.now, "10.20.0.141", "pump-9")
	for m := 0.5; m < 40; m += 2 {
		c := w.tcp(w.after(m), "10.20.0.31", "10.20.0.141", uint16(40000+int(m)), 8100)
		c.push(true, 320, 1400)
		c.push(false, 180, 1400)
		c.close()
		c = w.tcp(w.after(m+1), "10.20.0.141", "10.20.0.31", uint16(45000+int(m)), 8101)
		c.push(true, 250, 1400)
		c.close()
	}
}

// pumpCommand: in minute 30 an address that the pump never spoke with sends it 640 bytes on the port that its server uses.
func pumpCommand(w *wire) {
	pumpWard(w)
	c := w.tcp(w.after(30), "10.20.0.66", "10.20.0.141", 51000, 8100)
	c.push(true, 640, 1400)
	c.push(false, 90, 1400)
	c.close()
}

// quietPump: a service computer that was there before comes again; a monitoring system knocks and says nothing.
func quietPump(w *wire) {
	pumpWard(w)
	for _, m := range []float64{5, 31} {
		c := w.tcp(w.after(m), "10.20.0.90", "10.20.0.141", uint16(52000+int(m)), 8100)
		c.push(true, 900, 1400)
		c.push(false, 4000, 1400)
		c.close()
	}
	c := w.tcp(w.after(33), "10.20.0.95", "10.20.0.141", 53000, 8100)
	c.close()
}

// mqttString is a string with its length in front.
func mqttString(s string) string { return string([]byte{byte(len(s) >> 8), byte(len(s))}) + s }

// mqttPacket puts the fixed header in front: bodies here are shorter than 128 bytes.
func mqttPacket(first byte, body string) string { return string([]byte{first, byte(len(body))}) + body }

// mqttJoin opens a connection to the broker and logs in as id.
func (w *wire) mqttJoin(at time.Time, ip, id string, port uint16) *conn {
	c := w.tcp(at, ip, "10.20.0.30", port, 1883)
	c.says(true, mqttPacket(0x10, mqttString("MQTT")+"\x04\xc2\x00\x3c"+mqttString(id)+mqttString("ward")+mqttString("invented-7")))
	c.says(false, mqttPacket(0x20, "\x00\x00"))
	return c
}

func (c *conn) mqttSubscribe(filter string) {
	c.says(true, mqttPacket(0x82, "\x00\x01"+mqttString(filter)+"\x00"))
	c.says(false, mqttPacket(0x90, "\x00\x01\x00"))
}

// mqttWard: 40 minutes of sensors that publish twice a minute and a station that takes what is under ward/.
func mqttWard(w *wire) (station *conn) {
	w.snap = 512
	station = w.mqttJoin(w.now, "10.20.0.90", "station-1", 40000)
	station.mqttSubscribe("ward/+/vitals")
	for s := range 3 {
		c := w.mqttJoin(w.after(0.1), fmt.Sprintf("10.20.0.%d", 81+s), fmt.Sprintf("mon-%d", s+1), uint16(41000+s))
		for i := range 78 {
			c.at = w.after(0.2 + 0.5*float64(i) + 0.05*float64(s))
			c.mqttPublish(true, s, i)
		}
	}
	return station
}

func (c *conn) mqttPublish(fromClient bool, bed, i int) {
	c.says(fromClient, mqttPacket(0x30, mqttString(fmt.Sprintf("ward/bed%d/vitals", bed))+fmt.Sprintf(`{"heart_rate":%d,"spo2":%d}`, 70+i%9, 95+i%4)))
}

// mqttHarvest: in minute 28 somebody subscribes to everything and is sent it.
func mqttHarvest(w *wire) {
	mqttWard(w)
	c := w.mqttJoin(w.after(28), "10.20.0.66", "mosq-1a2b", 51000)
	c.mqttSubscribe("#")
	for i := range 120 {
		c.at = w.after(28.1 + 0.05*float64(i))
		c.mqttPublish(false, i%3, i)
	}
}

// quietMQTTBridge: a bridge between brokers takes everything, from the beginning and again after a break; a new station asks for one
// tree.
func quietMQTTBridge(w *wire) {
	mqttWard(w)
	for n, m := range []float64{2, 30} {
		c := w.mqttJoin(w.after(m), "10.20.0.35", "bridge", uint16(50000+n))
		c.mqttSubscribe("#")
		for i := range 50 {
			c.at = w.after(m + 0.1 + 0.1*float64(i))
			c.mqttPublish(false, i%3, i)
		}
		c.close()
	}
	c := w.mqttJoin(w.after(29), "10.20.0.91", "station-2", 51000)
	c.mqttSubscribe("ward/bed1/#")
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

// httpGuessing: 14 wrong passwords at a device's page of settings, then the right one; a nurse's browser that is refused once.
func httpGuessing(w *wire) {
	w.snap = 1024
	ask := func(at time.Time, src string, port int, token, status string) {
		c := w.tcp(at, src, "10.20.0.43", uint16(port), 80)
		head := "GET /settings HTTP/1.1\r\nHost: 10.20.0.43\r\nUser-Agent: Mozilla/5.0\r\n"
		if token != "" {
			head += "Authorization: Basic " + token + "\r\n"
		}
		c.says(true, head+"\r\n")
		c.says(false, "HTTP/1.1 "+status+"\r\nContent-Type: text/html\r\nWWW-Authenticate: Basic realm=\"device\"\r\nContent-Length: 5\r\n\r\nhello")
		c.close()
	}
	for i := range 14 {
		ask(w.now.Add(time.Duration(i)*2*time.Second), "10.20.0.66", 51000+i, basic("service", strings.Repeat("x", 3+i%6)), "401 Unauthorized")
	}
	ask(w.now.Add(40*time.Second), "10.20.0.66", 51100, basic("service", "invented-4711"), "200 OK")
	ask(w.now.Add(60*time.Second), "10.20.0.54", 52000, "", "401 Unauthorized")
	ask(w.now.Add(62*time.Second), "10.20.0.54", 52001, basic("nurse", "slip"), "401 Unauthorized")
	ask(w.now.Add(70*time.Second), "10.20.0.54", 52002, basic("nurse", "invented-0815"), "200 OK")
}

// vitalsEvery lets a monitor send its values to the station until a minute.
func (w *wire) vitalsEvery(seconds float64, until float64, ip string, port uint16) {
	for i := 0; float64(i)*seconds < until*60; i++ {
		c := w.tcp(w.now.Add(time.Duration(float64(i)*seconds*float64(time.Second))+time.Duration(w.random(300))*time.Millisecond), ip, "10.20.0.90", port+uint16(i), 24105)
		c.push(true, 24, 1400)
		c.close()
	}
}

// sourceSilent: three monitors send every 15 s; one stops in minute 12 of 30.
func sourceSilent(w *wire) {
	w.snap = 400
	for i, until := range []float64{30, 12, 30} {
		w.named(w.now, fmt.Sprintf("10.20.0.%d", 151+i), fmt.Sprintf("monitor-%d", i+1))
		w.vitalsEvery(15, until, fmt.Sprintf("10.20.0.%d", 151+i), uint16(40000+1000*i))
	}
}

// quietSource: the near misses of a silent source: one that stops shortly before the capture ends, one that sends when it
// likes, one that pauses for two minutes; and nobody sends for a while when the capture itself has a hole.
func quietSource(w *wire) {
	w.snap = 400
	for i, until := range []float64{30, 27.5, 30} {
		w.named(w.now, fmt.Sprintf("10.20.0.%d", 151+i), fmt.Sprintf("monitor-%d", i+1))
		w.vitalsEvery(15, until, fmt.Sprintf("10.20.0.%d", 151+i), uint16(40000+1000*i))
	}
	w.named(w.now, "10.20.0.155", "monitor-5")
	for m, i := 0.0, 0; m < 20; m, i = m+0.1+float64(w.random(100))/50, i+1 {
		c := w.tcp(w.after(m), "10.20.0.155", "10.20.0.90", uint16(46000+i), 24105)
		c.push(true, 24, 1400)
		c.close()
	}
	kept := w.frames[:0]
	for _, f := range w.frames {
		hole := f.at.After(w.after(15)) && f.at.Before(w.after(22))
		if !hole {
			kept = append(kept, f)
		}
	}
	w.frames = kept
}

// outsideZone: a pump speaks with an address outside, in the second half only; a monitor with its maker's cloud from the
// beginning.
func outsideZone(w *wire) {
	pumpWard(w)
	w.named(w.after(0.1), "10.20.0.151", "monitor-1")
	for _, m := range []float64{3, 13, 23, 33} {
		c := w.tcp(w.after(m), "10.20.0.151", "203.0.113.30", uint16(54000+int(m)), 443)
		c.push(true, 700, 1400)
		c.push(false, 900, 1400)
		c.close()
	}
	c := w.tcp(w.after(32), "10.20.0.141", "203.0.113.9", 55000, 8443)
	c.push(true, 4000, 1400)
	c.push(false, 600, 1400)
	c.close()
}
