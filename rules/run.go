package rules

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Outcome is what became of a rule.
type Outcome string

// The outcomes.
const (
	Ran           Outcome = "ran"
	NothingToRead Outcome = "nothing to read"
	CouldNotJudge Outcome = "could not judge"
	Failed        Outcome = "failed"
)

// Result is what became of a rule.
type Result struct {
	Rule     *Rule
	Outcome  Outcome
	Findings int
	Took     time.Duration
	Detail   string
}

// Run runs rules on a case and writes finding, finding_evidence, rule_run and incident. A rule that fails is noted; it does not
// fail the case. With timed, rule_run says how long each took.
func Run(ctx context.Context, db *sql.DB, rules []*Rule, timed bool) ([]Result, error) {
	if err := CreateTables(ctx, db); err != nil {
		return nil, err
	}
	var results []Result
	var all []*finding
	for _, r := range rules {
		begin := time.Now()
		fs, res := runOne(ctx, db, r)
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		res.Rule, res.Findings, res.Took = r, len(fs), time.Since(begin)
		results = append(results, res)
		all = append(all, fs...)
	}
	devices, err := loadDevices(ctx, db)
	if err != nil {
		return results, err
	}
	order(all)
	raise(all, devices)
	for _, f := range all {
		f.name()
	}
	incidents := correlate(all, devices)
	attach(all, incidents, devices)
	return results, save(ctx, db, all, results, incidents, timed)
}

func runOne(ctx context.Context, db *sql.DB, r *Rule) ([]*finding, Result) {
	if res, ok := readable(ctx, db, r); !ok {
		return nil, res
	}
	if err := single(ctx, db, r.Text); err != nil {
		return nil, Result{Outcome: Failed, Detail: err.Error()}
	}
	have, err := columns(ctx, db, r.Text)
	if err != nil {
		return nil, Result{Outcome: Failed, Detail: err.Error()}
	}
	fs, n, err := query(ctx, db, r, have)
	if err != nil {
		return nil, Result{Outcome: Failed, Detail: err.Error()}
	}
	res := Result{Outcome: Ran}
	fs = suppress(fs)
	if n > maxFindings {
		res.Detail = fmt.Sprintf("%d findings, of which the first %d are kept", n, maxFindings)
		last := *fs[len(fs)-1]
		last.what, last.count, last.actor, last.target = "summary: "+res.Detail, n, "", ""
		fs = append(fs, &last)
	}
	return fs, res
}

// query runs a rule's SELECT, nested so that the columns come in the contract's order and the findings in time's.
func query(ctx context.Context, db *sql.DB, r *Rule, have map[string]bool) ([]*finding, int64, error) {
	cols := `ts::TIMESTAMP_NS AS ts, until::TIMESTAMP_NS AS until, actor::VARCHAR AS actor, target::VARCHAR AS target, flow_id::BIGINT AS flow_id,
		file::BIGINT AS file, frame::BIGINT AS frame, "count"::BIGINT AS "count", what::VARCHAR AS what`
	if have["level"] {
		cols += ", level::VARCHAR AS level"
	}
	if have["flows"] {
		cols += fmt.Sprintf(", list_sort(list_distinct(flows::BIGINT[]))[:%d] AS flows", maxFlows) // the ones that name keeps
	}
	rows, err := db.QueryContext(ctx, "SELECT "+cols+" FROM (\n"+r.Text+"\n) ORDER BY ts, file, frame, actor, target, what, until, count")
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var fs []*finding
	var n int64
	for rows.Next() {
		if n++; n > maxFindings {
			continue
		}
		f, err := scan(rows, r, have)
		if err != nil {
			return nil, 0, err
		}
		fs = append(fs, f)
	}
	return fs, n, rows.Err()
}

// carriers are ports on which a protocol's bytes are expected. Bytes there that nobody could read, or that are encrypted,
// make "not seen" a thing that the capture could not show.
var carriers = map[string]string{
	"dicom":  "104, 2761, 2762, 4242, 11112, 11113",
	"hl7":    "2575, 2576, 6661",
	"mqtt":   "1883, 8883",
	"dns":    "53, 853",
	"http":   "80, 443, 8080, 8443",
	"telnet": "23, 992",
	"ftp":    "21, 990",
	"tls":    "443",
}

// readable tells whether a rule has something to read.
func readable(ctx context.Context, db *sql.DB, r *Rule) (Result, bool) {
	for _, table := range r.Needs {
		var n int
		err := db.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM "`+strings.ReplaceAll(table, `"`, `""`)+`" LIMIT 1)`).Scan(&n)
		if err != nil {
			return Result{Outcome: Failed, Detail: err.Error()}, false
		}
		if n > 0 {
			continue
		}
		protocol, _, _ := strings.Cut(table, "_")
		if ports, ok := carriers[protocol]; ok {
			var flows int64
			err := db.QueryRowContext(ctx, `SELECT count(*) FROM flow WHERE dst_port IN (`+ports+`) AND src_bytes + dst_bytes > 0
				AND (service IS NULL OR service = 'tls')`).Scan(&flows)
			if err == nil && flows > 0 {
				return Result{Outcome: CouldNotJudge, Detail: fmt.Sprintf("%d flows on ports of %s are encrypted or could not be read", flows, protocol)}, false
			}
		}
		return Result{Outcome: NothingToRead, Detail: "no row in " + table}, false
	}
	return Result{}, true
}

// save writes everything in one transaction.
func save(ctx context.Context, db *sql.DB, fs []*finding, results []Result, incidents []*incident, timed bool) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var found, evidence, runs, incs [][]any
	for _, f := range fs {
		found = append(found, f.row())
		evidence = append(evidence, f.evidence()...)
	}
	for _, r := range results {
		var ms any
		if timed {
			ms = r.Took.Milliseconds()
		}
		runs = append(runs, []any{r.Rule.Name, r.Rule.Title, r.Rule.Hash, string(r.Outcome), r.Findings, ms, null(r.Detail), r.Rule.Response, r.Rule.Benign})
	}
	for _, i := range incidents {
		incs = append(incs, i.row())
	}
	for _, t := range []struct {
		name string
		rows [][]any
	}{{"finding", found}, {"finding_evidence", evidence}, {"rule_run", runs}, {"incident", incs}} {
		if err := insert(ctx, tx, t.name, t.rows); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Worst is the gravest level of a case's findings of kind attack or posture, 0 if there are none.
func Worst(ctx context.Context, db *sql.DB) (Level, error) {
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT level FROM finding WHERE kind <> 'quality'")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	worst := Level(0)
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return 0, err
		}
		if l, err := ParseLevel(s); err == nil {
			worst = max(worst, l)
		}
	}
	return worst, rows.Err()
}
