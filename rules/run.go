package rules

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
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
	Err      error // why it failed
}

// Run runs rules on a case and writes finding, finding_evidence, rule_run and incident. A rule that fails is noted; it does not
// fail the case. With timed, rule_run says how long each took; the rules then run one by one, since a time taken beside others says
// little of the rule.
func Run(ctx context.Context, db *sql.DB, rules []*Rule, timed bool) ([]Result, error) {
	if err := CreateTables(ctx, db); err != nil {
		return nil, err
	}
	workers := runtime.GOMAXPROCS(0)
	if timed {
		workers = 1
	}
	all, results, err := runAll(ctx, db, rules, workers)
	if err != nil {
		return results, err
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

// runAll runs rules. Those with little to read run several at a time: nearly all of their time is DuckDB's planning, which takes one
// processor. Those with much run alone, with all of DuckDB's memory: two that sort and group at once under its limit have crashed it. What rules give is put together in their order, so that nothing depends on which was done first.
func runAll(ctx context.Context, db *sql.DB, rules []*Rule, workers int) ([]*finding, []Result, error) {
	have, err := lookOver(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	found, results := make([][]*finding, len(rules)), make([]Result, len(rules))
	run := func(i int) {
		begin := time.Now()
		found[i], results[i] = runOne(ctx, db, rules[i], have)
		results[i].Rule, results[i].Findings, results[i].Took = rules[i], len(found[i]), time.Since(begin)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(workers, maxWorkers) {
		wg.Go(func() {
			for i := range next {
				run(i)
			}
		})
	}
	var alone []int
	for i, r := range rules {
		if _, ok := have.enough(r); ok && have.load(r) > lightRows {
			alone = append(alone, i)
			continue
		}
		next <- i
	}
	close(next)
	wg.Wait()
	for _, i := range alone {
		run(i)
	}
	var all []*finding
	for _, fs := range found {
		all = append(all, fs...)
	}
	return all, results, ctx.Err()
}

// Caps of what runs at once.
const (
	lightRows  = 150_000 // rows of the tables that a rule reads: some 30 MB where it sorts them all
	maxWorkers = 4       // rules: what they hold together stays far below DuckDB's memory limit
)

func runOne(ctx context.Context, db *sql.DB, r *Rule, have *rowsOf) ([]*finding, Result) {
	if res, ok := have.enough(r); !ok || ctx.Err() != nil {
		return nil, res
	}
	if !r.shipped { // shipped ones were checked when the program was made: TestLint
		if err := sound(ctx, db, r.Text); err != nil {
			return nil, Result{Outcome: Failed, Detail: err.Error(), Err: err}
		}
	}
	fs, n, err := query(ctx, db, r)
	if err != nil {
		return nil, Result{Outcome: Failed, Detail: err.Error(), Err: err}
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

// nest puts a rule's SELECT into another, so that the columns come in the contract's order, whether or not the optional ones are there,
// and the findings in time's. Of the flows those are kept that name keeps.
const nest = `SELECT ts::TIMESTAMP_NS AS ts, until::TIMESTAMP_NS AS until, actor::VARCHAR AS actor, target::VARCHAR AS target, flow_id::BIGINT AS flow_id,
	file::BIGINT AS file, frame::BIGINT AS frame, "count"::BIGINT AS "count", what::VARCHAR AS what, level::VARCHAR AS level,
	list_sort(list_distinct(flows::BIGINT[]))[:%d] AS flows
FROM (SELECT NULL::VARCHAR AS level, NULL::BIGINT[] AS flows WHERE false UNION ALL BY NAME (
%s
)) ORDER BY ts, file, frame, actor, target, what, until, count`

// query runs a rule's SELECT and gives its findings, at most maxFindings, and how many there were.
func query(ctx context.Context, db *sql.DB, r *Rule) ([]*finding, int64, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf(nest, maxFlows, r.Text))
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
		f, err := scan(rows, r)
		if err != nil {
			return nil, 0, err
		}
		fs = append(fs, f)
	}
	return fs, n, rows.Err()
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
