package rules_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"testing"

	"wardtrace/analyze"
	"wardtrace/rules"
	"wardtrace/samples"
)

var update = flag.Bool("update", false, "write the samples' findings.jsonl anew")

// caseOf analyses a sample into a case and runs rules on it.
func caseOf(t testing.TB, name string, set []*rules.Rule) *sql.DB {
	t.Helper()
	return caseFrom(t, []string{name}, set, 2)
}

// caseFrom analyses samples into a case, with as many shards as workers, and runs as many rules on it at a time.
func caseFrom(t testing.TB, names []string, set []*rules.Rule, workers int) *sql.DB {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	o := analyze.Options{Case: filepath.Join(dir, "t.case"), PHI: "pseudonym", PHIKey: key, Workers: workers, Memory: 1 << 30}
	for _, name := range names {
		o.Paths = append(o.Paths, samples.Dir(name))
	}
	c, err := analyze.Run(context.Background(), o, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Abandon() })
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	run(t, c.DB, set)
	return c.DB
}

// run runs rules, none of which may fail.
func run(t testing.TB, db *sql.DB, set []*rules.Rule) {
	t.Helper()
	results, err := rules.Run(context.Background(), db, set, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Outcome == rules.Failed {
			t.Errorf("rule %s failed: %s", r.Rule.Name, r.Detail)
		}
	}
}

// fired gives the findings of a case as JSON lines, and how many each rule has.
func fired(t *testing.T, db *sql.DB) (lines []string, count map[string]int) {
	t.Helper()
	rows, err := db.Query(`SELECT rule, level, coalesce(actor, ''), coalesce(target, ''), count, what, coalesce(file, 0), coalesce(frame, 0) FROM finding ORDER BY ts, rule, actor, target, what`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	count = map[string]int{}
	for rows.Next() {
		var f struct {
			Rule, Level, Actor, Target string
			Count                      int64
			What                       string
			File, Frame                int64
		}
		if err := rows.Scan(&f.Rule, &f.Level, &f.Actor, &f.Target, &f.Count, &f.What, &f.File, &f.Frame); err != nil {
			t.Fatal(err)
		}
		count[f.Rule]++
		line, _ := json.Marshal(f)
		lines = append(lines, string(line))
	}
	return lines, count
}

// TestSamples runs every rule on every sample: each fires where its header says so, is silent where the header says so, and no
// rule of kind attack fires on a quiet-* sample. What is found is held against the sample's findings.jsonl, and must be the same when
// every table is shuffled.
func TestSamples(t *testing.T) {
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names, err := samples.List("")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]map[string]int{}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			db := caseOf(t, name, set)
			lines, count := fired(t, db)
			have[name] = count
			golden(t, filepath.Join(samples.Dir(name), "findings.jsonl"), lines)
			if len(lines) > 0 {
				shuffled(t, db, only(set, count), lines)
			}
		})
	}
	for _, r := range set {
		for _, name := range r.Fires {
			if c, ok := have[name]; !ok {
				t.Errorf("rule %s: the sample %s, on which it should fire, is not there", r.Name, name)
			} else if c[r.Name] == 0 {
				t.Errorf("rule %s does not fire on %s", r.Name, name)
			}
		}
		for _, name := range r.Quiet {
			if c, ok := have[name]; !ok || c[r.Name] > 0 {
				t.Errorf("rule %s must be quiet on %s: present %v, %d findings", r.Name, name, ok, c[r.Name])
			}
		}
		for name, c := range have {
			if strings.HasPrefix(name, "quiet-") && r.Kind == "attack" && c[r.Name] > 0 {
				t.Errorf("rule %s, of kind attack, fires on %s", r.Name, name)
			}
		}
	}
}

// only gives the rules that found something.
func only(set []*rules.Rule, count map[string]int) (out []*rules.Rule) {
	for _, r := range set {
		if count[r.Name] > 0 {
			out = append(out, r)
		}
	}
	return out
}

func golden(t *testing.T, path string, lines []string) {
	t.Helper()
	got := strings.Join(append(lines, ""), "\n")
	if len(lines) == 0 {
		got = ""
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: go test ./rules -run TestSamples -update writes it, read it before you commit it", err)
	}
	if string(want) != got {
		t.Errorf("findings are not those of %s\ngot:\n%swant:\n%s", path, got, want)
	}
}

// TestLint holds every shipped rule to the rules for rules.
func TestLint(t *testing.T) {
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db := empty(t)
	for _, r := range set {
		if err := rules.Lint(context.Background(), db, r); err != nil {
			t.Error(err)
		}
	}
}

func empty(t *testing.T) *sql.DB {
	t.Helper()
	db, done, err := analyze.EmptyCase(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { done() })
	if err := rules.CreateTables(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

const head = `-- title:    t
-- level:    low
-- kind:     quality
-- stage:    exposure
-- attack:   -
-- needs:    case_info
-- fires:    x
-- benign:   b
-- response: r
`

const columns = "TIMESTAMP '2026-11-20 02:00:00' AS ts, ts AS until, 'a' AS actor, 'b' AS target, 1 AS flow_id, 1 AS file, 1 AS frame, 1 AS count, 'w' AS what"

// TestLintFinds holds that lint finds what it is for.
func TestLintFinds(t *testing.T) {
	db := empty(t)
	for text, want := range map[string]string{
		head + "SELECT " + columns:                                                            "",
		head + "SELECT " + columns + "; DROP TABLE flow":                                      "not a SELECT",
		head + "SELECT " + columns + ";":                                                      "semicolon",
		head + "DROP TABLE flow":                                                              "not a SELECT",
		head + "SELECT 1 AS ts":                                                               "no column",
		head + "SELECT " + columns + ", 1 AS more":                                            "means nothing",
		head + "SELECT " + columns + ") UNION (SELECT 1":                                      "",
		head + "SELECT first(flow_id) AS x, " + columns + " FROM flow":                        "order of rows",
		head + "SELECT string_agg(service, ',' ORDER BY ts) AS what FROM flow":                "no column",
		head + "SELECT avg(src_bytes) AS x, " + columns + " FROM flow":                        "not rounded",
		head + "SELECT * REPLACE (now()::TIMESTAMP AS ts) FROM (SELECT " + columns + ")":      "another value each time",
		head + "SELECT " + columns + " WHERE TIMESTAMP '2026-01-01' < CURRENT_DATE":           "another value each time",
		strings.Replace(head, "response: r", "response: Unplug it.", 1) + "SELECT " + columns: "may be in use",
		strings.Replace(head, "-- fires:    x\n", "", 1) + "SELECT " + columns:                "fires",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "r.sql"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := rules.Load(rules.Options{Only: dir})
		if err == nil {
			err = rules.Lint(context.Background(), db, set[0])
		}
		switch {
		case strings.Contains(text, "UNION (SELECT"):
			if err == nil {
				t.Errorf("a text that closes the engine's parenthesis passed: %s", text)
			}
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s\ngives %v, want %q", strings.TrimPrefix(text, head), err, want)
		}
	}
}

// TestHostileRule holds that a rule cannot reach out, nor spoil the case, nor end it by failing.
func TestHostileRule(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"reads":  head + "SELECT " + columns + " FROM read_csv('/etc/passwd')",
		"drops":  head + "DROP TABLE flow",
		"two":    head + "SELECT " + columns + "; DROP TABLE flow",
		"closes": head + "SELECT " + columns + ") AS x; DROP TABLE flow; --",
		"many":   head + "SELECT TIMESTAMP '2026-01-01' + INTERVAL (i) DAY AS ts, ts AS until, NULL AS actor, i::VARCHAR AS target, 1 AS flow_id, 1 AS file, 1 AS frame, 1 AS count, 'w' AS what FROM range(20000) r(i)",
		"sound":  head + "SELECT " + columns,
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".sql"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := rules.Load(rules.Options{Only: dir})
	if err != nil {
		t.Fatal(err)
	}
	db := empty(t)
	db.Exec("INSERT INTO case_info VALUES ('x', 'y')")
	results, err := rules.Run(context.Background(), db, set, false)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"reads": "failed 0", "drops": "failed 0", "two": "failed 0", "closes": "failed 0", "many": "ran 10001", "sound": "ran 1"}
	for _, r := range results {
		if got := fmt.Sprint(r.Outcome, " ", r.Findings); got != want[r.Rule.Name] {
			t.Errorf("rule %s: %s (%s), want %s", r.Rule.Name, got, r.Detail, want[r.Rule.Name])
		}
	}
	if _, err := db.Exec("SELECT * FROM flow"); err != nil {
		t.Errorf("the table flow is gone: %v", err)
	}
}

// shuffled holds that no rule depends on the order of rows: with every table shuffled the findings are the same. set are the rules that
// found something: one that did not has nothing whose order could differ.
func shuffled(t *testing.T, db *sql.DB, set []*rules.Rule, want []string) {
	t.Helper()
	shuffle(t, db)
	if _, err := rules.Run(context.Background(), db, set, false); err != nil {
		t.Fatal(err)
	}
	if got, _ := fired(t, db); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("findings depend on the order of rows\n%s\n\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// TestThreads runs every rule on one case of all samples, where hosts, names and numbers of many meet that no sample has alone: what is
// found, its evidence, its incidents and what became of each rule are the same one by one and beside each other, and with every table shuffled.
func TestThreads(t *testing.T) {
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names, err := samples.List("")
	if err != nil {
		t.Fatal(err)
	}
	want := told(t, caseFrom(t, names, set, 1))
	many := caseFrom(t, names, set, 8)
	same(t, "with 8 shards and rules beside each other", want, told(t, many))
	shuffle(t, many)
	run(t, many, set)
	same(t, "with shuffled tables", want, told(t, many))
	if len(want["finding"]) < len(set) {
		t.Errorf("%d findings of %d rules: there is too little to compare", len(want["finding"]), len(set))
	}
}

// told gives all that rules left in a case, in the order in which it stands there.
func told(t *testing.T, db *sql.DB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range []string{"finding", "finding_evidence", "rule_run", "incident"} {
		rows, err := db.Query("SELECT t::VARCHAR FROM " + table + " t ORDER BY rowid")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			out[table] = append(out[table], line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// same holds that two runs told the same, and names the first row that differs.
func same(t *testing.T, when string, want, got map[string][]string) {
	t.Helper()
	for table, rows := range want {
		for i := range max(len(rows), len(got[table])) {
			if i >= len(rows) || i >= len(got[table]) || rows[i] != got[table][i] {
				t.Errorf("%s, %s differs in row %d, of %d and %d:\n%s\n%s", when, table, i, len(rows), len(got[table]),
					append(rows, "")[min(i, len(rows))], append(got[table], "")[min(i, len(got[table]))])
				break
			}
		}
	}
}

func shuffle(t *testing.T, db *sql.DB) {
	t.Helper()
	rows, err := db.Query("SELECT table_name FROM duckdb_tables() WHERE table_name NOT IN ('finding', 'finding_evidence', 'rule_run', 'incident', 'column_doc') AND estimated_size > 1 ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, s)
	}
	rows.Close()
	sort.Strings(tables)
	for _, table := range tables {
		if _, err := db.Exec(fmt.Sprintf("CREATE OR REPLACE TABLE %q AS SELECT * FROM %q ORDER BY hash(%q::VARCHAR) DESC", table, table, table)); err != nil {
			t.Fatal(err)
		}
	}
}
