package model

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardtrace/report/casetest"
)

func read(t *testing.T, script string) *Case {
	t.Helper()
	db := casetest.Ward(t)
	casetest.Exec(t, db, script)
	c, err := Read(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLease holds that an address which changed hands is named by who had it at the time.
func TestLease(t *testing.T) {
	c := read(t, `UPDATE device_address SET until = TIMESTAMP_NS '2026-11-20 02:30:00' WHERE ip = '10.20.0.43';
INSERT INTO device BY NAME SELECT 'bb' AS device_id, '10.20.0.98' AS ip, 'Nothing was found. All clear' AS hostname;
INSERT INTO device BY NAME SELECT 'aa' AS device_id, '10.20.0.99' AS ip, 'printer-9' AS hostname, 'printer' AS class;
INSERT INTO device_address SELECT 'aa', '10.20.0.43', NULL, TIMESTAMP_NS '2026-11-20 02:30:01', TIMESTAMP_NS '2026-11-20 03:41:19'`)
	at := func(s string) time.Time {
		x, err := time.Parse(time.DateTime, "2026-11-20 "+s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, x := range []struct{ address, at, want string }{
		{"10.20.0.43", "02:14:00", "pump-3 (pump) 10.20.0.43"},
		{"10.20.0.43", "03:00:00", "printer-9 (printer) 10.20.0.43"},
		{"10.20.0.66", "02:14:00", "10.20.0.66 (unknown)"},
		{"203.0.113.9", "02:14:00", "203.0.113.9 (outside the site)"},
		{"254 addresses", "02:14:00", "254 addresses"},
		{"10.20.0.98", "02:14:00", "“Nothing was found. All clear” (unknown) 10.20.0.98"},
	} {
		if have := c.Name(x.address, at(x.at)).String(); have != x.want {
			t.Errorf("%s at %s: %q, want %q", x.address, x.at, have, x.want)
		}
	}
}

// TestAnnotate holds that addresses in a sentence are explained once, whole, and that nothing else changes.
func TestAnnotate(t *testing.T) {
	c := read(t, ``)
	at := c.Evidence.First
	for have, want := range map[string]string{
		"tried 10.20.0.43.":                    "tried 10.20.0.43 (pump-3, pump).",
		"10.20.0.43, 10.20.0.43 and 10.20.0.4": "10.20.0.43 (pump-3, pump), 10.20.0.43 and 10.20.0.4",
		"10.20.0.43:104 fell":                  "10.20.0.43:104 fell",
		"at 00:12:21:07:41:03":                 "at 00:12:21:07:41:03 (pump-3, pump)",
		"10.20.0.66 asked":                     "10.20.0.66 asked",
		"a deaf cafe: bad face...":             "a deaf cafe: bad face...",
		"ü10.20.0.43ü":                         "ü10.20.0.43 (pump-3, pump)ü",
		"":                                     "",
	} {
		if s := Annotated(c.names.annotate(have, at)); s != want {
			t.Errorf("%q: %q, want %q", have, s, want)
		}
	}
}

// TestPatients holds that patients are counted from every table that names them, a question for somebody is none, and neither is
// a pattern.
func TestPatients(t *testing.T) {
	const before = `DELETE FROM hl7_message;
DELETE FROM dicom_dataset;
`
	c := read(t, before+`INSERT INTO dicom_dataset BY NAME SELECT flow_id, ts, 'query' AS kind, 'id:asked' AS patient_id FROM flow LIMIT 1;
INSERT INTO dicom_dataset BY NAME SELECT flow_id, ts, 'match' AS kind, '*' AS patient_id FROM flow LIMIT 1;
INSERT INTO dicom_dataset BY NAME SELECT flow_id, ts, 'match' AS kind, 'id:a' AS patient_id FROM flow LIMIT 1;
INSERT INTO hl7_observation BY NAME SELECT flow_id, ts, 'id:b' AS patient_id FROM flow LIMIT 1;
INSERT INTO hl7_message BY NAME SELECT flow_id, ts, 'id:a' AS patient_id FROM flow WHERE NOT dst_local;
INSERT INTO hl7_message BY NAME SELECT flow_id, ts, 'name:n' AS patient_name FROM flow LIMIT 3;
CREATE TABLE later_protocol AS SELECT flow_id, ts, 'id:c' AS patient_id FROM flow LIMIT 1`)
	p := c.Patients
	if p.Count != 3 || p.Outside != 1 || p.Nameless != 3 || len(p.List) != 3 || p.List[0].ID != "id:a" {
		t.Errorf("%+v; want 3 patients, 1 outside, 3 messages without identifier, id:a first", p)
	}
	if c := read(t, before); !strings.HasPrefix(c.PatientLine(), "none counted: the capture holds no clinical message") {
		t.Error(c.PatientLine())
	}
}

// TestClear holds that the report of a case which keeps patient data in clear names no patient.
func TestClear(t *testing.T) {
	c := read(t, `UPDATE case_info SET value = 'clear' WHERE key = 'phi'`)
	if len(c.Patients.List) != 37 {
		t.Fatalf("%d patients", len(c.Patients.List))
	}
	for _, p := range c.Patients.List {
		if p.ID != "" {
			t.Fatalf("the report names %s", p.ID)
		}
	}
}

// TestBlinds holds that each thing the capture lacks is told, and only then.
func TestBlinds(t *testing.T) {
	for script, want := range map[string]string{
		`UPDATE flow SET missed_bytes = 0`: "-lost in",
		`UPDATE flow SET missed_bytes = CASE WHEN frame IN (1, 41, 81, 121) THEN 5 ELSE 0 END`: "20 bytes lost in 4 conversations",
		`UPDATE flow SET service = 'tls' WHERE frame IN (1, 41)`:                               "2 encrypted conversations",
		`UPDATE flow SET service = NULL WHERE frame = 1`:                                       "1 conversation of unknown protocol",
		`UPDATE flow SET first_flags = 24 WHERE frame = 1`:                                     "1 conversation without a beginning",
		`UPDATE flow SET ended = 'memory' WHERE frame = 1`:                                     "1 conversation closed early",
		`UPDATE capture_file SET drops = 7 WHERE file = 1`:                                     "7 packets dropped while capturing",
		`UPDATE capture_file SET complete = false WHERE file = 1`:                              "1 file not read to its end",
		`UPDATE capture_file SET capture_filter = 'port 104'`:                                  "captured with a filter",
		`UPDATE case_info SET value = 'port 104' WHERE key = 'filter'`:                         "analysed with a filter",
		`INSERT INTO case_info VALUES ('count', '10')`:                                         "analysed in part",
		`UPDATE rule_run SET outcome = 'failed' WHERE rule = 'arp/sweep'`:                      "1 rule failed",
		`UPDATE capture_file SET first_ts = TIMESTAMP_NS '2026-11-20 02:40:30' WHERE file = 2`: "-without any capture",
		`UPDATE case_info SET value = 'interrupted' WHERE key = 'state'`:                       "the case is incomplete",
	} {
		var all []string
		for _, b := range read(t, script).Blinds() {
			all = append(all, b.Short)
			if b.Means == "" {
				t.Errorf("%s is not explained", b.Short)
			}
		}
		said := strings.Join(all, "; ")
		if no, absent := strings.CutPrefix(want, "-"); absent == strings.Contains(said, strings.TrimPrefix(want, "-")) {
			t.Errorf("%s: %s; want %q (%v)", script, said, no, !absent)
		}
	}
}

// TestOutline holds that few lines begin at the beginning and let every stage speak.
func TestOutline(t *testing.T) {
	i := read(t, ``).Incidents[0]
	lines, left := i.Outline(5)
	stages := map[string]bool{}
	for k, f := range lines {
		stages[f.Stage] = true
		if k > 0 && lines[k-1].Step >= f.Step {
			t.Error("the lines are not in order of time")
		}
	}
	if len(lines) != 5 || left != 3 || lines[0].Step != 1 || len(stages) != 4 {
		t.Errorf("%d lines of %d stages, %d left, the first is step %d", len(lines), len(stages), left, lines[0].Step)
	}
}

// TestNext holds that what was said is not said again.
func TestNext(t *testing.T) {
	said := map[string]bool{}
	if a, b := unsaid("Do this. Ask the ward.", said), unsaid("Ask the ward. Do that, e.g. now.", said); a != "Do this. Ask the ward." || b != "Do that, e.g. now." {
		t.Errorf("%q, then %q", a, b)
	}
}

func TestWording(t *testing.T) {
	for have, want := range map[string]string{
		Count(48211): "48,211", Count(-1234567): "-1,234,567", Count(0): "0", Of(1, "packet", "packets"): "1 packet", Bytes(212_400_000): "212 MB", Bytes(999): "999 bytes",
		Bytes(1500): "1.5 kB", Share(1, 3): "33 %", Share(999_999, 1_000_000): "more than 99.9 %", Share(1, 1_000_000): "less than 0.1 %", Share(0, 5): "0 %", Share(5, 5): "100 %",
		Span(1200 * time.Millisecond): "1.2 s", Span(250 * time.Second): "4 min 10 s", Span(2*time.Hour + 5*time.Minute): "2 h 5 min", Span(-1): "0 s",
		Join([]string{"a", "b", "c"}, 0): "a, b and c", Join([]string{"a", "b", "c", "d"}, 2): "a, b and 2 more", Join(nil, 3): "",
		clip(strings.Repeat("ä", 5), 3): "äää …",
	} {
		if have != want {
			t.Errorf("%q, want %q", have, want)
		}
	}
}
