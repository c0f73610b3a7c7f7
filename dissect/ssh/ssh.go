package ssh

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Limits of one connection.
const (
	maxLine   = 1 << 10  // RFC 4253 4.2 allows 255 bytes
	maxLines  = 32       // lines a server may send before its identification
	maxPacket = 64 << 10 // RFC 4253 6.1 asks for 35000; nothing that is sent in clear is larger
	maxNames  = 128      // names of an algorithm list that are compared: real lists have 20
	maxName   = 64       // RFC 4251 6
)

const protocolName = "ssh"

// Protocol is SSH.
var Protocol = &dissect.Protocol{
	Name:       protocolName,
	Spec:       "RFC 4253",
	Transports: []dissect.Transport{dissect.TCP},
	Ports:      []uint16{22, 2222, 830, 8022},
	MaxBuffer:  4 + maxPacket,
	Tables:     []*event.Table{connections.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{c: c} },
}

var errNotSSH = errors.New("no SSH identification string at the start of the connection: try it as another protocol")

func probe(_ *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	for _, start := range []string{"SSH-2.0-", "SSH-1."} {
		n := min(len(first), len(start))
		if string(first[:n]) == start[:n] {
			if n < len(start) {
				return dissect.Maybe
			}
			return dissect.Yes
		}
	}
	return dissect.No
}

type dissector struct {
	c     *dissect.Conn
	half  [2]half
	row   Connection
	ref   event.Ref
	begun bool
	since event.Time // first encrypted packet
	until event.Time
}

// half is one direction.
type half struct {
	state   state
	lines   int
	version string
	kex     kexinit
	known   bool // kex was read
	bytes   int64
}

type state uint8

const (
	identifying state = iota
	packets
	encrypted
	passing // SSH 1, or out of step: bytes are neither read nor counted as encrypted
)

// Feed takes one line or packet a call.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	h := &d.half[seg.Dir]
	if !d.begun {
		d.begun, d.ref = true, seg.Ref
	}
	if seg.Gap > 0 {
		if h.state == encrypted {
			h.bytes += int64(seg.Gap)
		} else {
			h.state = passing
		}
	}
	cur := cursor.New(seg.Data)
	switch h.state {
	case identifying:
		return d.identify(seg, h, &cur)
	case packets:
		return d.packet(seg, h, &cur, out), nil
	case encrypted:
		h.bytes += int64(cur.Len())
		if d.since == 0 {
			d.since = seg.Time
		}
		d.until = max(d.until, seg.Time)
		return dissect.Progress{Used: cur.Len()}, nil
	}
	return dissect.Progress{Used: dissect.Rest}, nil
}

// identify reads lines up to the identification string.
func (d *dissector) identify(seg *dissect.Segment, h *half, cur *cursor.Cursor) (dissect.Progress, error) {
	all := *cur
	text := cur.Bytes(min(cur.Len(), maxLine))
	end := bytes.IndexByte(text, '\n')
	if end < 0 && len(text) < maxLine {
		return dissect.Progress{}, nil
	}
	if end < 0 || h.lines >= maxLines {
		return d.notSSH(h)
	}
	h.lines++
	line := bytes.TrimRight(all.Bytes(end), "\r")
	version, ok := identification(line)
	if !ok {
		if seg.Dir == dissect.FromClient { // only servers may say something before
			return d.notSSH(h)
		}
		return dissect.Progress{Used: end + 1}, nil
	}
	name := strings.ToValidUTF8(string(line), "\ufffd")
	if seg.Dir == dissect.FromClient {
		d.row.Client = name
	} else {
		d.row.Server = name
	}
	h.version, h.state = version, packets
	if version != "1.99" && !strings.HasPrefix(version, "2") {
		h.state = passing
	}
	return dissect.Progress{Used: end + 1}, nil
}

func (d *dissector) notSSH(h *half) (dissect.Progress, error) {
	if d.row.Client == "" && d.row.Server == "" {
		return dissect.Progress{}, errNotSSH
	}
	h.state = passing
	return dissect.Progress{Used: dissect.Rest}, nil
}

// packet reads a packet before encryption, RFC 4253 6.
func (d *dissector) packet(seg *dissect.Segment, h *half, cur *cursor.Cursor, out *event.Batch) dissect.Progress {
	if cur.Len() < packetHead {
		return dissect.Progress{Need: packetHead}
	}
	length := int(cur.U32())
	padding := int(cur.U8())
	if length > maxPacket || length < padding+2 {
		h.state = passing
		if major(d.half[0].version, d.half[1].version) != event.Some(int64(1)) {
			dissect.Anomaly(out, seg.Ref, protocolName, "ssh_bad_packet", int64(length),
				"a packet from the "+seg.Dir.String()+" has a length that cannot be; the rest of this direction was passed over")
		}
		return dissect.Progress{Used: dissect.Rest}
	}
	if cur.Len() < length-1 {
		return dissect.Progress{Need: 4 + length}
	}
	payload := cur.Sub(length - padding - 1)
	d.message(seg, h, payload)
	return dissect.Progress{Used: 4 + length}
}

func (d *dissector) message(seg *dissect.Segment, h *half, cur cursor.Cursor) {
	switch typ := cur.U8(); {
	case typ == msgKexinit && !h.known:
		h.kex, h.known = readKexinit(cur)
		d.agreed()
	case typ == msgNewkeys:
		h.state = encrypted
	case seg.Dir == dissect.FromServer && d.row.HostKeyFP == "" &&
		(typ == msgKexGexRepl || typ == msgKexReply && !strings.Contains(d.row.KexAlg, "group-exchange")):
		d.row.HostKeyFP, d.row.HostKeyBits = hostKey(cur)
	}
}

// agreed works out what both lists lead to, RFC 4253 7.1.
func (d *dissector) agreed() {
	client, server := &d.half[dissect.FromClient], &d.half[dissect.FromServer]
	if client.known {
		d.row.HASSH = client.kex.hassh(cipherToServer, macToServer, compressionToServer)
	}
	if !server.known {
		return
	}
	d.row.HASSHServer = server.kex.hassh(cipherToClient, macToClient, compressionToClient)
	d.row.WeakOffered = nil
	for _, l := range []list{kexAlgorithms, hostKeyAlgorithms, cipherToServer, macToServer} {
		d.row.WeakOffered = append(d.row.WeakOffered, weakIn(server.kex[l])...)
	}
	if !client.known {
		return
	}
	pick := func(l list) string { return agree(client.kex[l], server.kex[l]) }
	r := &d.row
	r.KexAlg, r.HostKeyAlg, r.CipherAlg = pick(kexAlgorithms), pick(hostKeyAlgorithms), pick(cipherToServer)
	r.MACAlg, r.CompressionAlg = pick(macToServer), pick(compressionToServer)
	aead := strings.Contains(r.CipherAlg, "gcm") || strings.Contains(r.CipherAlg, "poly1305")
	for _, name := range []string{r.KexAlg, r.HostKeyAlg, r.CipherAlg} {
		r.Weak = append(r.Weak, weakIn(name)...)
	}
	if !aead {
		r.Weak = append(r.Weak, weakIn(r.MACAlg)...)
	}
	strict := strings.Contains(client.kex[kexAlgorithms], "kex-strict-c-v00@openssh.com") &&
		strings.Contains(server.kex[kexAlgorithms], "kex-strict-s-v00@openssh.com")
	r.Terrapin = !strict && (strings.Contains(r.CipherAlg, "chacha20-poly1305") ||
		strings.HasSuffix(r.CipherAlg, "-cbc") && strings.Contains(r.MACAlg, "-etm@"))
}

// Close emits the connection and what it says about both hosts.
func (d *dissector) Close(out *event.Batch) {
	if !d.begun {
		return
	}
	r := &d.row
	client, server := &d.half[dissect.FromClient], &d.half[dissect.FromServer]
	r.Version = major(client.version, server.version)
	if r.Version == event.Some(int64(1)) || strings.HasPrefix(server.version, "1.") && server.version != "1.99" {
		r.Weak = append(r.Weak, "version1")
	}
	r.ClientBytes, r.ServerBytes = client.bytes, server.bytes
	r.Encrypted = (client.state == encrypted || client.version == "") && (server.state == encrypted || server.version == "") &&
		(client.state == encrypted || server.state == encrypted)
	if d.since != 0 {
		r.Seconds = event.Some(float64(d.until-d.since) / 1e9)
	}
	connections.Emit(out, d.ref, *r)
	d.describe(out)
}

// How far evidence from SSH can be trusted.
const (
	confidenceSoftware = 75 // the implementation's own text; rarely changed
	confidenceSystem   = 60 // a distribution's mark in it
	confidenceKey      = 80 // of this host, or of all devices with the same firmware
	confidenceStack    = 30 // a fingerprint is shared by all users of a library
)

func (d *dissector) describe(out *event.Batch) {
	say := func(ip netip.Addr, attribute, value, source string, confidence int64) {
		if value != "" && ip.IsValid() {
			event.Identities.Emit(out, d.ref, event.Identity{IP: ip.String(), Attribute: attribute, Value: value,
				Source: source, Confidence: confidence})
		}
	}
	server, client := d.c.Server.Addr(), d.c.Client.Addr()
	say(server, "software", software(d.row.Server), "ssh.server", confidenceSoftware)
	say(server, "os", systemOf(d.row.Server), "ssh.server_os", confidenceSystem)
	say(server, "fingerprint", d.row.HostKeyFP, "ssh.host_key", confidenceKey)
	say(client, "software", software(d.row.Client), "ssh.client", confidenceSoftware)
	say(client, "os", systemOf(d.row.Client), "ssh.client_os", confidenceSystem)
	say(client, "fingerprint", d.row.HASSH, "ssh.hassh", confidenceStack)
}

// software is an identification string without its front.
func software(s string) string {
	rest, ok := strings.CutPrefix(s, "SSH-")
	if !ok {
		return ""
	}
	_, name, _ := strings.Cut(rest, "-")
	return name
}
