package hl7

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const folder = "../../samples/hl7-"

var recorded = []string{"mllp-adt-oru", "charsets", "batch", "no-mllp", "injection", "large-pdf", "duplicate-control-id", "conflicting-obx",
	"pcd", "alarms-off"}

func tcp(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestSuite(t *testing.T) {
	for _, name := range recorded[:6] {
		t.Run(name, func(t *testing.T) {
			dissecttest.Suite(t, Protocol, pieces(dissecttest.Load(t, tcp, folder+name+"/capture.pcap")))
		})
	}
}

// pieces cuts long conversations between segments, so that every offset of each can be tried in little time.
func pieces(convs []dissecttest.Conversation) []dissecttest.Conversation {
	const size, long = 2 << 10, 64 << 10
	var out []dissecttest.Conversation
	for _, c := range convs {
		p, n, total := dissecttest.Conversation{Conn: c.Conn}, 0, 0
		for _, s := range c.Segments {
			total += len(s.Data)
		}
		for _, s := range c.Segments {
			if n > size && total < long { // the suite samples the offsets of what is longer
				out = append(out, p)
				p, n = dissecttest.Conversation{Conn: c.Conn}, 0
			}
			p.Segments = append(p.Segments, s)
			n += len(s.Data)
		}
		out = append(out, p)
	}
	return out
}

func TestGolden(t *testing.T) {
	for _, name := range recorded {
		t.Run(name, func(t *testing.T) { dissecttest.Golden(t, folder+name, Protocol) })
	}
}

func FuzzHL7(f *testing.F) {
	var convs []dissecttest.Conversation
	for _, name := range recorded {
		if name != "large-pdf" {
			convs = append(convs, dissecttest.Load(f, tcp, folder+name+"/capture.pcap")...)
		}
	}
	p := *Protocol // how many segments a probe may see is the stream's affair: whatever comes is taken for HL7 here
	p.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &p, convs)
}

// talk makes a conversation of hand-made pieces, alternating from the client; an empty piece skips a turn.
func talk(pieces ...string) *dissecttest.Conversation {
	data := make([][]byte, len(pieces))
	for i, p := range pieces {
		data[i] = []byte(p)
	}
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:2575", data...)
	var kept []dissecttest.Segment
	for _, s := range c.Segments {
		if len(s.Data) > 0 {
			kept = append(kept, s)
		}
	}
	c.Segments = kept
	return &c
}

// rows runs a conversation whole and in single bytes, which must agree, and gives the message rows.
func rows(t *testing.T, c *dissecttest.Conversation) ([]event.Row[Message], *event.Batch) {
	t.Helper()
	whole := dissecttest.Run(Protocol, c)
	one := &dissecttest.Conversation{Conn: c.Conn}
	for _, s := range c.Segments {
		for i := range s.Data {
			g := s
			g.Data = s.Data[i : i+1]
			if i > 0 {
				g.Gap = 0
			}
			one.Segments = append(one.Segments, g)
		}
	}
	if a, b := dissecttest.Dump(whole), dissecttest.Dump(dissecttest.Run(Protocol, one)); a != b {
		t.Fatalf("single bytes give other rows:\n%s\n%s", a, b)
	}
	return messages.Get(whole), whole
}

const (
	adt   = "MSH|^~\\&|REG|LABHOSP|ENGINE|LABHOSP|20261120081500||ADT^A08^ADT_A01|C1|P|2.5\rEVN|A08\rPID|1||LAB-0001||LABPATIENT^ONE\r"
	adt2  = "MSH|^~\\&|REG|LABHOSP|ENGINE|LABHOSP|20261120081600||ADT^A03^ADT_A03|C2|P|2.5\rEVN|A03\rPID|1||LAB-0002||LABPATIENT^TWO\r"
	ackC1 = "MSH|^~\\&|ENGINE|LABHOSP|REG|LABHOSP|20261120081501||ACK^A08|A1|P|2.5\rMSA|AA|C1\r"
	sb    = "\x0b"
	eb    = "\x1c\r"
)

// TestFraming lists the variants of framing seen in the field, and what becomes of each.
func TestFraming(t *testing.T) {
	type want struct{ id, framing, ended, lines string }
	crlf := strings.ReplaceAll(adt, "\r", "\r\n")
	lf := strings.ReplaceAll(adt, "\r", "\n")
	tests := []struct {
		name   string
		pieces []string
		want   []want
	}{
		{"standard", []string{sb + adt + eb}, []want{{"C1", "mllp", "block", "cr"}}},
		{"pipelined", []string{sb + adt + eb + sb + adt2 + eb}, []want{{"C1", "mllp", "block", "cr"}, {"C2", "mllp", "block", "cr"}}},
		{"no CR after the end", []string{sb + adt + "\x1c" + sb + adt2 + "\x1c"}, []want{{"C1", "mllp-no-cr", "block", "cr"}, {"C2", "mllp-no-cr", "block", "cr"}}},
		{"no CR, answered", []string{sb + adt + "\x1c", sb + ackC1 + eb}, []want{{"C1", "mllp-no-cr", "block", "cr"}, {"A1", "mllp", "block", "cr"}}},
		{"no start", []string{adt + eb + adt2 + eb}, []want{{"C1", "mllp-no-start", "block", "cr"}, {"C2", "mllp-no-start", "block", "cr"}}},
		{"no end", []string{sb + adt + sb + adt2 + eb}, []want{{"C1", "mllp", "next", "cr"}, {"C2", "mllp", "block", "cr"}}},
		{"no last CR", []string{sb + strings.TrimRight(adt, "\r") + eb}, []want{{"C1", "mllp", "block", "cr"}}},
		{"no end and no last CR", []string{sb + strings.TrimRight(adt, "\r") + sb + adt2 + eb}, []want{{"C1", "mllp", "next", "cr"}, {"C2", "mllp", "block", "cr"}}},
		{"CRLF", []string{sb + crlf + eb + "\n" + sb + adt2 + eb}, []want{{"C1", "mllp", "block", "crlf"}, {"C2", "mllp", "block", "cr"}}},
		{"LF", []string{sb + lf + eb}, []want{{"C1", "mllp", "block", "lf"}}},
		{"garbage between", []string{sb + adt + eb + "\x00\x00xyz\r\n" + sb + adt2 + eb + "bye"}, []want{{"C1", "mllp", "block", "cr"}, {"C2", "mllp", "block", "cr"}}},
		{"keep-alives", []string{sb + eb + sb + adt + eb + "\r" + sb + eb}, []want{{"C1", "mllp", "block", "cr"}}},
		{"byte order mark", []string{sb + "\xef\xbb\xbf" + adt + eb}, []want{{"C1", "mllp", "block", "cr"}}},
		{"blank lines", []string{"\r\n\r\n" + sb + "\r\n" + adt + "\r\r" + eb}, []want{{"C1", "mllp", "block", "cr"}}},
		{"raw", []string{adt + adt2}, []want{{"C1", "none", "next", "cr"}, {"C2", "none", "close", "cr"}}},
		{"raw, answered", []string{strings.TrimRight(adt, "\r"), ackC1, adt2}, []want{{"C1", "none", "answer", "cr"}, {"A1", "none", "turn", "cr"}, {"C2", "none", "close", "cr"}}},
		{"raw, answered in a block", []string{lf, sb + ackC1 + eb, adt2}, []want{{"C1", "none", "answer", "lf"}, {"A1", "mllp", "block", "cr"}, {"C2", "none", "close", "cr"}}},
		{"HLLP", []string{sb + "D21\r" + adt + "00134042" + eb}, []want{{"C1", "hllp", "block", "cr"}}},
		{"cut off", []string{sb + adt}, []want{{"C1", "mllp", "close", "cr"}}},
		{"binary in a field", []string{sb + adt + "OBX|1|ED|X||a\x1cb\x0bc|\r" + eb}, []want{{"C1", "mllp", "block", "cr"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, _ := rows(t, talk(test.pieces...))
			var list []want
			for _, r := range got {
				list = append(list, want{r.V.ControlID, r.V.Framing, r.V.Ended, r.V.LineEnd})
				if r.V.Type == "ADT" && r.V.PatientName == "" {
					t.Errorf("message %s: no patient: the message was cut short", r.V.ControlID)
				}
			}
			if !sameSet(list, test.want) {
				t.Fatalf("got %v, want %v", list, test.want)
			}
		})
	}
}

// sameSet compares without order: an unframed message ends, and so gets its row, only when the next one begins.
func sameSet[T comparable](a, b []T) bool {
	count := map[T]int{}
	for _, x := range a {
		count[x]++
	}
	for _, x := range b {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// TestBodyHash: what a resend and an engine may change does not change the hash; content does.
func TestBodyHash(t *testing.T) {
	hash := func(s string) string {
		got, _ := rows(t, talk(s))
		if len(got) != 1 {
			t.Fatalf("%d messages in %q", len(got), s)
		}
		return got[0].V.BodyHash
	}
	base := hash(sb + adt + eb)
	for name, s := range map[string]string{
		"raw": adt, "CRLF": sb + strings.ReplaceAll(adt, "\r", "\r\n") + eb, "LF": strings.ReplaceAll(adt, "\r", "\n"),
		"new time": sb + strings.Replace(adt, "20261120081500", "20261120091500", 1) + eb, "no last CR": sb + strings.TrimRight(adt, "\r") + eb,
	} {
		if hash(s) != base {
			t.Errorf("%s: another hash", name)
		}
	}
	if hash(sb+strings.Replace(adt, "LAB-0001", "LAB-0009", 1)+eb) == base {
		t.Error("another patient: the same hash")
	}
	if len(base) != 32 {
		t.Errorf("hash %q is not 128 bits", base)
	}
}

func TestAnswers(t *testing.T) {
	ca := strings.Replace(ackC1, "MSA|AA", "MSA|CA", 1)
	got, _ := rows(t, talk(sb+adt+eb+sb+adt2+eb, sb+ca+eb+sb+ackC1+eb+sb+strings.Replace(ackC1, "AA|C1", "AE|C2|bad patient", 1)+eb+sb+ackC1+eb))
	if len(got) != 6 {
		t.Fatalf("%d rows", len(got))
	}
	first, second := int64(got[0].Seq), int64(got[1].Seq)
	for i, want := range []event.Opt[int64]{{}, {}, event.Some(first), event.Some(first), event.Some(second), {}} {
		if got[i].V.AckOf != want {
			t.Errorf("row %d answers %v, want %v", i, got[i].V.AckOf, want)
		}
	}
	if e := got[4].V; e.AckCode != "AE" || e.ErrorText != "bad patient" || !e.LatencyMS.OK {
		t.Errorf("refusal: %+v", e)
	}
}

func TestCommit(t *testing.T) {
	got, _ := rows(t, talk(sb+adt+eb, "\x0b\x06\x1c\r", sb+adt2+eb, "\x0b\x15\x1c\r"))
	if len(got) != 4 || got[1].V.AckCode != "commit-ack" || got[3].V.AckCode != "commit-nak" || got[3].V.AckOf != event.Some(int64(got[2].Seq)) {
		t.Fatalf("%+v", got)
	}
}

// TestWide sends one message in each width and byte order, as text and with a mark.
func TestWide(t *testing.T) {
	widen := func(s string, size int, big bool) string {
		var b strings.Builder
		for _, r := range s {
			unit := make([]byte, size)
			if big {
				unit[size-1] = byte(r)
			} else {
				unit[0] = byte(r)
			}
			b.Write(unit)
		}
		return b.String()
	}
	for name, s := range map[string]string{
		"utf-16le": sb + widen(adt, 2, false) + eb, "utf-16be": sb + widen(adt, 2, true) + eb,
		"utf-16le with mark": sb + "\xff\xfe" + widen(adt, 2, false) + eb, "utf-32le": sb + widen(adt, 4, false) + eb,
		"utf-32be": sb + widen(adt, 4, true) + eb, "frame and all": widen(sb+adt+eb, 2, true), "no block": widen(adt, 2, false),
	} {
		got, _ := rows(t, talk(s))
		if len(got) != 1 || got[0].V.PatientID != "LAB-0001" || got[0].V.Outline != "MSH EVN PID" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestLong passes a line of 20 MB without keeping it, and still reads the fields behind it.
func TestLong(t *testing.T) {
	c := talk(sb + strings.TrimRight(adt, "\r") + "\rOBX|1|ED|PDF^Report||R^application^pdf^Base64^JVBERi0xLjQK")
	chunk := []byte(strings.Repeat("QUJD", 16<<10))
	for range 320 {
		s := c.Segments[0]
		s.Data = chunk
		c.Segments = append(c.Segments, s)
	}
	end := c.Segments[0]
	end.Data = []byte("||||||F|||20261120083000|RAD\rOBX|2|NM|2823-3^Potassium||4.1\r" + eb + sb + adt2 + eb)
	c.Segments = append(c.Segments, end)
	b := dissecttest.Run(Protocol, c)
	got, obs := messages.Get(b), observations.Get(b)
	if len(got) != 2 || len(obs) != 2 {
		t.Fatalf("%d messages, %d observations", len(got), len(obs))
	}
	o := obs[0].V
	if o.Status != "F" || o.Producer != "RAD" || o.ObservedAt == 0 || o.Content != "pdf" || o.Encapsulated != "application^pdf^Base64" {
		t.Errorf("fields around the picture: %+v", o)
	}
	if want := int64(len("R^application^pdf^Base64^JVBERi0xLjQK") + 320*len(chunk)); o.ValueLength != want || got[0].V.LongestField != want {
		t.Errorf("length %d, longest %d, want %d", o.ValueLength, got[0].V.LongestField, want)
	}
	if obs[1].V.Value != "4.1" || got[1].V.ControlID != "C2" {
		t.Errorf("what follows: %+v", obs[1].V)
	}
	if k := kinds(b); !strings.Contains(k, "hl7_large_message") {
		t.Errorf("anomalies: %s", k)
	}
}

func kinds(b *event.Batch) string {
	var list []string
	for _, a := range event.Anomalies.Get(b) {
		list = append(list, a.V.Kind)
	}
	return strings.Join(list, " ")
}

// TestCaps: rows below a message are bounded and what is left out is counted; so is what waits for an answer.
func TestCaps(t *testing.T) {
	b := dissecttest.Run(Protocol, talk(sb+adt+strings.Repeat("OBX|1|NM|A||1\r", maxChildren+10)+eb))
	if n := len(observations.Get(b)); n != maxChildren-2 || // an identifier and a movement take room, too
		!strings.Contains(kinds(b), "hl7_rows_limit") {
		t.Errorf("%d rows, anomalies %q", n, kinds(b))
	}
	b = dissecttest.Run(Protocol, talk(sb+adt+"PID|1||"+strings.Repeat("7~", 4*maxIDs)+"\r"+eb))
	if n := len(patientIDs.Get(b)); n != maxIDs || !strings.Contains(kinds(b), "hl7_rows_limit") {
		t.Errorf("%d identifiers, anomalies %q", n, kinds(b))
	}
	b = dissecttest.Run(Protocol, talk(sb+adt+strings.Repeat("OBX|1|TX|A||"+strings.Repeat("x", 60<<10)+"\r", 400)+eb))
	if n := len(observations.Get(b)) * maxText; n > maxChildText || n < maxChildText/2 {
		t.Errorf("%d bytes of text were held", n)
	}
	b = dissecttest.Run(Protocol, talk(strings.Repeat(sb+adt+eb, maxAwaiting+5)))
	if !strings.Contains(kinds(b), "hl7_unanswered") {
		t.Errorf("anomalies %q", kinds(b))
	}
}

// TestLoss: what follows a loss is told apart from what came before it.
func TestLoss(t *testing.T) {
	c := talk(sb+adt+"OBX|1|NM|2823-3||4.1\r", "", "x|1\rOBX|2|NM|2345-7||96\r"+eb+sb+adt2+eb)
	c.Segments[1].Gap = 500
	got, b := rows(t, c)
	obs := observations.Get(b)
	if len(got) != 3 || len(obs) != 2 {
		t.Fatalf("%d messages, %d observations", len(got), len(obs))
	}
	if got[0].V.Ended != "gap" || !got[1].V.Headless || got[2].V.ControlID != "C2" {
		t.Errorf("%+v", got)
	}
	if obs[1].V.PatientID != "" || obs[1].V.ParentSeq != int64(got[1].Seq) {
		t.Errorf("an observation after the loss was given to the patient before it: %+v", obs[1].V)
	}
	if !strings.Contains(kinds(b), "hl7_gap") {
		t.Errorf("anomalies %q", kinds(b))
	}
}

func TestProbe(t *testing.T) {
	mid := &dissect.Conn{Transport: dissect.TCP, Midstream: true}
	guessed := &dissect.Conn{Transport: dissect.TCP, Guessed: true}
	normal := &dissect.Conn{Transport: dissect.TCP}
	for _, test := range []struct {
		conn  *dissect.Conn
		dir   dissect.Dir
		first string
		want  dissect.Match
	}{
		{normal, 0, sb, dissect.Maybe}, {normal, 0, sb + "MS", dissect.Maybe}, {normal, 0, sb + "MSH|^~\\&|", dissect.Yes},
		{normal, 0, "MSH|^~\\&|", dissect.Yes}, {normal, 0, "MSH|^~\\&#|", dissect.Yes}, {normal, 0, "FHS|^~\\&|", dissect.Yes},
		{normal, 0, "BHS|^~\\&\r", dissect.Yes}, {normal, 0, "MSH!@$%*!", dissect.Yes}, {normal, 0, "MSH|^^\\&|", dissect.No},
		{normal, 0, "MSHello world", dissect.No}, {normal, 0, "MSH|ab", dissect.No}, {normal, 0, "GET / HTTP/1.1", dissect.No},
		{normal, 0, sb + "xyz", dissect.No}, {normal, 0, "\x0b\x06\x1c\r", dissect.Yes}, {normal, 0, sb + "D21\rMSH", dissect.Yes},
		{normal, 0, "", dissect.Maybe}, {normal, 0, "\r\n", dissect.Maybe}, {normal, 0, sb + eb + sb + "MSH|^~\\&|", dissect.Yes},
		{normal, 0, "|||F\r" + eb + sb + adt, dissect.No}, {mid, 0, "|||F\r" + eb + sb + adt, dissect.Yes}, {mid, 0, "x\rOBX|1|NM", dissect.Maybe},
		{guessed, 0, sb + ackC1, dissect.Swapped}, {guessed, 1, sb + ackC1, dissect.Yes}, {guessed, 1, sb + adt, dissect.Swapped},
		{guessed, 0, sb + adt, dissect.Yes}, {guessed, 0, sb + "MSH|^~\\&|A|B", dissect.Maybe},
	} {
		if got := Protocol.Probe(test.conn, test.dir, []byte(test.first)); got != test.want {
			t.Errorf("%q from %s: %d, want %d", test.first, test.dir, got, test.want)
		}
	}
	in := []byte(sb + adt)
	if n := testing.AllocsPerRun(100, func() { Protocol.Probe(normal, 0, in) }); n > 0 {
		t.Errorf("the probe allocates %v times", n)
	}
}

func TestStamp(t *testing.T) {
	for _, test := range []struct {
		in   string
		zone int64
		want event.Time
	}{
		{"20261120081500+0000", 0, 1795162500e9}, {"20261120081500", 0, 1795162500e9}, {"20261120101500+0200", 0, 1795162500e9},
		{"20261120081500", 60, 1795162500e9 - 3600e9}, {"20261120081500.25-0000", 0, 1795162500e9 + 250e6}, {"20261120", 0, 1795132800e9},
		{"2026", 0, 1767225600e9}, {"20261320", 0, 0}, {"2026112008150", 0, 0}, {"yesterday", 0, 0}, {"", 0, 0}, {"20261120081500+9", 0, 1795162500e9},
	} {
		if got, _ := stamp(test.in, test.zone); got != test.want {
			t.Errorf("%q: %d, want %d", test.in, got, test.want)
		}
	}
}

func TestEscapes(t *testing.T) {
	tx := text{delims: usual, cs: newCharset("8859/1", "~")}
	for in, want := range map[string]string{
		`a\F\b\S\c\T\d\R\e\E\f`: `a|b^c&d~e\f`, `\H\bold\N\`: "bold", `\X4C4142\`: "LAB", `\XE4\`: "ä", `one\.br\two`: "one\ntwo", `\.sp2\x`: "\nx",
		`C:\temp\new`: `C:\temp\new`, `open\`: `open\`, `\\`: `\\`, `\X4\`: `\X4\`, `\unknown\F\`: `\unknown|`, `\Z01\`: `\Z01\`,
	} {
		if got := tx.unescape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	jp := newCharset("ASCII~ISO IR87", "~")
	if got, _ := jp.decode(jp.switches([]byte(`A\M2442\;3ED\C2842\B`), `\`)); got != "A山田B" {
		t.Errorf("switches: %q", got)
	}
}

// TestValues sorts OBX-5 into what stays in clear and what may name somebody.
func TestValues(t *testing.T) {
	for _, test := range []struct{ obx, value, text string }{
		{"NM|X||4.1", "4.1", ""}, {"NM|X||LABPATIENT", "", "LABPATIENT"}, {"ST|X||LABPATIENT", "", "LABPATIENT"}, {"ST|X||O NEG", "O NEG", ""},
		{"ST|X||120/80", "120/80", ""}, {"ST|X||>1.5", ">1.5", ""}, {"TX|X||note", "", "note"}, {"CWE|X||A^Alpha^L~B", "A~B", ""},
		{"CE|X||^text only", "", "^text only"}, {"DT|X||20261120", "20261120", ""}, {"XPN|X||LABPATIENT^ONE", "", "LABPATIENT^ONE"}, {"SN|X||>^5", ">^5", ""},
	} {
		_, b := rows(t, talk(sb+adt+"OBX|1|"+test.obx+"\r"+eb))
		o := observations.Get(b)[0].V
		if o.Value != test.value || o.TextValue != test.text {
			t.Errorf("%s: value %q, text %q", test.obx, o.Value, o.TextValue)
		}
	}
}

func TestDatagrams(t *testing.T) {
	c := dissecttest.Bytes(dissect.UDP, "10.0.0.1:40000", "10.0.0.2:2575", []byte(adt+adt2), []byte(sb+ackC1+eb))
	b := dissecttest.Run(Protocol, &c)
	got := messages.Get(b)
	if len(got) != 3 || got[0].V.Framing != "datagram" || got[1].V.Ended != "datagram" || got[2].V.AckOf != event.Some(int64(got[0].Seq)) {
		t.Fatalf("%+v", got)
	}
}

// TestAlarms: what the facets of an alarm make of its phase, and that other messages with the same numbers are none.
func TestAlarms(t *testing.T) {
	alert := func(phase, state, silence string) string {
		return strings.Replace(adt, "ADT^A08^ADT_A01", "ORU^R40^ORU_R40", 1) + "OBR|1|||196616^MDC_EVT_ALARM^MDC\r" +
			"OBX|1|ST|196648^MDC_EVT_HI^MDC|1.1.1.1.1|LABPATIENT HIGH||||||F\rOBX|2|NM|147842^MDC_ECG_HEART_RATE^MDC|1.1.1.1.2|130||50-120|PM~SP~H\r" +
			"OBX|3|ST|68481^X^MDC|1.1.1.1.3|" + phase + "\rOBX|4|ST|68482|1.1.1.1.4|" + state + "\rOBX|5|ST|68167|1.1.1.1.5|" + silence + "\r"
	}
	for _, test := range []struct{ phase, state, silence, want, after string }{
		{"start", "active", "enabled", "start", "active, enabled, limits 50-120"}, {"continue", "active", "audio-paused", "silenced", "active, audio-paused, limits 50-120"},
		{"continue", "active", "alarm-off", "off", "active, alarm-off, limits 50-120"}, {"end", "inactive", "audio-off", "end", "inactive, audio-off, limits 50-120"},
		{"", "inactive", "", "end", "inactive, limits 50-120"}, {"present", "latched", "alert-acknowledged~audio-paused", "silenced", "latched, alert-acknowledged,audio-paused, limits 50-120"},
		{"DOE^JOHN", "active", "JOHN", "", "active, limits 50-120"},
	} {
		_, b := rows(t, talk(sb+alert(test.phase, test.state, test.silence)+eb))
		got := clinical.Alarms.Get(b)
		if len(got) != 1 {
			t.Fatalf("%v: %d alarms", test, len(got))
		}
		a := got[0].V
		if a.Phase != test.want || a.After != test.after || a.Priority != "medium" || a.Kind != "physiological" || a.Code != "MDC_EVT_HI" ||
			a.Text != "MDC_EVT_HI of MDC_ECG_HEART_RATE" || a.PatientID != "LAB-0001" {
			t.Errorf("%v: %+v", test, a)
		}
		if o := clinical.Observations.Get(b); len(o) != 1 || o[0].V.Number.V != 130 {
			t.Errorf("the value that alarms: %+v", o)
		}
	}
	_, b := rows(t, talk(sb+strings.Replace(alert("start", "active", ""), "R40", "R01", 1)+eb))
	if n := len(clinical.Alarms.Get(b)); n > 0 {
		t.Errorf("the numbers alone made %d alarms of an ORU^R01", n)
	}
	_, b = rows(t, talk(sb+strings.Replace(alert("start", "active", ""), "MDC_EVT_HI", "MDC_EVT_WATCHDOG", 1)+eb))
	if n := len(clinical.Alarms.Get(b)); n > 0 {
		t.Errorf("a watchdog made %d alarms", n)
	}
}

// TestPlaces: each event of ADT that moves somebody, one row a patient.
func TestPlaces(t *testing.T) {
	for trigger, want := range map[string]string{"A01": "admit", "A02": "transfer", "A13": "cancel_discharge", "A15": "", "A40": "merge"} {
		_, b := rows(t, talk(sb+strings.Replace(adt, "A08^ADT_A01", trigger, 1)+"PV1|1|I|ICU^1^2^H|||W^3^4^H\r"+eb))
		got := clinical.PatientMovements.Get(b)
		if want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0].V.Event != want || got[0].V.Location != "ICU^1^2^H" || got[0].V.PriorLocation != "W^3^4^H" || got[0].V.PatientID != "LAB-0001" {
			t.Errorf("%s: %+v", trigger, got)
		}
	}
}

// TestHybrid: HLLP's count and checksum are held against the block; the trailer is no line of the message.
func TestHybrid(t *testing.T) {
	block := func(size, sum int) string {
		body := sb + "D21\r" + adt
		xor := 0
		for i := range len(body) {
			xor ^= int(body[i])
		}
		return fmt.Sprintf("%s%05d%03d%s", body, len(body)+size, xor+sum, eb)
	}
	for _, test := range []struct {
		in, anomalies string
	}{{block(0, 0), ""}, {block(1, 0), "hl7_hllp_count"}, {block(0, 1), "hl7_hllp_checksum"}, {strings.Replace(block(0, 0), "ONE", "TWO", 1), "hl7_hllp_checksum"}} {
		got, b := rows(t, talk(test.in))
		if len(got) != 1 || got[0].V.Outline != "MSH EVN PID" || kinds(b) != test.anomalies {
			t.Errorf("%q: %v, anomalies %q, want %q", test.in, got, kinds(b), test.anomalies)
		}
	}
}
