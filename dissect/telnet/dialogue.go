package telnet

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"wardtrace/dissect"
	"wardtrace/dissect/credential"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// phase is where a dialogue stands.
type phase uint8

const (
	before    phase = iota // nothing was asked yet, or an attempt is over
	userAsked              //
	userGiven              // a name was sent; a password will be asked for
	passAsked              //
	checking               // a password was sent
	inside                 // a shell answers
)

type dissector struct {
	conn    *dissect.Conn
	strip   [2]stripper
	begun   bool
	first   event.Ref
	last    event.Ref
	session Session
	follows int

	phase   phase
	login   Login
	user    string              // what was typed as the user of this attempt; leaves only as login.User
	sent    [][sha256.Size]byte // passwords of this conversation, as digests
	open    bool                // login holds an attempt
	entered bool                // a login succeeded before
	asked   bool                // a prompt was seen: the banner is over

	line   []byte // what the server wrote since its last line end
	banner []byte
	echo   bool // the client's direction was seen

	keys  []byte // what the client typed since its last line end
	shell bool   // when it began, a shell had asked
	cr    bool   // the last byte was a carriage return: a line feed or zero belongs to it
	queue []string
	after int  // lines typed after the password
	spoke bool // the server wrote since the client's last line
}

// written takes a byte of the server.
func (d *dissector) written(b byte, out *event.Batch) {
	d.session.ServerChars++
	if !d.asked && len(d.banner) < bannerCap {
		d.banner = append(d.banner, b)
	}
	switch {
	case b == '\n' || b == '\r':
		d.lineEnded(out)
	case b == '\b':
		if n := len(d.line); n > 0 {
			d.line = d.line[:n-1]
		}
	case b >= ' ' && len(d.line) < lineCap:
		d.line = append(d.line, b)
		if d.spoke = true; b == ':' || b == '>' {
			d.prompted(out)
		}
	}
}

// current is the server's unended line, folded for comparison.
func (d *dissector) current() string {
	return strings.ToLower(strings.TrimSpace(string(d.line)))
}

// lineEnded looks at a whole line of the server.
func (d *dissector) lineEnded(out *event.Batch) {
	line := d.current()
	d.line = d.line[:0]
	switch d.phase {
	case checking:
		d.judge(line, out)
	case userAsked: // only the server is seen: the name is in its echo
		if user := afterPrompt(line); !d.echo && user != "" {
			d.named(user)
		}
	case passAsked:
		if !d.echo {
			d.phase = checking
		}
	}
}

func afterPrompt(line string) string {
	if at := strings.LastIndexAny(line, ":>"); at >= 0 {
		return clip(strings.TrimSpace(line[at+1:]))
	}
	return ""
}

func clip(s string) string { return s[:min(len(s), nameCap)] }

// judge looks for a message after a password.
func (d *dissector) judge(line string, out *event.Batch) {
	switch {
	case line == "":
	case fails(line):
		d.finish("failed", "message", out)
	case contains(line, greetings):
		d.finish("success", "greeting", out)
	}
}

// prompted looks at an unended line that may have become a prompt. Inside a session only what the client answers
// to counts: output is full of colons.
func (d *dissector) prompted(out *event.Batch) {
	if d.phase == inside {
		return
	}
	switch kind := prompt(d.current()); {
	case kind == asksUser:
		d.askUser(out)
	case kind == asksPassword && d.phase != passAsked:
		d.askPassword(out)
	}
}

func (d *dissector) askUser(out *event.Batch) {
	switch d.phase {
	case checking:
		d.finish("failed", "asked again", out)
	case userGiven, passAsked: // the name was refused, or the prompt for the password was lost
		d.queue = nil // and what was typed since was a password
		d.finish("unfinished", "asked again", out)
	}
	d.begin(out)
	d.phase = userAsked
	d.drain()
}

func (d *dissector) askPassword(out *event.Batch) {
	if d.phase == checking { // a password alone is asked for again
		d.finish("failed", "asked again", out)
	}
	if !d.open {
		d.begin(out)
		if len(d.queue) > 0 { // a prompt for the user was lost, or was in words that are not known
			d.phase = userAsked
			d.drain()
		}
	}
	d.phase = passAsked
	d.drain()
}

// begin opens an attempt.
func (d *dissector) begin(out *event.Batch) {
	if !d.asked {
		d.asked = true
		d.banner = trimLast(d.banner, len(d.line))
		sum := sha256.Sum256(d.banner)
		d.session.Banner = bannerText(d.banner)
		if d.session.Banner != "" {
			d.session.BannerDigest = hex.EncodeToString(sum[:8])
		}
		d.identify(out)
	}
	d.session.Attempts++
	d.open = true
	d.login = Login{Attempt: d.session.Attempts, Prompt: dnsname.Clean([]byte(strings.TrimSpace(string(d.line))), nameCap),
		BannerDigest: d.session.BannerDigest, Nested: d.entered}
	d.user = ""
}

// trimLast takes the prompt itself off the banner.
func trimLast(b []byte, n int) []byte { return b[:max(len(b)-n, 0)] }

// bannerText gives the banner as one line.
func bannerText(b []byte) string {
	return dnsname.Clean([]byte(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r == 0 || r == 7 {
			return ' '
		}
		return r
	}, string(b))), " ")), bannerCap)
}

// typed takes a byte of the client.
func (d *dissector) typed(b byte, out *event.Batch) {
	d.session.ClientChars++
	d.echo = true
	if d.cr {
		d.cr = false
		if b == '\n' || b == 0 {
			return
		}
	}
	switch {
	case b == '\r' || b == '\n':
		d.cr = b == '\r'
		d.starts(out)
		keys := string(d.keys)
		d.keys = d.keys[:0]
		d.entry(keys, out)
	case b == '\b' || b == 0x7f:
		if n := len(d.keys); n > 0 {
			d.keys = d.keys[:n-1]
		}
	case b == 0x15 || b == 0x03: // erase the line, interrupt
		d.keys = d.keys[:0]
	case b >= ' ' && len(d.keys) < typedCap:
		d.starts(out)
		d.keys = append(d.keys, b)
	}
}

// starts looks, when a line of the client begins, at what the server had asked for.
func (d *dissector) starts(out *event.Batch) {
	if len(d.keys) > 0 {
		return
	}
	kind := prompt(d.current())
	d.shell = kind == asksCommand
	switch {
	case d.phase == checking && kind == asksCommand:
		d.finish("success", "shell prompt", out)
	case d.phase == inside && kind == asksUser: // a login further on, or after logging out
		d.begin(out)
		d.phase = userAsked
	case d.phase == inside && kind == asksPassword:
		d.begin(out)
		d.phase = passAsked
	case d.phase == before && !d.asked && kind == asksCommand && !d.conn.Midstream:
		d.begin(out)
		d.finish("no login", "shell prompt", out)
	case d.phase == before && kind == asksCommand:
		d.phase = inside
	}
}

// entry takes a line of the client.
func (d *dissector) entry(keys string, out *event.Batch) {
	switch d.phase {
	case userAsked, passAsked:
		d.answer(keys)
	case inside:
		d.command(keys)
	case checking:
		d.push(keys)
		if d.after++; d.spoke && d.after >= 2 { // neither refused nor asked again
			d.finish("success", "session", out)
		}
	default:
		d.push(keys)
	}
	d.spoke = false
}

// push keeps a line typed ahead of its prompt.
func (d *dissector) push(keys string) {
	if len(d.queue) < queueCap {
		d.queue = append(d.queue, keys)
	}
}

// drain answers a prompt with a line that was typed ahead.
func (d *dissector) drain() {
	if len(d.queue) == 0 {
		return
	}
	keys := d.queue[0]
	d.queue = d.queue[1:]
	d.answer(keys)
}

// answer takes what was typed for a prompt. A password leaves this function as a number.
func (d *dissector) answer(keys string) {
	if d.phase == userAsked {
		d.named(dnsname.Clean([]byte(strings.TrimSpace(keys)), nameCap))
		return
	}
	d.login.PasswordLen = event.Some(int64(len(keys)))
	if source, ok := credential.Known(d.user, keys); ok {
		d.login.DefaultCredential, d.login.CredentialSource = true, source
	}
	if keys != d.user && len(d.sent) < sentCap {
		d.sent = append(d.sent, sha256.Sum256([]byte(keys)))
	}
	d.phase, d.after, d.spoke = checking, 0, false
}

// named takes what was typed as a user's name. People in a hurry type their password there: what looks like one is not told.
func (d *dissector) named(user string) {
	d.user, d.phase = user, userGiven
	if d.login.UserWithheld = !userLike(user) || slices.Contains(d.sent, sha256.Sum256([]byte(user))); !d.login.UserWithheld {
		d.login.User = user
	}
}

// userLike tells whether a text can be a user's name: of POSIX, Windows or a mail address.
func userLike(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(`._-@\$`, r)
	})
}

// command counts a line typed inside. Its first word is kept where a shell had asked: anything else may be a secret.
func (d *dissector) command(keys string) {
	word, _, _ := strings.Cut(strings.TrimSpace(keys), " ")
	if word == "" {
		return
	}
	d.session.Commands++
	if d.shell && len(d.session.CommandWords) < wordCap {
		d.session.CommandWords = append(d.session.CommandWords, dnsname.Clean([]byte(word), nameCap))
	}
}

// finish writes an attempt's row.
func (d *dissector) finish(outcome, evidence string, out *event.Batch) {
	d.phase = before
	switch outcome {
	case "success", "no login":
		d.phase, d.entered = inside, true
	case "failed":
		d.session.Failures++
	}
	if outcome == "success" {
		d.session.Successes++
	}
	if d.entered {
		d.phase = inside
	}
	if d.phase == before { // what was typed ahead of the outcome is not known to be a name: never tell it
		d.queue = nil
	}
	if d.phase == inside { // what was typed ahead were commands, not seen to be asked for
		for _, keys := range d.queue {
			d.shell = false
			d.command(keys)
		}
		d.queue = nil
	}
	if !d.open {
		return
	}
	d.open = false
	if outcome == "unfinished" && d.user == "" && !d.login.PasswordLen.OK { // return was pressed, or nobody answered
		d.session.Attempts--
		return
	}
	d.login.Outcome, d.login.Evidence = outcome, evidence
	switch {
	case d.login.Attempt <= attemptCap:
		logins.Emit(out, d.last, d.login)
	case d.login.Attempt == attemptCap+1:
		dissect.Anomaly(out, d.last, "telnet", "telnet_attempts", attemptCap, "further login attempts of the conversation have no row; telnet_session counts them")
	}
}

// lost forgets what can no longer be relied on after a loss.
func (d *dissector) lost(fromClient bool) {
	if fromClient {
		d.keys, d.cr = d.keys[:0], false
		return
	}
	d.line = d.line[:0]
}

// identify tells the server's name and system, where its first prompt says so.
func (d *dissector) identify(out *event.Batch) {
	say := func(attribute, value, source string, confidence int64) {
		event.Identities.Emit(out, d.last, event.Identity{IP: d.conn.Server.Addr().String(), MAC: d.conn.ServerMAC.String(),
			Attribute: attribute, Value: value, Source: source, Confidence: confidence})
	}
	if name := host(dnsname.Clean(d.line, lineCap)); name != "" && !strings.EqualFold(name, "vxworks") {
		say("hostname", name, "telnet.prompt", 60)
	}
	all := strings.ToLower(d.session.Banner + " " + string(d.line))
	for _, s := range systems {
		if strings.Contains(all, s.word) {
			say("os", s.value, "telnet.banner", 60)
			break
		}
	}
	for _, p := range medical(d.session.Banner) {
		say(p.attribute, p.value, "telnet.banner", 85)
	}
	if d.session.Banner != "" {
		say("software", d.session.Banner[:min(len(d.session.Banner), 120)], "telnet.banner", 40)
	}
}

// Close ends the conversation: what is still open is judged by what is there.
func (d *dissector) Close(out *event.Batch) {
	if !d.begun {
		return
	}
	if d.open {
		switch line := d.current(); {
		case d.phase == checking && fails(line):
			d.finish("failed", "message", out)
		case d.phase == checking && prompt(line) == asksCommand:
			d.finish("success", "shell prompt", out)
		case d.phase == checking:
			d.finish("unknown", "end", out)
		default:
			d.finish("unfinished", "end", out)
		}
	}
	d.session.Until = d.last.Time
	d.session.Negotiated = d.strip[0].seen+d.strip[1].seen > 0
	d.queue, d.keys = nil, nil
	sessions.Emit(out, d.first, d.session)
}
