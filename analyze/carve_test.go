package analyze

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/custody"
	"wardtrace/rules"
	"wardtrace/samples"
)

var carveAll = flag.Bool("carve-all", false, "carve every finding of every sample again, instead of one a rule")

// notAgain are the rules whose findings packets alone cannot show again, with the reason.
var notAgain = map[string]string{
	"device/appeared":                      "baseline: what was there in the first half of the capture",
	"device/command-from-a-new-peer":       "baseline: who spoke with the device in the first half of the capture",
	"pump/file-sent-to-a-device":           "baseline: as above",
	"pump/read-out-by-a-new-peer":          "baseline: as above",
	"pump/therapy-command-from-a-new-peer": "baseline: as above",
	"pump/vendor-service-from-a-new-peer":  "baseline: as above",
	"translogic/station":                   "baseline: as above, for one of the things that it counts",
	"ieee11073/manager-changes-device":     "baseline: as above",
	"hl7/new-sender":                       "baseline: who sent in the first half of the capture",
	"mqtt/topic-harvesting":                "baseline: who subscribed in the first half of the capture",
	"device/clinical-source-silent":        "absence: the capture goes on and the device does not",
	"clinical/back-dated-observations":     "prevalence: nine readings of ten are on time",
	"quality/packet-loss":                  "prevalence: a share of all connections of the capture",
	"quality/clock":                        "about the file, not about packets in it",
}

// notAgainIn are samples in which a rule that shows again elsewhere judges by a baseline.
var notAgainIn = map[string]string{
	"ward-night net/large-upload": "baseline: a host that first appeared in the second half of the capture",
	"ward-night dicom/mass-query": "baseline: never having spoken to this archive in the first half",
	"ward-night dicom/bulk-pull":  "baseline: as above",
}

// withContext are the rules that ask what a device is: who says so are other conversations than those of the finding.
var withContext = map[string]bool{"pump/login-service": true, "pump/page-without-login": true, "pump/settings-page-without-login": true,
	"device/login-to-a-monitor": true, "device/talks-outside-its-zone": true}

// carveDir is a folder whose name DuckDB accepts.
func carveDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "carve")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// analysed makes a case of captures and runs rules on it.
func analysed(t *testing.T, set []*rules.Rule, edit func(*Options), paths ...string) *Case {
	t.Helper()
	dir := carveDir(t)
	key := filepath.Join(dir, "t.phikey")
	if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Case: filepath.Join(dir, "t.case"), PHI: "pseudonym", PHIKey: key, memory: "256MiB", Workers: 1}
	if edit != nil {
		edit(&o)
	}
	if err := o.Complete(paths); err != nil {
		t.Fatal(err)
	}
	c, err := Run(context.Background(), o, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rules.Run(context.Background(), c.DB, set, false); err != nil {
		c.Abandon()
		t.Fatal(err)
	}
	return c
}

// completed is the folder of such a case, completed.
func completed(t *testing.T, set []*rules.Rule, edit func(*Options), paths ...string) string {
	t.Helper()
	c := analysed(t, set, edit, paths...)
	if err := c.Complete(context.Background(), "test", []string{"test"}, nil); err != nil {
		t.Fatal(err)
	}
	return c.Dir
}

type found struct {
	id, rule, actor, target, what string
	count                         int64
}

func (f found) String() string {
	return fmt.Sprintf("%s: %s > %s %d: %s", f.rule, f.actor, f.target, f.count, f.what)
}

func findingsOf(t *testing.T, db *sql.DB) (out []found) {
	t.Helper()
	rows, err := db.Query("SELECT finding_id, rule, coalesce(actor, ''), coalesce(target, ''), what, count FROM finding ORDER BY ts, rule, finding_id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var f found
		if err := rows.Scan(&f.id, &f.rule, &f.actor, &f.target, &f.what, &f.count); err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// chosen gives for each sample the rules that are tried on it: each rule on the smallest of the samples on which it should fire.
func chosen(t *testing.T, set []*rules.Rule) map[string][]*rules.Rule {
	t.Helper()
	size := func(name string) (n int64) {
		files, _ := filepath.Glob(filepath.Join(samples.Dir(name), "*.pcap*"))
		for _, f := range files {
			if info, err := os.Stat(f); err == nil {
				n += info.Size()
			}
		}
		return n
	}
	out := map[string][]*rules.Rule{}
	for _, r := range set {
		fires := append([]string(nil), r.Fires...)
		sort.SliceStable(fires, func(i, j int) bool { return size(fires[i]) < size(fires[j]) })
		if notAgain[r.Name] == "" {
			out[fires[0]] = append(out[fires[0]], r)
		}
	}
	if *carveAll {
		names, err := samples.List("")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			out[name] = set
		}
	}
	return out
}

// TestCarveAgain holds that a finding is found again in the packets that are carved for it: by the same rule, of the same actor and
// target, with the same count and sentence. Excepted are the rules listed above, each with its reason.
func TestCarveAgain(t *testing.T) {
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name := range notAgain {
		if i := sort.Search(len(set), func(i int) bool { return set[i].Name >= name }); i == len(set) || set[i].Name != name {
			t.Errorf("the rule %s, which is excepted, is not there any more", name)
		}
	}
	jobs := chosen(t, set)
	names := make([]string, 0, len(jobs))
	for name := range jobs {
		names = append(names, name)
	}
	sort.Strings(names)
	var mu sync.Mutex
	var carved []string
	tried := 0
	t.Run("samples", func(t *testing.T) {
		for i, name := range names {
			if testing.Short() && i%8 != 0 {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				files := carveSample(t, name, jobs[name])
				mu.Lock()
				defer mu.Unlock()
				tried++
				carved = append(carved, files...)
			})
		}
	})
	t.Logf("%d captures carved", len(carved))
	if tried == len(names) && len(carved) < len(set)-len(notAgain) {
		t.Errorf("only %d findings were carved", len(carved))
	}
}

// carveSample carves findings of a sample, and gives what it wrote.
func carveSample(t *testing.T, name string, set []*rules.Rule) (carved []string) {
	dir := completed(t, set, nil, samples.Dir(name))
	db, _, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	list := findingsOf(t, db)
	db.Close()
	tried := map[string]bool{}
	for _, f := range list {
		if tried[f.rule] && !*carveAll || notAgain[f.rule] != "" || notAgainIn[name+" "+f.rule] != "" {
			continue
		}
		tried[f.rule] = true
		for _, r := range set {
			if r.Name == f.rule {
				carved = append(carved, again(t, dir, f, r))
			}
		}
	}
	for _, r := range set {
		if !tried[r.Name] && !*carveAll {
			t.Errorf("%s did not fire", r.Name)
		}
	}
	return carved
}

// again carves a finding and looks for it in what was carved.
func again(t *testing.T, dir string, f found, r *rules.Rule) string {
	out := filepath.Join(filepath.Dir(dir), f.id+".pcapng")
	opt := CarveOptions{Case: dir, Out: out, Findings: []string{f.id}, Version: "test", Context: withContext[f.rule]}
	if _, err := Carve(context.Background(), opt, nil, nil); err != nil {
		t.Errorf("%s: %v", f, err)
		return out
	}
	c := analysed(t, []*rules.Rule{r}, nil, out)
	defer c.Abandon()
	got := findingsOf(t, c.DB)
	for _, g := range got {
		if g.id = f.id; g == f {
			if tsharkThere {
				shows(t, out, f)
			}
			return out
		}
	}
	text := fmt.Sprintf("carved, it is not found again\nwant %s", f)
	for _, g := range got {
		text += fmt.Sprintf("\ngot  %s", g)
	}
	t.Error(text)
	return out
}

// tsharkThere tells whether the comments can be held against another reader; TestCarveTshark says so where they cannot.
var tsharkThere = func() bool { _, err := exec.LookPath("tshark"); return err == nil }()

func TestCarveTshark(t *testing.T) {
	if !tsharkThere {
		samples.Skip(t, "tshark is not installed: that it opens carved captures and shows their comments is not tried")
	}
}

// shows has tshark open a carved capture: its packets must name the finding.
func shows(t *testing.T, path string, f found) {
	t.Helper()
	cmd := exec.Command("tshark", "-n", "-r", path, "--disable-protocol", "eth", "-T", "fields", "-e", "frame.number", "-e", "frame.comment")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil || !bytes.Contains(text, []byte("finding "+f.id)) || bytes.Contains(stderr.Bytes(), []byte("cut short")) {
		t.Errorf("%s: tshark: %v %s\n%.300s", f, err, stderr.Bytes(), text)
	}
}

// rotated cuts a capture into files, as a sensor does that begins a new one every so many packets.
func rotated(t *testing.T, path string, files int) (dir string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var records [][]byte
	for b := text[24:]; len(b) >= 16; {
		n := 16 + int(binary.LittleEndian.Uint32(b[8:]))
		records = append(records, b[:n])
		b = b[n:]
	}
	dir = carveDir(t)
	for i := range files {
		part := append([]byte(nil), text[:24]...)
		part = append(part, bytes.Join(records[len(records)*i/files:len(records)*(i+1)/files], nil)...)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%c.pcap", 'z'-i)), part, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// frames gives every packet of captures: its time, its lengths and its bytes.
func frames(t *testing.T, paths ...string) (out []string) {
	t.Helper()
	s, err := capture.Open(context.Background(), paths, nil, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f capture.Frame
	for {
		if err := s.Next(&f); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d %d %d %d %x", f.Time, f.Link, f.WireLen, len(f.Data), f.Data))
	}
}

// TestCarveFlows holds that whole conversations are carved, those and nothing else, across rotated files, fragments, tunnels and ports used
// again: every other flow of a capture, and then the rest, give all packets once, as they were, and the same flows.
func TestCarveFlows(t *testing.T) {
	for name, files := range map[string]int{"icmp-mixed": 3, "ward-night": 5, "dns-mixed": 2, "ble-air": 1, "flood-distributed": 4, "tls-datagrams": 2, "arp-poison": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := rotated(t, filepath.Join(samples.Dir(name), "capture.pcap"), files)
			c := analysed(t, nil, nil, source)
			const rows = `SELECT row(community_id, src_ip, src_mac, src_port, dst_port, src_packets, dst_packets, src_bytes, dst_bytes, history, conn_state, fragments,
				tunnel, ts, until)::VARCHAR AS r FROM flow `
			const odd = "flow_id IN (SELECT flow_id FROM (SELECT flow_id, row_number() OVER (ORDER BY flow_id) AS n FROM flow) WHERE n % 2 = 1)"
			half := []string{odd, "NOT " + odd}
			var want [2][]string
			for i := range half {
				want[i] = column(t, c.DB, rows+"WHERE "+half[i]+" ORDER BY r")
			}
			if err := c.Complete(context.Background(), "test", nil, nil); err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range half {
				out := filepath.Join(filepath.Dir(c.Dir), fmt.Sprintf("%d.pcapng", i))
				opt := CarveOptions{Case: c.Dir, Out: out, SQL: "SELECT file, frame, flow_id FROM flow WHERE " + half[i]}
				res, err := Carve(context.Background(), opt, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				if res.Missing != 0 || res.Flows != len(want[i]) {
					t.Errorf("%d flows, %d packets missing, want %d flows", res.Flows, res.Missing, len(want[i]))
				}
				got = append(got, frames(t, out)...)
				again := analysed(t, nil, nil, out)
				if have := column(t, again.DB, rows+"ORDER BY r"); strings.Join(have, "\n") != strings.Join(want[i], "\n") {
					t.Errorf("the flows are not the same: %d of %d\n%.900s\n\n%.900s", len(have), len(want[i]), strings.Join(have, "\n"), strings.Join(want[i], "\n"))
				}
				again.Abandon()
			}
			all := frames(t, source)
			sort.Strings(all)
			sort.Strings(got)
			if strings.Join(all, "\n") != strings.Join(got, "\n") {
				t.Errorf("%d packets carved of %d, or not as they were", len(got), len(all))
			}
		})
	}
}

// TestCarveTwins holds that of packets that two sensors saw those are carved that the case counted.
func TestCarveTwins(t *testing.T) {
	dir := rotated(t, filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap"), 2)
	text, err := os.ReadFile(filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	for b := text[24:]; len(b) >= 16; b = b[16+binary.LittleEndian.Uint32(b[8:]):] { // the other sensor's clock is 0.1 ms late
		binary.LittleEndian.PutUint32(b[4:], min(binary.LittleEndian.Uint32(b[4:])+100, 999_999))
	}
	if err := os.WriteFile(filepath.Join(dir, "other.pcap"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := analysed(t, nil, nil, dir)
	packets, copies := number(t, c.DB, "SELECT sum(src_packets + dst_packets)::BIGINT FROM flow"), number(t, c.DB, "SELECT sum(duplicates)::BIGINT FROM capture_file")
	if err := c.Complete(context.Background(), "test", nil, nil); err != nil {
		t.Fatal(err)
	}
	res, err := Carve(context.Background(), CarveOptions{Case: c.Dir, Out: filepath.Join(filepath.Dir(c.Dir), "x.pcapng"), SQL: "SELECT file, frame, flow_id FROM flow"}, nil, nil)
	if err != nil || copies == 0 || res.Packets != packets || res.Missing != 0 {
		t.Errorf("%+v, %v, want %d packets; %d were copies", res, err, packets, copies)
	}
}

// TestCarveFrames holds that a packet named without its flow brings its whole conversation, that rows alone are enough for --evidence, and
// that only captures are read that matter.
func TestCarveFrames(t *testing.T) {
	source := rotated(t, filepath.Join(samples.Dir("ward-night"), "capture.pcap"), 6)
	dir := completed(t, nil, nil, source)
	out := filepath.Join(filepath.Dir(dir), "x.pcapng")
	carve := func(opt CarveOptions) *Carved {
		t.Helper()
		opt.Case, opt.Out, opt.Clobber = dir, out, true
		res, err := Carve(context.Background(), opt, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(frames(t, out)); int64(n) != res.Packets {
			t.Errorf("%d packets, said to be %d", n, res.Packets)
		}
		return res
	}
	db, _, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	// a packet in the middle of a long conversation, which no row names
	n := number(t, db, "SELECT max(src_packets + dst_packets) FROM flow WHERE service = 'dicom' AND file = 5")
	id := number(t, db, fmt.Sprintf("SELECT min(flow_id) FROM flow WHERE service = 'dicom' AND file = 5 AND src_packets + dst_packets = %d", n))
	rows := number(t, db, fmt.Sprintf("SELECT count(DISTINCT (file, frame)) FROM (%s) WHERE flow_id = %d", everyRow(), id))
	db.Close()
	if res := carve(CarveOptions{SQL: fmt.Sprintf("SELECT %d AS file, %d AS frame", id>>32, id&0xffffffff+1)}); res.Packets != n || res.Files == res.All {
		t.Errorf("%d packets of %d captures, want %d packets of some of %d", res.Packets, res.Files, n, res.All)
	}
	if res := carve(CarveOptions{Flows: []string{fmt.Sprint(id)}, Evidence: true}); res.Packets != rows {
		t.Errorf("%d packets, want the %d that rows name", res.Packets, rows)
	}
	if res := carve(CarveOptions{Flows: []string{fmt.Sprint(id)}}); res.Packets != n {
		t.Errorf("%d packets, want %d", res.Packets, n)
	}
	if res := carve(CarveOptions{Devices: []string{"10.20.0.66"}}); res.Flows == 0 || res.Files == res.All {
		t.Errorf("%d flows of %d captures: the device came late", res.Flows, res.Files)
	}
}

// TestCarveCustody holds that carving is refused where the captures are not those of the case, that nothing is overwritten unasked, that the
// log names what was written and no patient, and that findings are carved in one go.
func TestCarveCustody(t *testing.T) {
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(samples.Dir("hl7-conflicting-obx"), "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(carveDir(t), "night.pcap")
	if err := os.WriteFile(source, text, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := completed(t, set, nil, source)
	out := filepath.Join(filepath.Dir(dir), "x.pcapng")
	run := func(opt CarveOptions) error {
		opt.Case, opt.Out = dir, out
		_, err := Carve(context.Background(), opt, nil, nil)
		return err
	}
	db, _, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	who := column(t, db, "SELECT min(patient_id) FROM hl7_message WHERE patient_id <> ''")[0]
	list := findingsOf(t, db)
	db.Close()
	const name = "nobody of that name"
	if err := run(CarveOptions{Patients: []string{name}}); !errors.Is(err, ErrUsage) || strings.Contains(err.Error(), name) {
		t.Errorf("a patient who is not there: %v", err)
	}
	for _, q := range []string{"SELECT 1 AS file, 1 AS frame FROM enable_logging(storage='file')", "SELECT 1 AS file, 1 AS frame; DROP TABLE flow", "SELECT 1 AS file",
		"SELECT 4294967297 AS file, 1 AS frame", "SELECT 1 AS file, 4294967297 AS frame", "SELECT -4294967295 AS file, 1 AS frame",
		"SELECT 1 AS file, range AS frame FROM range(1000000000000)", "SELECT 1 AS file, 1 AS frame) UNION ALL (SELECT 1, 2"} {
		if err := run(CarveOptions{SQL: q, Harmless: rules.Harmless}); !errors.Is(err, ErrUsage) {
			t.Errorf("%s: %v", q, err)
		}
	}
	opt := CarveOptions{Patients: []string{who}, Command: []string{"wardtrace", "carve", "--patient", who}}
	if err := run(opt); err != nil {
		t.Fatal(err)
	}
	if err := run(opt); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "there already") {
		t.Errorf("an output was overwritten: %v", err)
	}
	opt.Clobber = true
	if err := run(opt); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v, want a file that its owner alone may read", info, err)
	}
	sum, _ := custody.HashFile(out)
	if log, _ := os.ReadFile(filepath.Join(dir, custody.FileName)); !bytes.Contains(log, []byte(sum)) || custody.Check(bytes.NewReader(log)) != nil {
		t.Error("the log does not name what was written")
	}
	got, err := CarveFindings(context.Background(), CarveOptions{Case: dir}, []string{"informational", "low", "medium", "high", "critical"}, nil)
	if err != nil || got.Files+got.None != len(list) || got.Files == 0 {
		t.Errorf("%+v, %v, want %d findings", got, err, len(list))
	}
	for _, f := range list {
		if files, _ := filepath.Glob(filepath.Join(dir, carvedFolder, f.id+".pcapng")); len(files) == 1 && tsharkThere {
			shows(t, files[0], f)
		}
	}
	if err := uncarve(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, carvedFolder)); !os.IsNotExist(err) {
		t.Error("a case that is replaced keeps what was carved of the old one")
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(source, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(opt); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "not the file that this case was made of") {
		t.Errorf("a capture that was changed: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(out), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestCarveMasked holds that the custody log names no patient, whichever way the flag was written.
func TestCarveMasked(t *testing.T) {
	o := CarveOptions{Command: []string{"wardtrace", "carve", "--patient", "DOE^JANE", "--patient=4711", "-w", "x"}}
	o.label("DOE^JANE", "name:1")
	o.label("4711", "id:2")
	if got := strings.Join(o.masked(), " "); got != "wardtrace carve --patient name:1 --patient=id:2 -w x" {
		t.Error(got)
	}
}
