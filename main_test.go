package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"flag"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"wardtrace/analyze/custody"
	"wardtrace/report/summary"
	"wardtrace/samples"
)

var update = flag.Bool("update", false, "write SCHEMA.md anew")

// TestMain lets the test binary stand in for the program, for tests that need a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("WARDTRACE_TEST_MAIN") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// wardtrace runs a command line in this process and gives its exit code and outputs.
func wardtrace(t *testing.T, stdin []byte, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(&env{ctx: context.Background(), stdin: bytes.NewReader(stdin), stdout: &out, stderr: &err}, args)
	return code, out.String(), err.String()
}

// expect runs a command line and checks its exit code, and that both outputs hold what they should.
func expect(t *testing.T, want int, inOut, inErr string, args ...string) string {
	t.Helper()
	code, stdout, stderr := wardtrace(t, nil, args...)
	if code != want || !strings.Contains(stdout, inOut) || !strings.Contains(stderr, inErr) {
		t.Fatalf("wardtrace %s\nexit code %d, want %d\nstdout %q must hold %q\nstderr %q must hold %q",
			strings.Join(args, " "), code, want, stdout, inOut, stderr, inErr)
	}
	return stdout
}

var sample = filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap")

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	c := filepath.Join(dir, "a.case")
	expect(t, 2, "analyze", "") // no verb: the verbs
	expect(t, 0, "Exit codes", "", "--help")
	for _, verb := range commands() {
		expect(t, 0, "Example: wardtrace "+verb.name, "", verb.name, "--help")
	}
	expect(t, 2, "", "no verb \"analyse\"", "analyse")
	expect(t, 0, "wardtrace", "", "version")
	expect(t, 2, "", "nothing to read", "analyze")
	expect(t, 2, "", "unknown flag", "analyze", "--nonsense", sample)
	expect(t, 2, "", "--memory", "analyze", "--memory", "lots", sample)
	expect(t, 2, "", "--from", "analyze", "--from", "yesterday", sample)
	expect(t, 2, "", "--local", "analyze", "--local", "ward", sample)
	expect(t, 2, "", "--fail-on", "analyze", "--fail-on", "grave", "-o", c, sample)
	expect(t, 0, "report", "", "analyze", "-o", c, sample)
	expect(t, 2, "", "is a case already", "analyze", "-o", c, sample)
	expect(t, 0, "", "", "analyze", "-q", "-C", "-o", c, sample)
	expect(t, 2, "", "is no case", "analyze", "-C", "-o", samples.Root(), sample)
	expect(t, 0, "1", "", "query", c, "SELECT count(*) AS n FROM capture_file", "--format", "csv")
	expect(t, 0, `{"n":1}`, "", "query", c, "SELECT count(*) AS n FROM capture_file", "--format", "jsonl")
	expect(t, 2, "", "SQL is not right", "query", c, "SELEKT 1")
	expect(t, 2, "", "none of table", "query", c, "SELECT 1", "--format", "xml")
	expect(t, 2, "", "no case", "query", filepath.Join(dir, "none.case"), "SELECT 1")
	for _, f := range []string{"html", "csv", "jsonl", "timesketch", "markdown"} {
		expect(t, 0, "", "", "report", c, "--format", f, "-o", filepath.Join(dir, "out."+f))
	}
	expect(t, 2, "", "none of", "report", c, "--format", "pdf")
	expect(t, 0, "net/port-scan", "", "rules", "list")
	expect(t, 0, "no fault", "", "rules", "lint")
	expect(t, 0, "report", "", "rules", "run", c)
	for _, name := range []string{"case.duckdb", "report.html", "timeline.csv", "findings.jsonl", "manifest.json", "custody.jsonl"} {
		info, err := os.Stat(filepath.Join(c, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v; want a file that its owner alone may read", name, info, err)
		}
	}
}

// TestCustody holds that the log's chain is whole after several acts, and that the manifest tells the truth.
func TestCustody(t *testing.T) {
	c := filepath.Join(t.TempDir(), "a.case")
	expect(t, 0, "", "", "analyze", "-q", "--phi", "clear", "-o", c, sample)
	expect(t, 0, "", "", "rules", "run", c)
	text, err := os.ReadFile(filepath.Join(c, custody.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := custody.Check(bytes.NewReader(text)); err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Fatalf("%v in\n%s", err, text)
	}
	if !bytes.Contains(text, []byte("in clear")) {
		t.Error("the log does not say that patient data was kept in clear")
	}
	if err := custody.Check(bytes.NewReader(bytes.Replace(text, []byte("analysed"), []byte("looked at"), 1))); err == nil {
		t.Error("a changed line was not found")
	}
	var m struct {
		Inputs []struct{ SHA256 string }
		Rows   map[string]int64
	}
	text, _ = os.ReadFile(filepath.Join(c, "manifest.json"))
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if sum, _ := custody.HashFile(sample); len(m.Inputs) != 1 || m.Inputs[0].SHA256 != sum || m.Rows["hl7_message"] == 0 {
		t.Errorf("manifest %+v, want the input's SHA-256 %s and HL7 rows", m, sum)
	}
}

// TestVerify holds what verify says of a case by its exit code, with rules of one's own.
func TestVerify(t *testing.T) {
	dir := t.TempDir()
	c, own := filepath.Join(dir, "a.case"), filepath.Join(dir, "rules", "own")
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("rules", "net", "port-scan.sql"))
	if err != nil {
		t.Fatal(err)
	}
	rule := filepath.Join(own, "scan.sql")
	if err := os.WriteFile(rule, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out := expect(t, 0, "custody", "", "analyze", "-o", c, "--rules", filepath.Dir(own), sample)
	_, head, _ := strings.Cut(out, "custody    ")
	head, _, _ = strings.Cut(head, ";")
	expect(t, 0, "findings derived again", "", "verify", c, "--rules", filepath.Dir(own), "--head", head)
	expect(t, 3, "not at hand: own/scan", "", "verify", "-q", c)
	expect(t, 3, "could not check  capture", "", "verify", c, "--quick", "--rules", filepath.Dir(own), t.TempDir())
	if err := os.WriteFile(rule, append(text, "-- x\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, 1, "not as they were when they ran", "", "verify", "--quick", c, "--rules", filepath.Dir(own))
	expect(t, 1, "no entry of the log", "", "verify", "--quick", c, "--rules", filepath.Dir(own), "--head", strings.Repeat("0", 64))
	expect(t, 2, "", "no case", "verify", dir)
	expect(t, 2, "", "name a case", "verify")
}

// TestBadInput holds that every failure says what, where and what next, with its own exit code.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	c := filepath.Join(dir, "x.case")
	expect(t, 2, "", "empty", "analyze", "-o", c, write("empty.pcap", nil))
	expect(t, 2, "", "not a capture", "analyze", "-o", c, write("text.pcap", []byte("this is not a capture, but a text")))
	expect(t, 2, "", "none.pcap", "analyze", "-o", c, filepath.Join(dir, "none.pcap"))
	expect(t, 2, "", "filter", "analyze", "-o", c, "-f", "this is no filter", sample)
	if _, err := os.Stat(c); err == nil {
		t.Error("a run that read nothing left a case behind")
	}
	code, _, stderr := wardtrace(t, nil, "analyze", "-o", c, write("cut.pcap", good[:len(good)*2/3]))
	if code != 3 {
		t.Errorf("a capture that was cut off: exit code %d, want 3; %s", code, stderr)
	}
	broken := filepath.Join(dir, "rules", "own")
	if err := os.MkdirAll(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(broken, "x.sql"), []byte("-- title: x\nSELECT 1"), 0o600)
	expect(t, 2, "", "has no \"level\"", "analyze", "-C", "-o", c, "--rules", filepath.Dir(broken), sample)
	expect(t, 1, "has no \"level\"", "", "rules", "lint", filepath.Dir(broken))
	code, _, stderr = wardtrace(t, good, "analyze", "-q", "-o", filepath.Join(dir, "stdin.case"), "-")
	if code != 0 {
		t.Errorf("standard input: exit code %d; %s", code, stderr)
	}
}

// TestFailOn holds that findings make an exit code where that was asked for.
func TestFailOn(t *testing.T) {
	dir := t.TempDir()
	expect(t, 1, "", "", "analyze", "-q", "-o", filepath.Join(dir, "a.case"), "--fail-on", "low", samples.Dir("arp-poison"))
	expect(t, 0, "", "", "analyze", "-q", "-o", filepath.Join(dir, "b.case"), samples.Dir("arp-poison"))
}

// TestBatch holds what a run at night relies on: silence when all is well, one line of JSON, captures read once, and exit codes.
func TestBatch(t *testing.T) {
	dir := t.TempDir()
	in, cases := filepath.Join(dir, "in"), filepath.Join(dir, "cases")
	for _, d := range []string{in, cases} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	add := func(name string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(samples.Dir(name), "capture.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(in, name+".pcap"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	night := func(want int, args ...string) (l summary.Line, stderr string) {
		t.Helper()
		code, out, stderr := wardtrace(t, nil, append([]string{"analyze", "--summary", "json", "--skip-done", cases, in}, args...)...)
		if err := json.Unmarshal([]byte(out), &l); err != nil || code != want || l.Exit != want || strings.Count(out, "\n") != 1 {
			t.Fatalf("exit code %d, want %d; %v in %q; %s", code, want, err, out, stderr)
		}
		return l, stderr
	}
	one, two := filepath.Join(cases, "one.case"), filepath.Join(cases, "two.case")
	add("hl7-mllp-adt-oru")
	if l, stderr := night(0, "-q", "-o", one); l.State != "complete" || l.Files != 1 || l.Packets == 0 || l.Patients == 0 || l.Case != one || stderr != "" {
		t.Errorf("the first night: %+v; %s", l, stderr)
	}
	if l, stderr := night(0, "-q", "-o", two); l.State != "skipped" || stderr != "" {
		t.Errorf("nothing new: %+v; %s", l, stderr)
	}
	if _, err := os.Stat(two); err == nil {
		t.Error("a night without anything new made a case")
	}
	if _, stderr := night(0, "-o", two); !strings.Contains(stderr, "nothing new") {
		t.Errorf("without -q nothing new is told so: %q", stderr)
	}
	if l, _ := night(0, "-q", "-C", "-o", one); l.State != "skipped" {
		t.Errorf("a case is made again though nothing is new: %+v", l)
	}
	add("arp-poison")
	if l, _ := night(1, "-q", "--fail-on", "low", "-o", two); l.Files != 1 || l.Skipped != 1 || l.Patients != 0 || l.Findings["high"]+l.Findings["medium"]+l.Findings["critical"] == 0 {
		t.Errorf("the second night: %+v", l)
	}
	add("dns-mixed")
	if l, _ := night(0, "-q", "-C", "-o", two); l.Files != 2 || l.Skipped != 1 {
		t.Errorf("a case that is replaced must keep what only it has: %+v", l)
	}
	if l, _ := night(0, "-q", "-o", filepath.Join(cases, "tcp.case"), "-f", "tcp"); l.Files != 3 {
		t.Errorf("what was read through another filter was not read: %+v", l)
	}
	if l, _ := night(0, "-q", "-o", filepath.Join(cases, "deep.case"), "--max-depth", "5"); l.Files != 3 {
		t.Errorf("what was read with smaller limits was not read: %+v", l)
	}
	os.Remove(filepath.Join(one, "manifest.json")) // as of a run that was cut short
	if l, _ := night(0, "-q", "-o", filepath.Join(cases, "again.case")); l.Files != 1 || l.Skipped != 2 {
		t.Errorf("a case that is not complete spared a reading: %+v", l)
	}
	expect(t, 2, "", "--skip-done", "analyze", "--skip-done", filepath.Join(dir, "none"), "-o", filepath.Join(dir, "x.case"), in)
	expect(t, 2, "", "--summary", "analyze", "--summary", "xml", "-o", filepath.Join(dir, "x.case"), in)
	if code, out, _ := wardtrace(t, nil, "analyze", "-q", "--summary", "json", "-o", filepath.Join(dir, "y.case"), filepath.Join(dir, "none")); code != 2 || !strings.Contains(out, `"state":"failed","exit":2`) {
		t.Errorf("a run that failed: exit code %d, %q", code, out)
	}
}

// TestReveal holds that patients are named in the format asked for, harmless to a spreadsheet, and that the exit code tells what was not found.
func TestReveal(t *testing.T) {
	c := filepath.Join(t.TempDir(), "a.case")
	expect(t, 0, "", "", "analyze", "-q", "-o", c, sample)
	line := strings.Split(expect(t, 0, "pseudonym,kind,value\n", "", "reveal", c, "--format", "csv"), "\n")[1]
	p, _, _ := strings.Cut(line, ",")
	if out := expect(t, 0, p, "", "reveal", c, p, "--format", "jsonl"); strings.Count(out, "\n") < 1 || !strings.HasPrefix(out, `{"pseudonym":"`+p+`"`) {
		t.Errorf("as JSON lines: %q", out)
	}
	expect(t, 2, p, "keeps no value for id:0000000000000000", "reveal", c, p, "id:0000000000000000")
	expect(t, 2, "", "no pseudonym", "reveal", c, "LAB-0001")
	expect(t, 2, "", "none of table", "reveal", c, "--format", "xml")
	expect(t, 2, "", "is not there", "reveal", c, "--phi-key", c+".key")
	if log, err := os.ReadFile(filepath.Join(c, custody.FileName)); err != nil || bytes.Count(log, []byte("revealed")) != 3 {
		t.Errorf("the log tells of %d reveals, want 3; %v", bytes.Count(log, []byte("revealed")), err)
	}
}

// TestQuiet holds that -q says nothing when all is well, and one line when it is not.
func TestQuiet(t *testing.T) {
	dir := t.TempDir()
	if code, out, stderr := wardtrace(t, nil, "analyze", "-q", "-o", filepath.Join(dir, "a.case"), sample); code != 0 || out+stderr != "" {
		t.Errorf("all is well: exit code %d, %q, %q", code, out, stderr)
	}
	code, out, stderr := wardtrace(t, nil, "analyze", "-q", "--fail-on", "low", "-o", filepath.Join(dir, "b.case"), samples.Dir("arp-poison"))
	if code != 1 || out != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "exit 1") {
		t.Errorf("findings: exit code %d, %q, %q", code, out, stderr)
	}
	data, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.pcap")
	if err := os.WriteFile(cut, data[:len(data)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = wardtrace(t, nil, "analyze", "-q", "--summary", "line", "-o", filepath.Join(dir, "c.case"), cut)
	if code != 3 || stderr != "" || strings.Count(out, "\n") != 1 || !strings.Contains(out, "1 damaged") {
		t.Errorf("damage: exit code %d, %q, %q", code, out, stderr)
	}
}

// TestNoWayOut holds that a query cannot reach files, settings or extensions.
func TestNoWayOut(t *testing.T) {
	c := filepath.Join(t.TempDir(), "a.case")
	expect(t, 0, "", "", "analyze", "-q", "-o", c, sample)
	for _, q := range []string{"SELECT * FROM read_csv('/etc/passwd')", "COPY flow TO '/tmp/out.csv'", "ATTACH '/tmp/other.duckdb'", "INSTALL httpfs",
		"LOAD httpfs", "SET enable_external_access = true", "SET threads = 1", "SELECT * FROM read_text('/etc/hostname')", "DELETE FROM flow",
		"CREATE TABLE x AS SELECT 1", "CALL enable_logging(storage = 'file', storage_path = '/tmp/x')",
		"SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/x')", "PRAGMA enable_profile", "SELECT 1; SELECT 2", "EXPORT DATABASE '/tmp/out'", "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/*')"} {
		code, out, stderr := wardtrace(t, nil, "query", c, q)
		if code != 2 {
			t.Errorf("%s: exit code %d, want 2; %s%s", q, code, out, stderr)
		}
	}
}

// child starts the program as a process of its own.
func child(t *testing.T, shell string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sh", append([]string{"-c", shell + ` exec "$0" "$@"`, os.Args[0]}, args...)...)
	cmd.Env = append(os.Environ(), "WARDTRACE_TEST_MAIN=1")
	return cmd
}

// endless writes a classic pcap of UDP packets for as long as it is read.
func endless(w interface{ Write([]byte) (int, error) }) {
	head := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0}
	if _, err := w.Write(head); err != nil {
		return
	}
	frame := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 29, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 4, 0, 4, 1, 0, 9, 0, 0, 'x'}
	for n := uint32(0); ; n++ {
		rec := binary.LittleEndian.AppendUint32(nil, 1_700_000_000+n/1000)
		rec = binary.LittleEndian.AppendUint32(rec, n%1000*1000)
		rec = binary.LittleEndian.AppendUint32(rec, uint32(len(frame)))
		rec = binary.LittleEndian.AppendUint32(rec, uint32(len(frame)))
		binary.BigEndian.PutUint16(frame[34:], uint16(n)) // a new flow each
		binary.BigEndian.PutUint32(frame[26:], 10<<24|n>>16)
		if _, err := w.Write(append(rec, frame...)); err != nil {
			return
		}
	}
}

// TestKilled holds that a run that was killed leaves a case that every verb calls incomplete, and one that was interrupted too.
func TestKilled(t *testing.T) {
	for _, sig := range []os.Signal{os.Kill, os.Interrupt} {
		c := filepath.Join(t.TempDir(), "k.case")
		cmd := child(t, "", "analyze", "-o", c, "-")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go endless(in)
		for range 600 { // until there is a case: on a busy machine a program takes its time to start
			if _, err := os.Stat(filepath.Join(c, "case.duckdb")); err == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(1500 * time.Millisecond)
		cmd.Process.Signal(sig)
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); sig == os.Interrupt && code != exitInterrupted {
			t.Errorf("interrupted: exit code %d, want %d", code, exitInterrupted)
		}
		expect(t, 0, "", "INCOMPLETE", "query", c, "SELECT 1")
		expect(t, 0, "", "INCOMPLETE", "report", c, "--format", "jsonl", "-o", filepath.Join(t.TempDir(), "x"))
		expect(t, 2, "", "INCOMPLETE", "rules", "run", c)
	}
}

// TestDiskFull holds that a disk that fills up is told as such. A limit on the size of files stands in for the disk.
func TestDiskFull(t *testing.T) {
	c := filepath.Join(t.TempDir(), "d.case")
	cmd := child(t, "trap '' XFSZ; ulimit -f 4096;", "analyze", "-o", c, "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go endless(in)
	timer := time.AfterFunc(90*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("exit code %d, want %d; stderr %q must ask whether the disk is full", code, exitFailed, stderr.String())
	}
}

// TestSchema keeps SCHEMA.md equal to what a case says of itself.
func TestSchema(t *testing.T) {
	c := filepath.Join(t.TempDir(), "s.case")
	expect(t, 0, "", "", "analyze", "-q", "-o", c, sample)
	var md strings.Builder
	md.WriteString("# Tables of a case\n\nMade from the case itself: `SELECT * FROM column_doc` says the same.\n")
	type line struct{ Table, About, Column, Type, Comment string }
	out := expect(t, 0, "", "", "query", c, `SELECT c.table_name AS "table", coalesce(t.comment, '') AS about, c.column_name AS "column",
		c.data_type AS type, coalesce(d.doc, '') AS comment FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_name)
		LEFT JOIN column_doc d ON d.table_name = c.table_name AND d.column_name = c.column_name
		WHERE NOT c.internal ORDER BY c.table_name, c.column_index`, "--format", "jsonl")
	last := ""
	for _, text := range strings.Split(strings.TrimSpace(out), "\n") {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if l.Comment == "" || l.About == "" {
			t.Errorf("%s.%s is not explained", l.Table, l.Column)
		}
		if l.Table != last {
			last = l.Table
			md.WriteString("\n## " + l.Table + "\n\n" + l.About + "\n\n| column | type | meaning |\n| --- | --- | --- |\n")
		}
		md.WriteString("| " + l.Column + " | " + l.Type + " | " + strings.ReplaceAll(l.Comment, "|", "\\|") + " |\n")
	}
	path := filepath.Join("analyze", "store", "SCHEMA.md")
	if *update {
		if err := os.WriteFile(path, []byte(md.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(path); err != nil || string(have) != md.String() {
		t.Errorf("%s is not what the case says: go test . -run TestSchema -update writes it anew (%v)", path, err)
	}
}

// floor gives the floor of a package of this module, from its path below the module.
//
//	7  main
//	6  rules, report and what is below it
//	5  analyze
//	4  analyze/*
//	3  analyze/packet, dissect/all
//	2  dissect/<protocol>
//	1  dissect
//	0  dissect/cursor, dissect/event, formats that several protocols carry; report/escape
//
// samples stands beside the house: it makes captures and is imported by tests alone.
func floor(pkg string) int {
	switch {
	case pkg == "":
		return 7
	case pkg == "report/escape", pkg == "dissect/cursor", pkg == "dissect/event", formats[pkg]:
		return 0
	case pkg == "dissect":
		return 1
	case pkg == "analyze/packet", pkg == "dissect/all":
		return 3
	case strings.HasPrefix(pkg, "dissect/"):
		return 2
	case pkg == "analyze":
		return 5
	case strings.HasPrefix(pkg, "analyze/"):
		return 4
	case pkg == "rules", pkg == "report", strings.HasPrefix(pkg, "report/"):
		return 6
	}
	return -1
}

// formats are bytes that several protocols carry, and lists that several dissectors ask.
var formats = map[string]bool{"dissect/dataset": true, "dissect/dnsname": true, "dissect/credential": true,
	"dissect/clinical": true, "dissect/web": true, "dissect/nomenclature": true, "dissect/xmlread": true,
	"dissect/jsonread": true, "dissect/words": true}

// testOnly are packages for tests, which may import anything.
var testOnly = map[string]bool{"dissect/dissecttest": true, "report/casetest": true}

// mates may know a package of their own floor, with the reason.
var mates = map[string][]string{
	"dissect/clinical": {"dissect/nomenclature"}, // codes and units of the shared tables have one spelling
	"report":           {"report/"},              // the list of outputs names them
	// a case is read once into what its outputs tell, so that the page, the ticket and the terminal say the same
	"report/summary": {"report/model"}, "report/html": {"report/model"}, "report/markdown": {"report/model"},
	"report/timeline": {"report/model"}, "report/findings": {"report/model"},
}

// fences say who may import a dependency: prefixes of packages, and * for every options.go.
var fences = map[string][]string{
	"github.com/gopacket/gopacket":    {"analyze/capture", "analyze/packet", "dissect/"},
	"github.com/marcboeker/go-duckdb": {"analyze/store"},
	"github.com/spf13/pflag":          {"main.go", "options.go"},
	"github.com/klauspost/compress":   {"analyze/capture", "analyze/object"},
	"github.com/pierrec/lz4":          {"analyze/capture"},
	"github.com/therootcompany/xz":    {"analyze/capture"},
	"github.com/ulikunitz/xz":         {"analyze/capture"},
	"github.com/jedib0t/go-pretty":    {"report/"},
	"github.com/schollz/progressbar":  {"report/progress"},
	"golang.org/x/term":               {"main.go", "report/progress"},
	"golang.org/x/net/publicsuffix":   {"dissect/"},
	"golang.org/x/text":               {"dissect/"},
	"github.com/chromedp/chromedp":    {},
}

// TestFloors holds the house together: a package imports only from floors below it, floor mates do not know each other,
// and every dependency has its place. What is wrong here is dear to mend later.
func TestFloors(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		if pkg == "." {
			pkg = ""
		}
		if strings.HasPrefix(pkg, "samples") || testOnly[pkg] {
			return nil
		}
		files++
		checkImports(t, pkg, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files were looked at: the test does not see the module", files)
	}
}

func checkImports(t *testing.T, pkg, path string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	own := floor(pkg)
	if own < 0 {
		t.Errorf("%s: package %q is on no floor; give it one in floor()", path, pkg)
		return
	}
	for _, imp := range file.Imports {
		name, _ := strconv.Unquote(imp.Path.Value)
		below, ours := strings.CutPrefix(name, "wardtrace/")
		switch {
		case ours:
			checkFloor(t, path, pkg, below, own)
		case strings.Contains(strings.Split(name, "/")[0], "."):
			checkFence(t, path, pkg, name)
		}
	}
}

func checkFloor(t *testing.T, path, pkg, below string, own int) {
	t.Helper()
	f := floor(below)
	if own == 6 && f < 6 && below != "report/escape" {
		t.Errorf("%s imports %s: rules and reports see a *sql.DB and nothing of analyze or dissect, so that any case can be read", path, below)
	}
	if f < own || formats[pkg] && (below == "dissect/cursor" || below == "dissect/event") { // formats read bytes and fill rows too, and there is one way to
		return
	}
	for _, m := range mates[pkg] {
		if strings.HasPrefix(below, m) {
			return
		}
	}
	t.Errorf("%s (floor %d) imports %s (floor %d): a package imports only from floors below it, and floor mates do not know each other", path, own, below, f)
}

func checkFence(t *testing.T, path, pkg, name string) {
	t.Helper()
	for dep, places := range fences {
		if name != dep && !strings.HasPrefix(name, dep+"/") {
			continue
		}
		for _, p := range places {
			if p == path || p == filepath.Base(path) || strings.HasPrefix(pkg+"/", strings.TrimSuffix(p, "/")+"/") {
				return
			}
		}
		t.Errorf("%s imports %s, which belongs in %v alone", path, name, places)
		return
	}
	t.Errorf("%s imports %s, which has no fence: state in fences where it belongs and in analyze/doc.go why it is needed", path, name)
}

// TestHostileText analyses a capture whose every text wants to harm its reader, and holds that no output obeys: nothing for a terminal in
// any of them, no formula in a cell, no markup in the page, and JSON that is JSON. Every table is asked for, with patient data in clear.
func TestHostileText(t *testing.T) {
	c := filepath.Join(t.TempDir(), "h.case")
	out := expect(t, 0, "report", "", "analyze", "-v", "--phi", "clear", "-o", c, samples.Dir("hostile-text"))
	quiet(t, "it", out)
	for _, f := range []string{"html", "csv", "jsonl", "timesketch", "markdown"} {
		out := expect(t, 0, "", "", "report", c, "--format", f)
		quiet(t, "it", out)
		switch f {
		case "html":
			for _, bad := range []string{"<script>window", "<img", "<svg onload", "javascript:window.pwned=1\""} {
				if strings.Contains(out, bad) {
					t.Errorf("the page holds %s", bad)
				}
			}
		case "jsonl":
			jsonLines(t, out)
		case "csv", "timesketch":
			cells(t, out)
		}
	}
	tables := strings.Fields(expect(t, 0, "", "", "query", c, "SELECT table_name FROM duckdb_tables() WHERE estimated_size > 0 AND table_name <> 'column_doc' ORDER BY 1", "--format", "csv"))[1:]
	for _, name := range tables {
		q := `SELECT * FROM "` + name + `" LIMIT 200`
		quiet(t, name+" as a table", expect(t, 0, "", "", "query", c, q))
		text := expect(t, 0, "", "", "query", c, q, "--format", "csv")
		quiet(t, name+" as CSV", text)
		cells(t, text)
		text = expect(t, 0, "", "", "query", c, q, "--format", "jsonl")
		quiet(t, name+" as JSON lines", text)
		jsonLines(t, text)
	}
	expect(t, 2, "", `\x1b[2J`, "query", c, "SELECT * FROM \"\x1b[2J\"")
	expect(t, 2, "", `\x1b[2J`, "analyze", "-o", filepath.Join(t.TempDir(), "x.case"), "no\x1b[2J.pcap")
}

// quiet fails where a text holds what a terminal could obey, beside line feeds, or what turns the direction of text around.
func quiet(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Errorf("%s holds %U in %q", what, r, text[max(0, i-40):min(len(text), i+20)])
			return
		}
	}
}

func jsonLines(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("no JSON: %.200s", line)
		}
	}
}

// cells holds that a spreadsheet takes no cell for a formula.
func cells(t *testing.T, text string) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		record, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range record {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a formula: %.80s", cell)
			}
		}
	}
}
