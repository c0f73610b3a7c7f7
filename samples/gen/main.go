// Command gen writes the samples that no peer can record in reasonable time: hours of beacons, gigabytes of upload,
// addresses that must not be reached. Same name, same bytes.
//
//	go run ./samples/gen                         lists the samples
//	go run ./samples/gen NAME...                 writes samples/NAME/capture.pcap
//	go run ./samples/gen -repeat BYTES OUT PATH...   writes a large capture of other captures' frames, for measurements
//	go run ./samples/gen -adversary NAME -n N OUT   writes a capture made to break a cap; alone it lists them
//	go run ./samples/gen -loop FILE              reads a capture with gopacket alone: the baseline of measurements
package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"wardtrace/samples"
)

// generators make one sample each.
var generators = map[string]func(*wire){
	"contec-address": contecAddress,
	"outside-in":     outsideIn,
	"upload-outside": uploadOutside,
	"beacon":         beacon,
	"quiet-outside":  quietOutside,

	"pump-command":       pumpCommand,
	"quiet-pump":         quietPump,
	"mqtt-harvest":       mqttHarvest,
	"quiet-mqtt-bridge":  quietMQTTBridge,
	"http-guessing":      httpGuessing,
	"source-silent":      sourceSilent,
	"quiet-source":       quietSource,
	"outside-zone":       outsideZone,
	"drop-box":           dropBox,
	"dicom-outside":      dicomOutside,
	"hl7-refused":        hl7Refused,
	"clock-step":         clockStep,
	"contec-outside":     contecOutside,
	"medibus-ventilator": medibusVentilator,
	"nkv-ventilator":     nkvVentilator,
	"vista120-station":   vistaStation,
	"quiet-vista120":     quietVista,
	"quiet-contec":       quietContec,
	"dri-theatre":        driTheatre,
	"monitor-login":      monitorLogin,
	"hostile-text":       hostileText,

	"intellivue-monitor":       intellivueMonitor,
	"intellivue-second-client": intellivueSecondClient,
	"carescape-ward":           carescapeWard,
	"carescape-intruder":       carescapeIntruder,
	"ble-air":                  bleAir,

	"ieee11073-ward":     phdWard,
	"ieee11073-intruder": phdIntruder,

	"bcc-ward":            bccWard,
	"bcc-cyclic":          bccCyclic,
	"alaris-asena":        alarisAsena,
	"terumo-te":           terumoTE,
	"tlp20-station":       tlp20Station,
	"pump-services":       pumpServices,
	"pump-library":        pumpLibrary,
	"quiet-pump-services": quietPumpServices,
}

func main() {
	if len(os.Args) < 2 {
		names := make([]string, 0, len(generators))
		for n := range generators {
			names = append(names, n)
		}
		sort.Strings(names)
		fmt.Println(names)
		return
	}
	if err := generate(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(args []string) error {
	if args[0] == "-adversary" {
		return runAdversary(args[1:])
	}
	if strings.HasPrefix(args[0], "-") {
		return measure(args)
	}
	for _, name := range args {
		if err := write(name); err != nil {
			return err
		}
	}
	return nil
}

func write(name string) error {
	g, ok := generators[name]
	if !ok {
		return fmt.Errorf("no sample is called %s", name)
	}
	if err := os.MkdirAll(samples.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(samples.Dir(name), "capture.pcap"))
	if err != nil {
		return err
	}
	w := &wire{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), link: layers.LinkTypeEthernet, snap: 96, seed: 1}
	g(w)
	if !w.asMade {
		sort.SliceStable(w.frames, func(i, j int) bool { return w.frames[i].at.Before(w.frames[j].at) })
	}
	out := pcapgo.NewWriter(f)
	if err := out.WriteFileHeader(uint32(w.snap), w.link); err != nil {
		return err
	}
	for _, fr := range w.frames {
		ci := gopacket.CaptureInfo{Timestamp: fr.at, Length: fr.length, CaptureLength: len(fr.data)}
		if err := out.WritePacket(ci, fr.data); err != nil {
			return err
		}
	}
	return f.Close()
}

// wire collects frames.
type wire struct {
	now    time.Time
	link   layers.LinkType
	snap   int
	seed   uint64
	frames []frame
	asMade bool // frames are written in the order in which they were made, whatever their times
}

type frame struct {
	at     time.Time
	data   []byte
	length int
}

// random gives the next of a fixed sequence of numbers below n (splitmix64).
func (w *wire) random(n int) int {
	w.seed += 0x9e3779b97f4a7c15
	z := w.seed
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// conn is a TCP connection in the making.
type conn struct {
	w              *wire
	src, dst       netip.Addr
	srcMAC, dstMAC []byte
	sport, dport   uint16
	seq, ack       uint32
	at             time.Time
}

// tcp opens a connection at a time: three packets.
func (w *wire) tcp(at time.Time, src, dst string, sport, dport uint16) *conn {
	c := &conn{w: w, src: netip.MustParseAddr(src), dst: netip.MustParseAddr(dst), sport: sport, dport: dport, at: at,
		seq: uint32(w.random(1 << 30)), ack: uint32(w.random(1 << 30))}
	c.srcMAC, c.dstMAC = macOf(c.src), macOf(c.dst)
	c.send(true, 0, flags{syn: true})
	c.send(false, 0, flags{syn: true, ack: true})
	c.send(true, 0, flags{ack: true})
	return c
}

// macOf gives a hardware address: that of the gateway for what is not on the ward.
func macOf(a netip.Addr) []byte {
	if mac, ok := makers[a.String()]; ok {
		return mac
	}
	b := a.As4()
	if b[0] != 10 {
		return []byte{0x00, 0x00, 0x0c, 0x4a, 0x10, 0x01}
	}
	return []byte{0x00, 0x50, 0x56, b[1], b[2], b[3]}
}

type flags struct{ syn, ack, fin, psh bool }

// send adds a packet with n bytes of payload.
func (c *conn) send(fromClient bool, n int, f flags) {
	c.sendBytes(fromClient, make([]byte, n), f)
}

func (c *conn) sendBytes(fromClient bool, payload []byte, f flags) {
	src, dst, sm, dm, sp, dp, seq, ack := c.src, c.dst, c.srcMAC, c.dstMAC, c.sport, c.dport, &c.seq, &c.ack
	if !fromClient {
		src, dst, sm, dm, sp, dp, seq, ack = dst, src, dm, sm, dp, sp, &c.ack, &c.seq
	}
	eth := &layers.Ethernet{SrcMAC: sm, DstMAC: dm, EthernetType: layers.EthernetTypeIPv4}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: src.AsSlice(), DstIP: dst.AsSlice(), Flags: layers.IPv4DontFragment}
	tcp := &layers.TCP{SrcPort: layers.TCPPort(sp), DstPort: layers.TCPPort(dp), Seq: *seq, SYN: f.syn, ACK: f.ack, FIN: f.fin, PSH: f.psh, Window: 64240}
	if f.ack {
		tcp.Ack = *ack
	}
	tcp.SetNetworkLayerForChecksum(ip)
	buf := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, tcp, gopacket.Payload(payload))
	if err != nil {
		panic(err) // the layers above are always serialisable
	}
	data := append([]byte(nil), buf.Bytes()...)
	c.w.frames = append(c.w.frames, frame{c.at, data[:min(len(data), c.w.snap)], len(data)})
	*seq += uint32(len(payload))
	if f.syn || f.fin {
		*seq++
	}
	c.at = c.at.Add(time.Millisecond)
}

// push sends n bytes in segments of up to size, acknowledged every 32 segments.
func (c *conn) push(fromClient bool, n, size int) {
	for i := 0; n > 0; i++ {
		k := min(n, size)
		c.send(fromClient, k, flags{ack: true, psh: n == k})
		if n -= k; i%32 == 31 {
			c.send(!fromClient, 0, flags{ack: true})
		}
	}
	c.send(!fromClient, 0, flags{ack: true})
}

// close ends the connection in order.
func (c *conn) close() {
	c.send(true, 0, flags{fin: true, ack: true})
	c.send(false, 0, flags{fin: true, ack: true})
	c.send(true, 0, flags{ack: true})
}
