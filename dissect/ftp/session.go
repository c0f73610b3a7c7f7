package ftp

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/credential"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

type dissector struct {
	conn     *dissect.Conn
	half     [2]struct{ torn, long bool }
	answered bool // the server's direction was seen
	tls      bool // AUTH waits for its reply
	user     string
	pending  []pending
	multi    int64 // code of a reply of several lines that is not at its end
	text     string
	data     channel
	sizes    size // the last SIZE that was answered
	greeted  bool
	systemed bool
	faults   int
}

type pending struct {
	ref  event.Ref
	row  Command
	kind verb
	arg  string
}

type channel struct {
	passive bool
	addr    netip.AddrPort
	third   bool
}

type size struct {
	arg string
	n   event.Opt[int64]
}

// command takes a line of the client.
func (d *dissector) command(line []byte, torn bool, ref event.Ref, out *event.Batch) {
	c := cursor.New(line)
	for b := c.Peek(0); b == 0xff || b == 0xf4 || b == 0xf2; b = c.Peek(0) { // Telnet's interrupt and synch before ABOR (RFC 959, 4.1.3)
		c.Skip(1)
	}
	line = c.Rest()
	word, arg, _ := bytes.Cut(line, []byte(" "))
	name := strings.ToUpper(string(word[:min(len(word), 16)]))
	kind, known := verbs[name]
	if torn && !known { // the end of a line whose beginning was lost: it may be that of a password
		return
	}
	if !known && !letters(name) {
		if len(line) > 0 {
			d.complain("ftp_malformed", "a line of the client is no command", ref, out)
		}
		return
	}
	p := pending{ref: ref, kind: kind, arg: string(arg)}
	p.row.Command = name
	switch {
	case name == "USER":
		d.user = dnsname.Clean(bytes.TrimSpace(arg), 64)
		p.row.Arg = d.user
	case name == "REIN":
		d.user = ""
	case name == "PASS":
		d.password(&p, arg)
	case kind != secret:
		p.row.Arg = d.argument(name, arg)
	}
	if kind == secret {
		p.arg = ""
	}
	p.row.User = d.user
	p.row.Anonymous = strings.EqualFold(d.user, "anonymous") || strings.EqualFold(d.user, "ftp")
	if kind == file || kind == transfer {
		p.row.FileExt, p.row.Traversal = extension(p.arg), traverses(p.arg)
	}
	if name == "AUTH" && (strings.EqualFold(p.arg, "TLS") || strings.EqualFold(p.arg, "SSL") || strings.EqualFold(p.arg, "TLS-C") || strings.EqualFold(p.arg, "TLS-P")) {
		d.tls = true
	}
	d.listen(&p)
	if len(d.pending) >= pendingCap {
		commands.Emit(out, d.pending[0].ref, d.pending[0].row)
		d.pending = append(d.pending[:0], d.pending[1:]...)
	}
	d.pending = append(d.pending, p)
}

// password asks whether the pair is known and keeps its length.
func (d *dissector) password(p *pending, arg []byte) {
	p.row.PasswordLen = event.Some(int64(len(arg)))
	if source, ok := credential.Known(d.user, string(arg)); ok {
		p.row.DefaultCredential, p.row.CredentialSource = true, source
	}
}

// argument gives an argument as it may be told: SITE PSWD and its kin carry passwords.
func (d *dissector) argument(name string, arg []byte) string {
	if name == "SITE" {
		word, _, _ := bytes.Cut(arg, []byte(" "))
		switch strings.ToUpper(string(word)) {
		case "PSWD", "PASS", "PASSWD", "GPASS", "CPWD":
			return strings.ToUpper(string(word))
		}
	}
	return dnsname.Clean(arg, textCap)
}

func letters(s string) bool {
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return len(s) >= 3
}

// extension gives the extension of a file's name, if it looks like one.
func extension(path string) string {
	name := path[strings.LastIndexAny(path, `/\`)+1:]
	at := strings.LastIndexByte(name, '.')
	if at < 1 || len(name)-at > 12 {
		return ""
	}
	ext := strings.ToLower(name[at+1:])
	for _, r := range ext {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return ""
		}
	}
	return ext
}

func traverses(path string) bool {
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == ".." {
			return true
		}
	}
	return false
}

// reply takes a line of the server. True means that the connection goes on under TLS.
func (d *dissector) reply(line []byte, ref event.Ref, out *event.Batch) bool {
	n, sep, ok := code(line)
	switch {
	case d.multi != 0: // RFC 959, 4.2: the last line has the same code and a space
		if !ok || n != d.multi || sep == '-' {
			return false
		}
		d.multi = 0
	case !ok:
		d.complain("ftp_malformed", "a line of the server is no reply", ref, out)
		return false
	case sep == '-':
		d.multi, d.text = n, words(line)
		return false
	default:
		d.text = words(line)
	}
	if n < 200 {
		d.preliminary(ref, n, out)
		return false
	}
	return d.final(n, ref, out)
}

func words(line []byte) string {
	return dnsname.Clean(line[min(4, len(line)):], textCap)
}

// preliminary notes the size in "150 Opening BINARY mode data connection for x (50 bytes)".
func (d *dissector) preliminary(ref event.Ref, n int64, out *event.Batch) {
	if len(d.pending) == 0 {
		d.unasked(n, ref, out)
		return
	}
	before, _, ok := strings.Cut(d.text, " bytes")
	if !ok {
		return
	}
	if v, err := strconv.ParseInt(before[strings.LastIndexAny(before, "( ")+1:], 10, 64); err == nil && v >= 0 {
		d.pending[0].row.FileSize = event.Some(v)
	}
}

// unasked writes what the server says without a command: the greeting, a timeout.
func (d *dissector) unasked(n int64, ref event.Ref, out *event.Batch) {
	commands.Emit(out, ref, Command{User: d.user, ReplyCode: event.Some(n), ReplyMsg: d.text})
}

// final pairs a reply with the oldest command.
func (d *dissector) final(n int64, ref event.Ref, out *event.Batch) (handOver bool) {
	if n == 220 && !d.greeted { // also when the client did not wait for it
		d.greeted = true
		d.unasked(n, ref, out)
		d.banner(d.text, ref, out)
		return false
	}
	if len(d.pending) == 0 {
		d.unasked(n, ref, out)
		return false
	}
	p := d.pending[0]
	d.pending = append(d.pending[:0], d.pending[1:]...)
	row := &p.row
	row.ReplyCode = event.Some(n)
	row.ReplyMS = event.Some(float64(ref.Time-p.ref.Time) / 1e6)
	if p.kind == plain || p.kind == secret {
		row.ReplyMsg = d.text
	}
	d.understand(&p, n, ref, out)
	commands.Emit(out, p.ref, *row)
	return row.Command == "AUTH" && n == 234
}

// understand takes what a reply says in the context of its command.
func (d *dissector) understand(p *pending, n int64, ref event.Ref, out *event.Batch) {
	row := &p.row
	switch row.Command {
	case "USER", "PASS", "ACCT":
		switch {
		case n == 230 || n == 232 || (n == 202 && row.Command != "USER"):
			row.Login = "success"
		case n >= 400:
			row.Login = "failed"
		}
	case "AUTH":
		d.tls = false
	case "PASV", "EPSV", "PORT", "EPRT":
		d.agreed(p, n)
	case "SIZE":
		if v, err := strconv.ParseInt(strings.TrimSpace(d.text), 10, 64); err == nil && n == 213 && v >= 0 {
			row.FileSize = event.Some(v)
			d.sizes = size{p.arg, row.FileSize}
		}
	case "SYST":
		if n == 215 && !d.systemed {
			d.systemed = true
			d.system(ref, out)
		}
	}
	if p.kind == transfer {
		if d.data.addr.IsValid() {
			row.data(&d.data)
		}
		if !row.FileSize.OK && row.Command == "RETR" && p.arg == d.sizes.arg {
			row.FileSize = d.sizes.n
		}
		d.data = channel{}
	}
}

// flush writes all commands that wait, without a reply.
func (d *dissector) flush(out *event.Batch) {
	for _, p := range d.pending {
		if p.kind == transfer && d.data.addr.IsValid() {
			p.row.data(&d.data)
		}
		commands.Emit(out, p.ref, p.row)
	}
	d.pending = nil
	d.tls = false
}
