package analyze

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/custody"
	"wardtrace/analyze/store"
	"wardtrace/rules"
	"wardtrace/samples"
)

// evidence is a complete case with findings, its capture and what verify needs.
type evidence struct {
	dir, capture string
	opt          VerifyOptions
}

// newEvidence makes a case of a sample with one rule.
func newEvidence(t *testing.T, sample, phi string) *evidence {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	own := filepath.Join(dir, "rules", "own")
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	rule := "-- title:    Somebody spoke\n-- level:    low\n-- kind:     posture\n-- stage:    exposure\n-- attack:   -\n-- needs:    flow\n-- fires:    hl7-mllp-adt-oru\n-- quiet:    quiet-ward\n-- benign:   always\n-- response: Listen.\n" +
		"SELECT ts, until, src_ip AS actor, dst_ip AS target, flow_id, file, frame, 1 AS count, 'spoke' AS what FROM flow\n"
	if err := os.WriteFile(filepath.Join(own, "speaks.sql"), []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(rules.Options{Only: filepath.Dir(own)})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(samples.Dir(sample), "capture.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	e := &evidence{dir: filepath.Join(dir, "x.case"), capture: filepath.Join(dir, "c.pcap")}
	if err := os.WriteFile(e.capture, text, 0o600); err != nil {
		t.Fatal(err)
	}
	opt := Options{Case: e.dir, memory: "256MiB", PHI: phi}
	if err := opt.Complete([]string{e.capture}); err != nil {
		t.Fatal(err)
	}
	c, err := Run(ctx, opt, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.opt = VerifyOptions{Case: e.dir, Workers: 2, Version: "test", Rules: map[string]string{set[0].Name: set[0].Hash}}
	e.opt.Run = func(ctx context.Context, db *sql.DB, ran map[string]string, _ bool) error {
		_, err := rules.Run(ctx, db, set, false)
		return err
	}
	if err := e.opt.Run(ctx, c.DB, nil, true); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"report.html", "timeline.csv", "findings.jsonl"} {
		if err := os.WriteFile(filepath.Join(e.dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Complete(ctx, "test", []string{"test"}, e.opt.Rules); err != nil {
		t.Fatal(err)
	}
	return e
}

// copy gives the same case and capture once more, to be tampered with.
func (e *evidence) copy(t *testing.T) *evidence {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(e.dir))); err != nil {
		t.Fatal(err)
	}
	f := &evidence{dir: filepath.Join(dir, "x.case"), capture: filepath.Join(dir, "c.pcap"), opt: e.opt}
	f.opt.Case, f.opt.Paths = f.dir, []string{f.capture}
	f.opt.Rules = maps.Clone(e.opt.Rules)
	return f
}

func (e *evidence) verify(t *testing.T) *Verified {
	t.Helper()
	got, err := Verify(context.Background(), e.opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// sql changes the database as somebody would who has DuckDB.
func (e *evidence) sql(t *testing.T, statement string) {
	t.Helper()
	st, _, err := store.Reopen(context.Background(), e.dir)
	if err != nil {
		t.Fatal(err)
	}
	res, err := st.DB.Exec(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 && !strings.HasPrefix(statement, "CREATE") && !strings.HasPrefix(statement, "ALTER") {
		t.Fatalf("%s: %d rows, %v", statement, n, err)
	}
	if _, err := st.DB.Exec("CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	if err := st.Abandon(); err != nil {
		t.Fatal(err)
	}
}

// beside changes the database so that the change waits in a file beside it, and the database's own file stays as it was.
func (e *evidence) beside(t *testing.T) {
	t.Helper()
	st, _, err := store.Reopen(context.Background(), e.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.DB.Exec("UPDATE flow SET dst_bytes = dst_bytes + 1"); err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(filepath.Join(e.dir, walName)) // what a process that was killed now would leave
	file, fault := os.ReadFile(filepath.Join(e.dir, "case.duckdb"))
	if err = errors.Join(err, fault, st.Abandon(), os.WriteFile(filepath.Join(e.dir, walName), wal, 0o600),
		os.WriteFile(filepath.Join(e.dir, "case.duckdb"), file, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestBeside holds that changes which wait beside the database are not taken over when the rules run again, to be vouched for by a new
// manifest.
func TestBeside(t *testing.T) {
	e := newEvidence(t, "hl7-mllp-adt-oru", "pseudonym")
	e.beside(t)
	if _, _, err := Reopen(context.Background(), e.dir); err == nil || !strings.Contains(err.Error(), "not as it was left") {
		t.Errorf("%v, want that it is refused", err)
	}
}

// TestApart holds that no output takes the place of evidence.
func TestApart(t *testing.T) {
	e := newEvidence(t, "hl7-mllp-adt-oru", "pseudonym")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(e.capture, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{e.capture, link, filepath.Join(e.dir, "case.duckdb"), filepath.Join(e.dir, custody.FileName), strings.TrimSuffix(e.dir, ".case") + ".phikey"} {
		if err := Apart(e.dir, name); !errors.Is(err, ErrUsage) {
			t.Errorf("%s may be written over: %v", name, err)
		}
	}
	for _, name := range []string{"-", filepath.Join(e.dir, "report.md"), filepath.Join(t.TempDir(), "new")} {
		if err := Apart(e.dir, name); err != nil {
			t.Error(err)
		}
	}
	opt := CarveOptions{Case: e.dir, Out: e.capture, Clobber: true, From: 1}
	if _, err := Carve(context.Background(), opt, nil, nil); !errors.Is(err, ErrUsage) {
		t.Errorf("carve writes over the capture that it reads: %v", err)
	}
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(e.capture, moved); err != nil {
		t.Fatal(err)
	}
	opt.Out, opt.Paths = moved, []string{filepath.Dir(moved)}
	if _, err := Carve(context.Background(), opt, nil, nil); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), "is evidence") {
		t.Errorf("carve writes over the capture that it reads, where it was moved: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(moved)); err != nil || len(left) != 1 {
		t.Errorf("%d files are left beside it, %v", len(left), err)
	}
}

// TestSame holds that a capture that changed between its hashing and its reading is found.
func TestSame(t *testing.T) {
	m := &Manifest{Inputs: []ManifestInput{{File: 1, SHA256: "aa"}, {File: 2, SHA256: "bb"}}}
	read := []capture.File{{File: 2, SHA256: "bb"}, {File: 1, SHA256: "aa"}}
	if err := m.same(read); err != nil {
		t.Error(err)
	}
	if read[0].SHA256 = "cc"; m.same(read) == nil || m.same(read[1:]) == nil {
		t.Error("another hash, or none, is taken for the same")
	}
}

// forge makes manifest and log agree with what the case holds now; with digests, those too.
func (e *evidence) forge(t *testing.T, digests bool) {
	t.Helper()
	ctx := context.Background()
	m, err := parseManifest(e.dir)
	if err != nil {
		t.Fatal(err)
	}
	if digests {
		db, _, err := store.OpenReadOnly(ctx, e.dir)
		if err != nil {
			t.Fatal(err)
		}
		tables, err := readTables(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		if m.Rows, m.Digests, err = fastDigests(ctx, db, tables); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	if err := os.Remove(filepath.Join(e.dir, custody.FileName)); err != nil {
		t.Fatal(err)
	}
	c := &Case{Dir: e.dir}
	if err := c.sealed(m, custody.Entry{Act: "analysed captures into this case"}); err != nil {
		t.Fatal(err)
	}
}

func (e *evidence) edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// flip changes one bit in the middle.
func flip(b []byte) []byte { b[len(b)/2] ^= 1; return b }

// TestVerify holds that a sound case holds, and that verify finds each thing that can be changed about a case, names it, and blames
// nothing else.
func TestVerify(t *testing.T) {
	sound := newEvidence(t, "hl7-mllp-adt-oru", "pseudonym")
	in := func(e *evidence, name string) string { return filepath.Join(e.dir, name) }
	for i, tt := range []struct {
		name   string
		tamper func(t *testing.T, e *evidence)
		worst  Verdict
		want   []string // what and detail of each check that does not hold, in order
	}{
		{"untouched", func(t *testing.T, e *evidence) {}, Holds, nil},
		{"untouched, where it was", func(t *testing.T, e *evidence) { e.opt.Paths = nil }, Holds, nil},
		{"a byte of the input", func(t *testing.T, e *evidence) { e.edit(t, e.capture, flip) }, Fails, []string{"capture ", "derived again"}},
		{"the input cut short", func(t *testing.T, e *evidence) {
			e.edit(t, e.capture, func(b []byte) []byte { return b[:len(b)-1] })
		}, Fails, []string{"capture ", "derived again"}},
		{"the input gone", func(t *testing.T, e *evidence) {
			if err := os.Remove(e.capture); err != nil {
				t.Fatal(err)
			}
		}, Unchecked, []string{"capture ", "derived again"}},
		{"a byte of the log", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			e.edit(t, in(e, custody.FileName), func(b []byte) []byte { return bytes.Replace(b, []byte("analysed"), []byte("analyzed"), 1) })
			e.opt.Head = mustHead(t, sound.dir)
		}, Fails, []string{"noted head: no entry"}},
		{"an entry taken out of the log", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			for range 2 {
				if err := Note(e.dir, "test", nil, "took something out"); err != nil {
					t.Fatal(err)
				}
			}
			e.edit(t, in(e, custody.FileName), func(b []byte) []byte {
				lines := bytes.SplitAfter(b, []byte("\n"))
				return bytes.Join(slices.Delete(lines, 1, 2), nil)
			})
		}, Fails, []string{"custody log: line 2"}},
		{"the end cut off the log", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			old, err := os.ReadFile(in(e, custody.FileName))
			if err != nil {
				t.Fatal(err)
			}
			if err := Note(e.dir, "test", nil, "took something out"); err != nil {
				t.Fatal(err)
			}
			e.opt.Head = mustHead(t, e.dir)
			e.edit(t, in(e, custody.FileName), func([]byte) []byte { return old })
		}, Fails, []string{"noted head: no entry"}},
		{"the manifest", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			e.edit(t, in(e, manifestName), func(b []byte) []byte { return bytes.Replace(b, []byte(`"packets"`), []byte(`"Packets"`), 1) })
		}, Fails, []string{"manifest: its SHA-256"}},
		{"a byte of a report", func(t *testing.T, e *evidence) { e.opt.Quick = true; e.edit(t, in(e, "timeline.csv"), flip) }, Fails, []string{"file timeline.csv"}},
		{"a value", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			e.sql(t, "UPDATE hl7_observation SET value = value || '0' WHERE seq = (SELECT min(seq) FROM hl7_observation WHERE value <> '')")
		}, Fails, []string{"file case.duckdb", "table hl7_observation: its"}},
		{"a value, and the file's hash with it", func(t *testing.T, e *evidence) {
			e.sql(t, "UPDATE flow SET dst_bytes = dst_bytes + 1 WHERE frame = (SELECT min(frame) FROM flow)")
			e.forge(t, false)
		}, Fails, []string{"table flow: its", "table flow: 1 rows are in the case alone, 1 in the captures alone; the first: row (flow_id 4294967297, file 1, frame 1), column dst_bytes: the case says"}},
		{"a value, and everything with it", func(t *testing.T, e *evidence) {
			e.sql(t, "UPDATE flow SET dst_bytes = dst_bytes + 1 WHERE frame = (SELECT min(frame) FROM flow)")
			e.forge(t, true)
		}, Fails, []string{"table flow: 1 rows are in the case alone, 1 in the captures alone; the first: row (flow_id 4294967297, file 1, frame 1), column dst_bytes: the case says"}},
		{"a row deleted, and everything with it", func(t *testing.T, e *evidence) {
			e.sql(t, "DELETE FROM hl7_message WHERE seq = (SELECT min(seq) FROM hl7_message)")
			e.forge(t, true)
		}, Fails, []string{"table hl7_message: 0 rows are in the case alone"}},
		{"a row doubled, and everything with it", func(t *testing.T, e *evidence) {
			e.sql(t, "INSERT INTO flow FROM flow LIMIT 1")
			e.forge(t, true)
		}, Fails, []string{"table flow: 1 rows are in the case alone, 0"}},
		{"a finding's sentence, and everything with it", func(t *testing.T, e *evidence) {
			e.sql(t, "UPDATE finding SET what = 'kept silent'")
			e.forge(t, true)
		}, Fails, []string{"table finding: "}},
		{"an option, and everything with it", func(t *testing.T, e *evidence) {
			e.edit(t, in(e, manifestName), func(b []byte) []byte { return bytes.Replace(b, []byte(`"filter": ""`), []byte(`"filter": "udp"`), 1) })
			e.forge(t, false)
		}, Fails, []string{"table capture_file: "}},
		{"a function that lies, and everything with it", func(t *testing.T, e *evidence) {
			e.sql(t, "UPDATE flow SET dst_bytes = dst_bytes + 1 WHERE frame = (SELECT min(frame) FROM flow)")
			e.sql(t, "CREATE MACRO sha256(x) AS '00'")
			e.forge(t, true)
		}, Fails, []string{"database: it holds what no case has, and so cannot be asked: sha256"}},
		{"a view in a table's place, and everything with it", func(t *testing.T, e *evidence) {
			e.sql(t, "ALTER TABLE dns RENAME TO other")
			e.sql(t, "CREATE VIEW dns AS FROM other")
			e.forge(t, true)
		}, Fails, []string{"database: it holds what no case has, and so cannot be asked: dns"}},
		{"changes beside the database", func(t *testing.T, e *evidence) { e.opt.Quick = true; e.beside(t) }, Fails, []string{"file case.duckdb.wal: it holds changes", "table flow: its"}},
		{"a capture that nobody carved", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			if err := errors.Join(os.Mkdir(in(e, carvedFolder), 0o700), os.WriteFile(in(e, "carved/x.pcapng"), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, Unchecked, []string{"file carved/x.pcapng: the log"}},
		{"a report elsewhere that goes by the manifest's name", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			t.Chdir(t.TempDir())
			if err := errors.Join(os.WriteFile(manifestName, nil, 0o600), Note(e.dir, "test", nil, "wrote a report", manifestName)); err != nil {
				t.Fatal(err)
			}
		}, Holds, nil},
		{"a pipe in the database's place", func(t *testing.T, e *evidence) {
			if err := errors.Join(os.Remove(in(e, "case.duckdb")), syscall.Mkfifo(in(e, "case.duckdb"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}, Fails, []string{"database: ", "file case.duckdb: is no plain file"}},
		{"no inputs in the manifest", func(t *testing.T, e *evidence) {
			e.edit(t, in(e, manifestName), func(b []byte) []byte { return bytes.Replace(b, []byte(`"inputs"`), []byte(`"outputs"`), 1) })
		}, Fails, []string{"manifest: its SHA-256", "derived again: what the manifest names gives no case"}},
		{"an option that cannot be", func(t *testing.T, e *evidence) {
			e.edit(t, in(e, manifestName), func(b []byte) []byte { return bytes.Replace(b, []byte(`"memory": "`), []byte(`"memory": "x`), 1) })
		}, Fails, []string{"manifest: its SHA-256", "derived again: the manifest does not tell how"}},
		{"a key that is none", func(t *testing.T, e *evidence) {
			e.edit(t, strings.TrimSuffix(e.dir, ".case")+".phikey", func(b []byte) []byte { return b[1:] })
		}, Unchecked, []string{"derived again: "}},
		{"the time of the last entry", func(t *testing.T, e *evidence) {
			e.opt.Quick = true
			if err := Note(e.dir, "test", nil, "took something out"); err != nil {
				t.Fatal(err)
			}
			e.edit(t, in(e, custody.FileName), func(b []byte) []byte {
				i := bytes.LastIndex(b, []byte(`"time":"2`))
				b[i+len(`"time":"`)] = '1'
				return b
			})
		}, Unchecked, []string{"times in the log: entry 2 is of a time before"}},
		{"a rule edited", func(t *testing.T, e *evidence) { e.opt.Rules["own/speaks"] = "00" }, Fails, []string{"rules: not as they were", "findings derived again"}},
		{"a rule gone", func(t *testing.T, e *evidence) { delete(e.opt.Rules, "own/speaks") }, Unchecked, []string{"rules: not at hand", "findings derived again"}},
		{"the key gone", func(t *testing.T, e *evidence) { os.Remove(strings.TrimSuffix(e.dir, ".case") + ".phikey") }, Unchecked, []string{"derived again: the key"}},
		{"another key", func(t *testing.T, e *evidence) {
			e.edit(t, strings.TrimSuffix(e.dir, ".case")+".phikey", func(b []byte) []byte { return []byte(strings.Repeat("17", 32)) })
		}, Unchecked, []string{"derived again: "}},
	} {
		if testing.Short() && i%4 != 0 { // the race detector's pass: each makes a case
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			e := sound.copy(t)
			tt.tamper(t, e)
			checkVerdicts(t, e.verify(t), tt.worst, tt.want)
		})
	}
	for _, name := range []string{"case.duckdb", "report.html", "timeline.csv", "findings.jsonl", manifestName, custody.FileName} {
		e := sound.copy(t)
		if err := os.Remove(in(e, name)); err != nil {
			t.Fatal(err)
		}
		e.opt.Quick = true
		if got := e.verify(t); got.Worst() != Fails {
			t.Errorf("%s is gone: %+v", name, got.Checks)
		}
	}
}

func checkVerdicts(t *testing.T, got *Verified, worst Verdict, want []string) {
	t.Helper()
	var have []string
	for _, c := range got.Checks {
		if c.Verdict != Holds {
			have = append(have, c.What+": "+c.Detail)
		}
	}
	ok := got.Worst() == worst && len(have) >= len(want) && (len(want) > 0 || len(have) == 0)
	for i := range want {
		ok = ok && len(have) > i && slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, want[i]) })
	}
	if !ok || got.Unlogged != nil {
		t.Errorf("%v, %v:\n%s\nwant %v and\n%s", got.Worst(), got.Unlogged, strings.Join(have, "\n"), worst, strings.Join(want, "\n"))
	}
}

func mustHead(t *testing.T, dir string) string {
	t.Helper()
	head, _, err := custody.Head(filepath.Join(dir, custody.FileName))
	if err != nil || head == "" {
		t.Fatal(head, err)
	}
	return head
}

// TestVerifyNamesNobody holds that what verify says of a difference has no patient in it, also where somebody put one into the case, or
// the case keeps them in clear.
func TestVerifyNamesNobody(t *testing.T) {
	for _, phi := range []string{"pseudonym", "clear"} {
		e := newEvidence(t, "hl7-mllp-adt-oru", phi)
		e.sql(t, "UPDATE hl7_message SET patient_name = 'DOE^JANE' WHERE seq = (SELECT min(seq) FROM hl7_message WHERE patient_name <> '')")
		e.forge(t, true)
		db, _, err := store.OpenReadOnly(context.Background(), e.dir)
		if err != nil {
			t.Fatal(err)
		}
		names := column(t, db, "SELECT DISTINCT patient_name FROM hl7_message WHERE patient_name <> ''")
		db.Close()
		got := e.verify(t)
		said := fmt.Sprintf("%+v", got.Checks)
		if got.Worst() != Fails || !strings.Contains(said, "column patient_name") {
			t.Errorf("%s: %s", phi, said)
		}
		for _, n := range names {
			if strings.Contains(said, n) && !pseudonymous.MatchString(n) {
				t.Errorf("%s: %s names %s", phi, said, n)
			}
		}
	}
}

// TestVerifyCopies holds that a case of several inputs, one of them twice, a folder with other files and a window of time can be
// verified, and that captures may have moved and changed their names.
func TestVerifyCopies(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, sample := range map[string]string{"b.pcap": "dicom-basic", "a.pcap": "hl7-mllp-adt-oru", "c.pcap": "dicom-basic"} {
		text, err := os.ReadFile(filepath.Join(samples.Dir(sample), "capture.pcap"))
		if err == nil {
			err = os.WriteFile(filepath.Join(in, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(in, "notes.txt"), []byte("no capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	opt := Options{Case: filepath.Join(dir, "x.case"), memory: "256MiB", PHI: "pseudonym", Filter: "tcp", Count: 300, local: []string{"10.0.0.0/8"}}
	if err := opt.Complete([]string{in}); err != nil {
		t.Fatal(err)
	}
	c, err := Run(ctx, opt, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Complete(ctx, "test", nil, nil); err != nil {
		t.Fatal(err)
	}
	v := VerifyOptions{Case: opt.Case, Workers: 1, Version: "test", Run: func(context.Context, *sql.DB, map[string]string, bool) error { return nil }}
	for _, where := range []string{in, filepath.Join(dir, "moved")} {
		if where != in {
			if err := os.Rename(in, where); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(where, "a.pcap"), filepath.Join(where, "z.pcap")); err != nil {
				t.Fatal(err)
			}
			v.Paths = []string{where}
		}
		got, err := Verify(ctx, v, nil)
		if err != nil || got.Worst() != Holds {
			t.Errorf("%s: %v, %+v", where, err, got)
		}
	}
}

// TestVerifyNothing holds that a folder without a case, and a case that is not complete, cannot be verified.
func TestVerifyNothing(t *testing.T) {
	ctx := context.Background()
	if _, err := Verify(ctx, VerifyOptions{Case: t.TempDir()}, nil); err == nil || !strings.Contains(err.Error(), "no case") {
		t.Errorf("an empty folder: %v", err)
	}
	c := run(t, filepath.Join(samples.Dir("arp-poison"), "capture.pcap"), nil)
	if _, err := Verify(ctx, VerifyOptions{Case: c.Dir}, nil); err == nil || !strings.Contains(err.Error(), "being written by process") {
		t.Errorf("a case that is being written: %v", err)
	}
	if err := c.Abandon(); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(ctx, VerifyOptions{Case: c.Dir}, nil); err == nil || !strings.Contains(err.Error(), "broken off") {
		t.Errorf("a case that was abandoned: %v", err)
	}
}

// TestDigests holds what a digest depends on.
func TestDigests(t *testing.T) {
	ctx := context.Background()
	digest := func(rows string) string {
		t.Helper()
		db, done, err := EmptyCase(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		for _, q := range []string{"CREATE TABLE x (a VARCHAR, b VARCHAR, n BIGINT, t TIMESTAMP_NS, l VARCHAR[], d DOUBLE)", "INSERT INTO x VALUES " + rows} {
			if _, err := db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		tables, err := readTables(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(tables, func(t table) bool { return t.name == "x" })
		_, digests, err := fastDigests(ctx, db, tables[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		return digests["x"] + " " + strings.Join(column(t, db, "SELECT sha256("+tables[i].text()+") AS h FROM x ORDER BY h"), " ")
	}
	row, other := "('a', 'b', 1, TIMESTAMP_NS '2026-11-20 01:02:03.000000004', ['u', 'v'], 0.5)", "('c', NULL, NULL, NULL, NULL, NULL)"
	seen := map[string]string{}
	for _, rows := range []string{row, other, row + ", " + other, row + ", " + row, row + ", " + row + ", " + row, other + ", " + other,
		strings.Replace(row, "'a', 'b'", "'b', 'a'", 1), strings.Replace(row, "'a', 'b'", "'ab', ''", 1), strings.Replace(row, "'a', 'b'", "'a,1:b', NULL", 1),
		strings.Replace(row, "'b'", "NULL", 1), strings.Replace(row, "'b'", "''", 1), strings.Replace(row, "'b'", "'-'", 1), strings.Replace(row, "1,", "2,", 1),
		strings.Replace(row, "004'", "005'", 1), strings.Replace(row, "['u', 'v']", "['u, v']", 1), strings.Replace(row, "['u', 'v']", "['v', 'u']", 1),
		strings.Replace(row, "['u', 'v']", "[]", 1), strings.Replace(row, "0.5", "0.5000000000000001", 1)} {
		d := digest(rows)
		for i, part := range []string{d[:64], d[65:]} {
			k := fmt.Sprint(i, part)
			if was, ok := seen[k]; ok {
				t.Errorf("%s and %s have the same digest %s", was, rows, k)
			}
			seen[k] = rows
		}
	}
	if digest(row+", "+other) != digest(other+", "+row) {
		t.Error("the digest depends on the order of rows")
	}
}

// TestOptionsReturn holds that the manifest has every option that shapes a case, so that the case can be made again.
func TestOptionsReturn(t *testing.T) {
	elsewhere := map[string]bool{"Paths": true, "Case": true, "Clobber": true, "Workers": true, "PHIKey": true, "NewPHIKey": true, "SkipDone": true, "CarveLevel": true, "Scratch": true}
	o := Options{from: "2026-11-20T01:02:03.000000004Z", to: "2026-11-21", local: []string{"10.20.0.0/16", "2001:db8::/32"}, memory: "512MiB",
		Filter: "tcp port 104", Count: 7, PHI: "clear", KeepDuplicates: true, Limits: capture.Limits{Ratio: 3, Members: 4, Depth: 2, Unpacked: 5, Scratch: 6}}
	if err := o.Complete([]string{"x.pcap"}); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(Manifest{Options: o.asMap()})
	if err != nil {
		t.Fatal(err)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		t.Fatal(err)
	}
	got, err := m.runOptions()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Options]()) {
		if !f.IsExported() || elsewhere[f.Name] {
			continue
		}
		want, have := reflect.ValueOf(o).FieldByIndex(f.Index), reflect.ValueOf(got).FieldByIndex(f.Index)
		if want.IsZero() {
			t.Errorf("%s has no value in this test: give it one, write it in asMap and read it in runOptions, or say why it shapes no case", f.Name)
		}
		if !reflect.DeepEqual(want.Interface(), have.Interface()) {
			t.Errorf("%s comes back as %v, want %v", f.Name, have, want)
		}
	}
}

// TestFolder holds what becomes of a folder that is to be a case.
func TestFolder(t *testing.T) {
	files := func(dir string) []string {
		entries, _ := os.ReadDir(dir)
		var out []string
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out
	}
	fill := func(names ...string) string {
		dir := filepath.Join(t.TempDir(), "x.case")
		for _, n := range names {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, n)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, n), []byte(`{"doing":"x"}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for _, tt := range []struct {
		names   []string
		clobber bool
		want    string   // of the error
		left    []string // in the folder
	}{
		{nil, false, "", []string{lockName}},
		{[]string{lockName}, false, "", []string{lockName}},
		{[]string{"mine.txt"}, true, "is no case", []string{"mine.txt"}},
		{[]string{"report.html"}, true, "is no case", []string{"report.html"}},
		{[]string{"case.duckdb"}, false, "is a case already", []string{"case.duckdb"}},
		{[]string{"case.duckdb", lockName}, false, "was broken off", []string{"case.duckdb", lockName}},
		{[]string{"report.html", lockName}, true, "", []string{lockName}},
		{[]string{"case.duckdb", "case.duckdb.wal", "case.duckdb.tmp/duckdb_temp_storage_1.tmp", "custody.jsonl", "custody.jsonl.new", "manifest.json", "report.html", "notes/mine.txt", "mine.txt"},
			true, "", []string{lockName, "mine.txt", "notes"}},
	} {
		dir := fill(tt.names...)
		l, err := prepare(dir, tt.clobber)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) || !slices.Equal(files(dir), tt.left) {
			t.Errorf("%v: %v, left %v; want %q and %v", tt.names, err, files(dir), tt.want, tt.left)
		}
		if err == nil {
			if _, err := prepare(dir, true); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("in use by process %d", os.Getpid())) {
				t.Errorf("%v: a second run: %v", tt.names, err)
			}
			if err := l.done(); err != nil || slices.Contains(files(dir), lockName) {
				t.Errorf("%v: %v", files(dir), err)
			}
		}
	}
}

// TestRulesBrokenOff holds that a case on which running the rules was broken off is marked, and whole again when they ran again.
func TestRulesBrokenOff(t *testing.T) {
	ctx := context.Background()
	e := newEvidence(t, "hl7-mllp-adt-oru", "pseudonym")
	c, state, err := Reopen(ctx, e.dir)
	if err != nil || state != "complete" {
		t.Fatal(state, err)
	}
	if _, _, err := Reopen(ctx, e.dir); err == nil || !strings.Contains(err.Error(), "in use by") {
		t.Errorf("a second run: %v", err)
	}
	if err := c.Abandon(); err != nil {
		t.Fatal(err)
	}
	db, state, err := Open(ctx, e.dir)
	if err != nil || !strings.Contains(state, "broken off") || !strings.Contains(state, runningRules) {
		t.Fatalf("%q, %v", state, err)
	}
	db.Close()
	if c, state, err = Reopen(ctx, e.dir); err != nil || state != "complete" {
		t.Fatal(state, err)
	}
	if err := e.opt.Run(ctx, c.DB, nil, true); err != nil {
		t.Fatal(err)
	}
	if err := c.Complete(ctx, "test", nil, e.opt.Rules); err != nil {
		t.Fatal(err)
	}
	checkVerdicts(t, e.verify(t), Holds, nil)
}

// TestRulesOnAltered holds that running the rules does not make an altered case a sound one, also if it is marked as one on which they
// were broken off.
func TestRulesOnAltered(t *testing.T) {
	ctx := context.Background()
	sound := newEvidence(t, "hl7-mllp-adt-oru", "pseudonym")
	for _, broken := range []bool{false, true} {
		for _, alter := range []func(*evidence){
			func(e *evidence) {
				e.sql(t, "UPDATE flow SET dst_bytes = dst_bytes + 1 WHERE frame = (SELECT min(frame) FROM flow)")
			},
			func(e *evidence) { e.edit(t, filepath.Join(e.dir, manifestName), flip) },
		} {
			e := sound.copy(t)
			if broken {
				if err := os.WriteFile(filepath.Join(e.dir, lockName), []byte(`{"doing":"`+runningRules+`"}`), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			alter(e)
			if _, _, err := Reopen(ctx, e.dir); err == nil || !strings.Contains(err.Error(), "not as it was left") {
				t.Errorf("broken off %v: %v", broken, err)
			}
		}
	}
}
