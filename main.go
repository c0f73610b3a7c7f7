// Command wardtrace turns packet captures of a hospital network into a case and an incident timeline.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"wardtrace/analyze"
	"wardtrace/analyze/capture"
	"wardtrace/analyze/device"
	"wardtrace/analyze/store"
	"wardtrace/report"
	"wardtrace/report/escape"
	"wardtrace/report/model"
	"wardtrace/report/progress"
	"wardtrace/report/rows"
	"wardtrace/report/summary"
	"wardtrace/rules"
)

// Exit codes. Where several hold, the order is 130, 4, 2, 1, 3.
const (
	exitDone        = 0
	exitFindings    = 1
	exitUsage       = 2
	exitDamaged     = 3
	exitFailed      = 4
	exitInterrupted = 130
)

const exitHelp = `
Exit codes: 0 done; 1 findings at or above --fail-on (lint: a fault; verify: something does not hold); 2 wrong usage, or nothing
readable; 3 done, but some evidence was damaged (listed), or could not be checked; 4 failed (disk full, bug); 130 interrupted, the
partial case is marked so.
`

// env is what a command may touch of the outside.
type env struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// command is a verb.
type command struct {
	name, args, does, example string
	run                       func(e *env, c *command, args []string) (int, error)
}

func commands() []*command {
	return []*command{
		{"analyze", "PATH...", "captures to a case: flows, devices, clinical messages, findings, report", "wardtrace analyze captures/ -o night.case", runAnalyze},
		{"report", "CASE", "write a case as html, markdown, csv, jsonl or timesketch", "wardtrace report night.case --format markdown -o night.md", runReport},
		{"query", "CASE 'SQL'", "read-only SQL over a case", "wardtrace query night.case 'SELECT title, actor, target FROM finding ORDER BY ts'", runQuery},
		{"rules", "list | lint [DIR] | run CASE", "the detection rules: list them, check them, run them on a case again", "wardtrace rules run night.case --rules my-rules/", runRules},
		{"carve", "CASE -w FILE", "the packets behind a finding, an incident, a flow, a device, a patient or a time, as a capture", "wardtrace carve night.case --finding 3fa9 -w finding.pcapng", runCarve},
		{"extract", "CASE -o DIR", "objects and files that crossed the wire: DICOM, HL7, HTTP, FTP, TFTP", "wardtrace extract night.case -o objects/", runExtract},
		{"verify", "CASE [PATH...]", "hashes of evidence, chain of custody, and the case made again from its captures", "wardtrace verify night.case", runVerify},
		{"reveal", "CASE [PSEUDONYM...]", "name the patients behind pseudonyms, with the key; it is logged", "wardtrace reveal night.case id:39ca12fe8748e2ee", runReveal},
		{"version", "", "build and the versions of what is embedded", "wardtrace version", runVersion},
	}
}

func main() {
	syscall.Umask(0o077) // what is written holds patient data
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(&env{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}, os.Args[1:])
	cancel()
	os.Exit(code)
}

// run finds the verb and maps its error to an exit code.
func run(e *env, args []string) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		usageText(e.stdout)
		if len(args) == 0 {
			return exitUsage
		}
		return exitDone
	}
	if args[0] == "--version" || args[0] == "-V" {
		args[0] = "version"
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		code, err := c.run(e, c, args[1:])
		if errors.Is(err, pflag.ErrHelp) {
			return exitDone
		}
		if err != nil {
			said := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "usage: "), context.Canceled.Error(), "interrupted")
			fmt.Fprintf(e.stderr, "wardtrace %s: %s\n", c.name, escape.Lines(said)) // it may name a file as an archive does
			return max(code, exitCode(err))
		}
		return code
	}
	fmt.Fprintf(e.stderr, "wardtrace: there is no verb %q; see wardtrace --help\n", args[0])
	return exitUsage
}

func exitCode(err error) int {
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, analyze.ErrUsage), errors.Is(err, capture.ErrUsage), errors.Is(err, capture.ErrNothingReadable), errors.Is(err, store.ErrNoCase):
		return exitUsage
	}
	return exitFailed
}

func usageText(w io.Writer) {
	fmt.Fprintln(w, "wardtrace turns packet captures of a hospital network into a case and an incident timeline.")
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintf(w, "  wardtrace %-8s %-30s %s\n", c.name, c.args, c.does)
	}
	fmt.Fprintln(w, "\nwardtrace VERB --help tells more.")
	fmt.Fprint(w, exitHelp)
}

// flags makes a verb's flag set with its help text.
func flags(e *env, c *command) *pflag.FlagSet {
	f := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	f.SetOutput(e.stderr)
	f.SortFlags = false
	f.Usage = func() {
		fmt.Fprintf(e.stdout, "wardtrace %s %s\n\n%s\n", c.name, c.args, c.does)
		if u := f.FlagUsagesWrapped(110); u != "" {
			fmt.Fprintf(e.stdout, "\n%s", u)
		}
		fmt.Fprintf(e.stdout, "\nExample: %s\n%s", c.example, exitHelp)
	}
	return f
}

func usagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", analyze.ErrUsage, fmt.Sprintf(format, args...))
}

func parse(f *pflag.FlagSet, args []string) error {
	err := f.Parse(args)
	if err == nil || errors.Is(err, pflag.ErrHelp) {
		return err
	}
	return usagef("%v; see wardtrace %s --help", err, f.Name())
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	rev := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			rev = s.Value[:min(12, len(s.Value))]
		}
	}
	return rev
}

func runAnalyze(e *env, c *command, args []string) (int, error) {
	var opt analyze.Options
	var ruleOpt rules.Options
	var failOn string
	say := &saying{began: time.Now()}
	f := flags(e, c)
	opt.AddFlags(f)
	ruleOpt.AddFlags(f)
	f.StringVar(&failOn, "fail-on", "", "exit with 1 if there is a finding at or above this `level`")
	f.BoolVarP(&say.quiet, "quiet", "q", false, "say nothing when all is well: one line on standard error if the exit code is not 0")
	f.BoolVarP(&say.verbose, "verbose", "v", false, "list every rule with its outcome and time, and every damage")
	f.StringVar(&say.summary, "summary", "text", "how to sum up, `format`: "+strings.Join(summary.Formats, ", ")+"; line and json are printed with -q too")
	if err := parse(f, args); err != nil {
		return 0, err
	}
	if err := opt.Complete(f.Args()); err != nil {
		return 0, err
	}
	var err error
	if say.fail, err = failLevel("--fail-on", failOn); err != nil {
		return 0, err
	}
	if !slices.Contains(summary.Formats, say.summary) {
		return 0, usagef("--summary %q is none of %s", say.summary, strings.Join(summary.Formats, ", "))
	}
	carve, err := failLevel("--carve-findings", opt.CarveLevel)
	if err != nil {
		return 0, err
	}
	set, err := rules.Load(ruleOpt)
	if err != nil {
		return 0, usagef("%v", err)
	}
	command := append([]string{"wardtrace", "analyze"}, args...)
	bar := progress.New(e.stderr, !say.quiet)
	cs, err := analyze.Run(e.ctx, opt, e.stdin, bar.Update)
	bar.Done()
	var code int
	if err == nil {
		code, err = finish(e, cs, set, command, say)
	}
	if err != nil {
		return say.failure(e, opt.Case, err)
	}
	if carve == 0 {
		return code, nil
	}
	return code, carveFindings(e, analyze.CarveOptions{Case: opt.Case, Version: version(), Command: command}, carve, say.quiet || say.short())
}

// saying is what a run says in the end, and when its exit code is 1.
type saying struct {
	quiet, verbose bool
	summary        string // of summary.Formats; "" is text
	fail           rules.Level
	began          time.Time
}

// short tells that one line is asked for: nothing else goes to standard output.
func (s *saying) short() bool { return s.summary == "line" || s.summary == "json" }

// sum writes the summary of a case. line is nil where nobody will see one.
func (s *saying) sum(e *env, told *model.Case, dir string, code int) (text string, line *summary.Line, err error) {
	if s.short() || s.quiet && code != exitDone {
		line = summary.Of(told)
		line.Case, line.State, line.Exit = dir, "complete", code
	}
	if s.short() || s.quiet {
		return "", line, nil
	}
	var b strings.Builder
	err = summary.Text(&b, told, summary.Options{Case: dir, Colour: colour(e.stdout), Verbose: s.verbose})
	return b.String(), nil, err
}

// tell prints a line where it is asked for, or to standard error where a quiet run has something to say.
func (s *saying) tell(e *env, line *summary.Line) {
	line.Seconds = math.Round(time.Since(s.began).Seconds()*1000) / 1000
	switch {
	case s.summary == "json":
		io.WriteString(e.stdout, line.JSON())
	case s.summary == "line":
		fmt.Fprintln(e.stdout, line)
	case line.State == "complete" && s.quiet && line.Exit != exitDone:
		fmt.Fprintln(e.stderr, "wardtrace analyze: "+line.String())
	}
}

// failure ends a run that made no case: with its error, or because there is nothing new.
func (s *saying) failure(e *env, dir string, err error) (int, error) {
	line := &summary.Line{Case: dir, State: "failed", Exit: exitCode(err), Error: strings.TrimPrefix(err.Error(), "usage: ")}
	switch {
	case errors.Is(err, analyze.ErrNothingNew):
		line.State, line.Exit = "skipped", exitDone
		if err = nil; !s.quiet {
			fmt.Fprintf(e.stderr, "wardtrace analyze: %s\n", escape.Terminal(line.Error))
		}
	case line.Exit == exitInterrupted:
		line.State = "interrupted"
	}
	s.tell(e, line)
	return line.Exit, err
}

// carveFindings writes a capture for each finding at or above a level into a case that is complete.
func carveFindings(e *env, opt analyze.CarveOptions, least rules.Level, quiet bool) error {
	var levels []string
	for l := least; l <= rules.Critical; l++ {
		levels = append(levels, l.String())
	}
	bar := progress.New(e.stderr, !quiet)
	got, err := analyze.CarveFindings(e.ctx, opt, levels, bar.Update)
	bar.Done()
	if err != nil {
		return fmt.Errorf("the case is complete, but its findings could not be carved: %w", err)
	}
	if !quiet {
		fmt.Fprintf(e.stdout, "  carved     %d findings into %s; %d are shown by no packet\n", got.Files, escape.Terminal(filepath.Join(opt.Case, "carved")), got.None)
		fmt.Fprintf(e.stdout, "  custody    %s with that noted in it\n", got.Head)
	}
	if got.Left > 0 || got.Cut > 0 {
		fmt.Fprintf(e.stderr, "wardtrace analyze: %d findings and %d packets were not carved: they are more than a case keeps; wardtrace carve writes them one by one\n", got.Left, got.Cut)
	}
	return nil
}

// finish runs the rules on a case that was filled, writes its reports, completes it and prints the summary.
func finish(e *env, cs *analyze.Case, set []*rules.Rule, command []string, say *saying) (int, error) {
	abandon := func(err error) (int, error) {
		if e.ctx.Err() != nil {
			return 0, errors.Join(err, cs.Interrupted())
		}
		return 0, errors.Join(err, cs.Abandon())
	}
	err := cs.Ask(e.ctx, func(db *sql.DB, last bool) error { return runAll(e.ctx, db, set, say.verbose, last) })
	if err != nil {
		return abandon(err)
	}
	var told *model.Case // read once, for the page and for the summary
	err = cs.Ask(e.ctx, func(db *sql.DB, _ bool) (err error) {
		told, err = model.Read(e.ctx, db)
		return err
	})
	if err != nil {
		return abandon(err)
	}
	for _, format := range report.Formats {
		if format.InCase == "" {
			continue
		}
		err := cs.Ask(e.ctx, func(db *sql.DB, _ bool) error {
			return writeFile(e.ctx, filepath.Join(cs.Dir, format.InCase), db, format, told)
		})
		if err != nil {
			return abandon(err)
		}
	}
	worst, err := rules.Worst(e.ctx, cs.DB)
	if err != nil {
		return abandon(err)
	}
	code := exitDone
	switch {
	case say.fail != 0 && worst >= say.fail:
		code = exitFindings
	case cs.Damaged():
		code = exitDamaged
	}
	text, line, err := say.sum(e, told, cs.Dir, code)
	if err != nil {
		return abandon(err)
	}
	hashes := map[string]string{}
	for _, r := range set {
		hashes[r.Name] = r.Hash
	}
	if err := cs.Complete(e.ctx, version(), command, hashes); err != nil {
		return 0, err
	}
	if line != nil {
		line.Custody = cs.Head()
		say.tell(e, line)
	} else if !say.quiet {
		io.WriteString(e.stdout, text)
		fmt.Fprintf(e.stdout, "  custody    %s; noted down, it holds the log to what it is now (verify --head)\n", cs.Head())
	}
	return code, nil
}

// runAll runs rules. One that lacked memory fails the run, unless it is the last: then it is noted, as any rule that fails.
func runAll(ctx context.Context, db *sql.DB, set []*rules.Rule, timed, last bool) error {
	results, err := rules.Run(ctx, db, set, timed)
	if err != nil || last {
		return err
	}
	for _, r := range results {
		if store.OutOfMemory(r.Err) {
			return r.Err
		}
	}
	return nil
}

func failLevel(flag, s string) (rules.Level, error) {
	if s == "" {
		return 0, nil
	}
	l, err := rules.ParseLevel(s)
	if err != nil {
		return 0, usagef("%s: %v", flag, err)
	}
	return l, nil
}

func writeFile(ctx context.Context, path string, db *sql.DB, format report.Format, told *model.Case) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("cannot write the report: %w", err)
	}
	w := bufio.NewWriter(f)
	err = errors.Join(format.Write(ctx, w, db, told), w.Flush(), f.Close())
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// open opens the case that is the verb's first argument for reading, and says so where it is not complete.
func open(e *env, dir string) (*sql.DB, error) {
	db, state, err := analyze.Open(e.ctx, dir)
	if err != nil {
		return nil, err
	}
	warn(e, dir, state)
	return db, nil
}

func warn(e *env, dir, state string) {
	if state != "complete" {
		fmt.Fprintf(e.stderr, "wardtrace: case %s is INCOMPLETE (%s): it was interrupted or is still being written; what is missing cannot be told\n", dir, state)
	}
}

func runReport(e *env, c *command, args []string) (int, error) {
	var name, out string
	f := flags(e, c)
	f.StringVar(&name, "format", "html", "`format`: "+strings.Join(report.Names(), ", "))
	f.StringVarP(&out, "output", "o", "-", "`file` to write, - for standard output")
	if err := parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, usagef("name one case; see wardtrace report --help")
	}
	format, ok := report.Find(name)
	if !ok {
		return 0, usagef("--format %q is none of %s", name, strings.Join(report.Names(), ", "))
	}
	db, err := open(e, f.Arg(0))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	command := append([]string{"wardtrace", "report"}, args...)
	if out != "-" {
		if err := analyze.Apart(f.Arg(0), out); err != nil {
			return 0, err
		}
		if err := writeFile(e.ctx, out, db, format, nil); err != nil {
			return 0, err
		}
		note(e, f.Arg(0), command, "wrote a report of this case", out)
		return 0, nil
	}
	note(e, f.Arg(0), command, "printed a report of this case")
	w := bufio.NewWriter(e.stdout)
	return 0, errors.Join(format.Write(e.ctx, w, db, nil), w.Flush())
}

// note writes into the custody log what is taken out of a case. A case on a medium that cannot be written to can be read all the same.
func note(e *env, dir string, command []string, act string, files ...string) {
	if err := analyze.Note(dir, version(), command, act, files...); err != nil {
		fmt.Fprintf(e.stderr, "wardtrace: this is not in the case's custody log: %s\n", escape.Terminal(err.Error()))
	}
}

func runQuery(e *env, c *command, args []string) (int, error) {
	var format string
	f := flags(e, c)
	f.StringVar(&format, "format", "table", "`format`: "+strings.Join(rows.Formats, ", "))
	if err := parse(f, args); err != nil {
		return 0, err
	}
	if f.NArg() != 2 {
		return 0, usagef("name one case and one SQL text in quotes; see wardtrace query --help")
	}
	db, err := open(e, f.Arg(0))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	clear, err := analyze.Clear(e.ctx, db)
	if err != nil {
		return 0, err
	}
	if clear {
		note(e, f.Arg(0), append([]string{"wardtrace", "query"}, args...), "queried this case, which keeps patient data in clear")
	}
	if err := rules.Harmless(e.ctx, db, f.Arg(1)); err != nil {
		return 0, usagef("the SQL is not right: %s", escape.Terminal(err.Error()))
	}
	answer, err := db.QueryContext(e.ctx, f.Arg(1))
	if err != nil {
		return 0, usagef("the SQL is not right: %s", escape.Terminal(err.Error()))
	}
	defer answer.Close()
	w := bufio.NewWriter(e.stdout)
	if err := rows.Write(w, answer, format); err != nil {
		return 0, usagef("%v", err)
	}
	return 0, w.Flush()
}

func runRules(e *env, c *command, args []string) (int, error) {
	var opt rules.Options
	f := flags(e, c)
	opt.AddFlags(f)
	if err := parse(f, args); err != nil {
		return 0, err
	}
	switch {
	case f.NArg() == 1 && f.Arg(0) == "list":
		return listRules(e, opt)
	case f.NArg() >= 1 && f.NArg() <= 2 && f.Arg(0) == "lint":
		if f.NArg() == 2 {
			opt.Only = f.Arg(1)
		}
		return lintRules(e, opt)
	case f.NArg() == 2 && f.Arg(0) == "run":
		return rerun(e, f.Arg(1), opt, append([]string{"wardtrace", "rules"}, args...))
	}
	return 0, usagef("rules takes list, lint [DIR] or run CASE; see wardtrace rules --help")
}

func listRules(e *env, opt rules.Options) (int, error) {
	set, err := rules.Load(opt)
	for _, r := range set {
		fmt.Fprintf(e.stdout, "%-13s %-8s %-34s %s\n", r.Level, r.Kind, r.Name, r.Title)
	}
	return 0, err
}

// lintRules checks rules against the tables of an empty case in memory.
func lintRules(e *env, opt rules.Options) (int, error) {
	set, err := rules.Load(opt)
	db, close, dberr := analyze.EmptyCase(e.ctx)
	if dberr != nil {
		return 0, dberr
	}
	defer close()
	if dberr := rules.CreateTables(e.ctx, db); dberr != nil {
		return 0, dberr
	}
	for _, r := range set {
		err = errors.Join(err, rules.Lint(e.ctx, db, r))
	}
	if err != nil {
		fmt.Fprintln(e.stdout, escape.Lines(err.Error()))
		return exitFindings, nil
	}
	fmt.Fprintf(e.stdout, "%d rules, no fault\n", len(set))
	return 0, nil
}

// rerun runs rules on a case again and writes its reports anew.
func rerun(e *env, dir string, opt rules.Options, command []string) (int, error) {
	set, err := rules.Load(opt)
	if err != nil {
		return 0, usagef("%v", err)
	}
	cs, state, err := analyze.Reopen(e.ctx, dir)
	if err != nil {
		return 0, err
	}
	warn(e, dir, state)
	if state != "complete" {
		return 0, errors.Join(usagef("rules do not run on a case that is not complete; analyse the captures again with -C"), cs.Abandon())
	}
	return finish(e, cs, set, command, &saying{began: time.Now()})
}

// runExtract writes the objects of a case's captures. They hold patient data: it is asked for, and logged.
func runExtract(e *env, c *command, args []string) (int, error) {
	var opt analyze.ExtractOptions
	var quiet bool
	f := flags(e, c)
	opt.AddFlags(f)
	f.BoolVarP(&quiet, "quiet", "q", false, "say nothing but errors")
	if err := parse(f, args); err != nil {
		return 0, err
	}
	if err := opt.Complete(f.Args()); err != nil {
		return 0, err
	}
	opt.Version, opt.Command = version(), append([]string{"wardtrace", "extract"}, args...)
	bar := progress.New(e.stderr, !quiet)
	got, err := analyze.Extract(e.ctx, opt, bar.Update)
	bar.Done()
	if err != nil {
		return 0, err
	}
	if !quiet {
		fmt.Fprintf(e.stdout, "%d objects, %d of them different, in %s; index.jsonl and index.csv name the packets of each\n", len(got.Objects), got.Files,
			escape.Terminal(opt.Dir))
	}
	if got.Left > 0 {
		fmt.Fprintf(e.stderr, "wardtrace extract: %d objects were left out: a limit was reached; the index says which\n", got.Left)
		return exitDamaged, nil
	}
	return exitDone, nil
}

// runCarve writes packets of a case's captures as a capture of their own. They hold patient data: it is asked for, and logged.
func runCarve(e *env, c *command, args []string) (int, error) {
	var opt analyze.CarveOptions
	var quiet bool
	f := flags(e, c)
	opt.AddFlags(f)
	f.BoolVarP(&quiet, "quiet", "q", false, "say nothing but errors")
	if err := parse(f, args); err != nil {
		return 0, err
	}
	if err := opt.Complete(f.Args()); err != nil {
		return 0, err
	}
	opt.Version, opt.Command, opt.Harmless = version(), append([]string{"wardtrace", "carve"}, args...), rules.Harmless
	bar := progress.New(e.stderr, !quiet)
	got, err := analyze.Carve(e.ctx, opt, e.stdout, bar.Update)
	bar.Done()
	if err != nil {
		return 0, err
	}
	warn(e, opt.Case, got.State)
	if !quiet { // data goes to standard output, all else does not
		fmt.Fprintf(e.stderr, "%d packets of %d conversations in %s; %d of %d captures read; SHA-256 %s\n", got.Packets, got.Flows,
			escape.Terminal(opt.Out), got.Files, got.All, got.SHA256)
	}
	if got.Missing > 0 {
		fmt.Fprintf(e.stderr, "wardtrace carve: %d packets of the case did not come again: the captures could not be read as they were\n", got.Missing)
		return exitDamaged, nil
	}
	return exitDone, nil
}

// runVerify checks a case against its log, its manifest and its captures, and says of each thing whether it holds.
func runVerify(e *env, c *command, args []string) (int, error) {
	var opt analyze.VerifyOptions
	var ruleOpt rules.Options
	var quiet bool
	f := flags(e, c)
	opt.AddFlags(f)
	ruleOpt.AddFlags(f)
	f.BoolVarP(&quiet, "quiet", "q", false, "name only what does not hold or could not be checked")
	if err := parse(f, args); err != nil {
		return 0, err
	}
	if err := opt.Complete(f.Args()); err != nil {
		return 0, err
	}
	if err := atHand(&opt, ruleOpt); err != nil {
		return 0, usagef("%v", err)
	}
	opt.Version, opt.Command = version(), append([]string{"wardtrace", "verify"}, args...)
	bar := progress.New(e.stderr, !quiet && !opt.Quick)
	got, err := analyze.Verify(e.ctx, opt, bar.Update)
	bar.Done()
	if err != nil {
		return 0, err
	}
	for _, check := range got.Checks {
		if !quiet || check.Verdict != analyze.Holds {
			fmt.Fprintf(e.stdout, "  %-15s  %s: %s\n", check.Verdict, escape.Terminal(check.What), escape.Terminal(check.Detail))
		}
	}
	if !quiet {
		fmt.Fprintf(e.stdout, "  %d of %d hold, %d do not, %d could not be checked\n", got.Count(analyze.Holds), len(got.Checks), got.Count(analyze.Fails), got.Count(analyze.Unchecked))
	}
	if got.Unlogged != nil {
		fmt.Fprintf(e.stderr, "wardtrace verify: this verification is not in the custody log: %s\n", escape.Terminal(got.Unlogged.Error()))
	}
	return map[analyze.Verdict]int{analyze.Holds: exitDone, analyze.Unchecked: exitDamaged, analyze.Fails: exitFindings}[got.Worst()], nil
}

// atHand tells verify which rules there are, and how those of a case are run.
func atHand(opt *analyze.VerifyOptions, ruleOpt rules.Options) error {
	set, err := rules.Load(ruleOpt)
	if err != nil {
		return err
	}
	shipped, err := rules.Load(rules.Options{})
	if err != nil {
		return err
	}
	opt.Rules, opt.Shipped = map[string]string{}, map[string]bool{}
	for _, r := range set {
		opt.Rules[r.Name] = r.Hash
	}
	for _, r := range shipped {
		opt.Shipped[r.Name] = true
	}
	opt.Run = func(ctx context.Context, db *sql.DB, ran map[string]string, last bool) error {
		of := slices.DeleteFunc(slices.Clone(set), func(r *rules.Rule) bool { return ran[r.Name] == "" })
		return runAll(ctx, db, of, false, last)
	}
	return nil
}

// runReveal names patients. It is logged before anything is said.
func runReveal(e *env, c *command, args []string) (int, error) {
	var opt analyze.RevealOptions
	var format string
	f := flags(e, c)
	opt.AddFlags(f)
	f.StringVar(&format, "format", "table", "`format`: "+strings.Join(rows.Formats, ", "))
	if err := parse(f, args); err != nil {
		return 0, err
	}
	if err := opt.Complete(f.Args()); err != nil {
		return 0, err
	}
	if !slices.Contains(rows.Formats, format) {
		return 0, usagef("--format %q is none of %s", format, strings.Join(rows.Formats, ", "))
	}
	opt.Version, opt.Command = version(), append([]string{"wardtrace", "reveal"}, args...)
	found, missing, err := analyze.Reveal(e.ctx, opt)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriter(e.stdout)
	out, err := rows.New(w, []string{"pseudonym", "kind", "value"}, format)
	for _, r := range found {
		err = errors.Join(err, out.Row([]any{r.Pseudonym, r.Kind, r.Value}))
	}
	if err = errors.Join(err, out.End(), w.Flush()); err != nil {
		return 0, err
	}
	for _, p := range missing {
		fmt.Fprintf(e.stderr, "wardtrace reveal: the case keeps no value for %s\n", p)
	}
	if len(missing) > 0 {
		return exitUsage, nil
	}
	return exitDone, nil
}

func runVersion(e *env, c *command, args []string) (int, error) {
	if err := parse(flags(e, c), args); err != nil {
		return 0, err
	}
	set, err := rules.Load(rules.Options{})
	fmt.Fprintf(e.stdout, "wardtrace %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(e.stdout, "rules     %d\n", len(set))
	fmt.Fprintf(e.stdout, "data      hardware addresses %s\n", device.DataDate)
	return 0, err
}

// colour tells whether colours may be written: to a terminal, unless NO_COLOR is set.
func colour(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
