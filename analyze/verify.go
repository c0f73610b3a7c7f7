package analyze

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardtrace/analyze/custody"
	"wardtrace/analyze/store"
)

// Verdict is what became of a check.
type Verdict int

// The verdicts.
const (
	Holds Verdict = iota
	Unchecked
	Fails
)

func (v Verdict) String() string { return [...]string{"holds", "could not check", "DOES NOT HOLD"}[v] }

// Check is one thing that was checked.
type Check struct {
	What    string
	Verdict Verdict
	Detail  string
}

// Verified is what a verification gave.
type Verified struct {
	Checks   []Check
	Unlogged error // why it does not stand in the custody log; nil if it does
}

// Worst is the gravest verdict.
func (v *Verified) Worst() Verdict {
	worst := Holds
	for _, c := range v.Checks {
		worst = max(worst, c.Verdict)
	}
	return worst
}

// Count is how many checks had a verdict.
func (v *Verified) Count(verdict Verdict) (n int) {
	for _, c := range v.Checks {
		if c.Verdict == verdict {
			n++
		}
	}
	return n
}

// Verify checks what a case says of itself: the chain of its log, the manifest, files, tables and captures by their hashes; and, unless it
// shall be quick, makes the case again from the captures and compares every row. Its error is about what kept it from checking
// anything. What holds is only as good as the log: who can write the case can write it all anew, and is found by the captures, or by who
// has noted the hash of the log's last line.
func Verify(ctx context.Context, opt VerifyOptions, progress Progress) (*Verified, error) {
	if mark := unfinished(opt.Case); mark != "" {
		return nil, usage("case %s is not complete, so there is nothing to hold it to: %s", opt.Case, mark)
	}
	v := &verifier{opt: opt}
	if !v.exists() {
		return nil, fmt.Errorf("%w in %s", store.ErrNoCase, opt.Case)
	}
	v.log()
	v.readManifest()
	db, state, err := Open(ctx, opt.Case)
	if err == nil {
		defer db.Close()
		if state != "complete" && v.m == nil {
			return nil, usage("case %s is not complete, so there is nothing to hold it to: it is %s", opt.Case, state)
		}
		v.db = db
	} else {
		v.say("database", Fails, "%v", err)
	}
	if v.m != nil {
		err = v.all(ctx, progress)
	} else {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return &Verified{Checks: v.checks, Unlogged: v.note()}, nil
}

// verifier is one verification on its way.
type verifier struct {
	opt    VerifyOptions
	m      *Manifest         // nil if there is none
	logged string            // the manifest's hash, as the log has it
	carved map[string]string // hashes of captures in the case that were carved from it, as the log has them
	db     *sql.DB           // nil if it cannot be opened
	checks []Check
}

func (v *verifier) say(what string, verdict Verdict, format string, args ...any) {
	v.checks = append(v.checks, Check{what, verdict, fmt.Sprintf(format, args...)})
}

// exists tells whether anything of a case is there.
func (v *verifier) exists() bool {
	for _, name := range []string{"case.duckdb", manifestName, custody.FileName} {
		if _, err := os.Stat(filepath.Join(v.opt.Case, name)); err == nil {
			return true
		}
	}
	return false
}

// all checks what the manifest says.
func (v *verifier) all(ctx context.Context, progress Progress) error {
	v.files()
	if v.db != nil {
		if err := v.foreign(ctx); err != nil {
			return err
		}
	}
	if v.db != nil {
		if err := v.tables(ctx); err != nil {
			return err
		}
	}
	rules := v.rules()
	found := v.captures()
	if v.opt.Quick || v.db == nil {
		return nil
	}
	return v.derive(ctx, found, rules, progress)
}

// files checks the case's files by their hashes.
func (v *verifier) files() {
	v.hashed("files", "the manifest", v.m.Files)
	if len(v.carved) > 0 {
		v.hashed("carved captures", "the log", v.carved)
	}
	for _, name := range caseFiles {
		_, err := os.Lstat(filepath.Join(v.opt.Case, name))
		if _, known := v.m.Files[name]; err == nil && !known && name != manifestName && name != custody.FileName && name != walName {
			v.say("file "+name, Unchecked, "it is not in the manifest: it was put into the case later")
		}
	}
	v.beside()
	carved, _ := os.ReadDir(filepath.Join(v.opt.Case, carvedFolder)) // none: nothing was carved
	for _, f := range carved {
		if name := filepath.Join(carvedFolder, f.Name()); v.carved[name] == "" {
			v.say("file "+name, Unchecked, "the log does not say that it was carved")
		}
	}
}

// beside fails if changes wait beside the database: it would read them as its own, and its hash knows nothing of them.
func (v *verifier) beside() {
	if _, err := os.Lstat(filepath.Join(v.opt.Case, walName)); err == nil {
		v.say("file "+walName, Fails, "it holds changes to the database that were made after the case was complete")
	}
}

// hashed checks files in the case by what somebody says their hashes are.
func (v *verifier) hashed(what, who string, files map[string]string) {
	sound := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !filepath.IsLocal(name) {
			v.say("file "+name, Fails, "%s names a file that is not in the case", who)
			continue
		}
		sum, err := custody.HashFile(filepath.Join(v.opt.Case, name))
		switch {
		case err != nil:
			v.say("file "+name, Fails, "%v", plainPath(err))
		case sum != files[name]:
			v.say("file "+name, Fails, "its SHA-256 is %s, %s says %s", sum, who, files[name])
		default:
			sound++
		}
	}
	if sound > 0 {
		v.say(what, Holds, "%d of %d, by SHA-256", sound, len(files))
	}
}

// tables checks rows and digests.
func (v *verifier) tables(ctx context.Context) error {
	tables, err := readTables(ctx, v.db)
	if err != nil {
		return err
	}
	rows, digests, err := fastDigests(ctx, v.db, tables)
	if err != nil {
		v.say("tables", Fails, "they cannot be read: %v", err)
		return nil
	}
	engine, err := engine(ctx, v.db)
	if err != nil {
		return err
	}
	judge := v.m.DigestKind == fastDigest+" "+engine
	wrong, sum := 0, int64(0)
	names := maps.Clone(v.m.Rows)
	maps.Copy(names, rows)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		n, have := rows[name]
		want, said := v.m.Rows[name]
		sum += n
		wrong++
		switch {
		case !have:
			v.say("table "+name, Fails, "it is not there; the manifest says %d rows", want)
		case !said:
			v.say("table "+name, Fails, "it is not in the manifest")
		case n != want:
			v.say("table "+name, Fails, "it has %d rows, the manifest says %d", n, want)
		case judge && digests[name] != v.m.Digests[name]:
			v.say("table "+name, Fails, "its %d rows have the digest %.16s…, the manifest says %.16s…", n, digests[name], v.m.Digests[name])
		default:
			wrong--
		}
	}
	switch {
	case wrong > 0:
	case judge:
		v.say("tables", Holds, "%d tables with %d rows, by number and digest", len(tables), sum)
	default:
		v.say("tables", Unchecked, "%d tables have the rows that the manifest says; the digests are of %q, and this program has DuckDB %s", len(tables), v.m.DigestKind, engine)
	}
	return nil
}

// rules compares the rules at hand with those of the case, and tells whether the findings can be made again.
func (v *verifier) rules() bool {
	var edited, missing []string
	verdict := Unchecked
	for _, name := range slices.Sorted(maps.Keys(v.m.Rules)) {
		switch have, ok := v.opt.Rules[name]; {
		case !ok:
			missing = append(missing, name)
		case have != v.m.Rules[name]:
			edited = append(edited, name)
			if !v.opt.Shipped[name] || v.opt.Version == v.m.RulesBuild {
				verdict = Fails
			}
		}
	}
	if len(edited) > 0 {
		v.say("rules", verdict, "not as they were when they ran (by %s; this is %s): %s", v.m.RulesBuild, v.opt.Version, some(edited))
	}
	if len(missing) > 0 {
		v.say("rules", Unchecked, "not at hand: %s; say with --rules or -S where they are", some(missing))
	}
	if len(edited)+len(missing) > 0 {
		return false
	}
	v.say("rules", Holds, "%d rules are those that ran, by SHA-256", len(v.m.Rules))
	return true
}

// some names the first few.
func some(names []string) string {
	if n := len(names) - 5; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:5], ", "), n)
	}
	return strings.Join(names, ", ")
}

// captures finds the captures and checks them by their hashes. It gives where each input lies; nil if one is not to be had.
func (v *verifier) captures() []string {
	found, err := v.m.find(v.opt.Paths)
	sound, bad := 0, 0
	for i, in := range v.m.Inputs {
		switch {
		case in.Member != "": // its archive is an input too
		case found[i] != "":
			sound++
		case in.SHA256 == "":
			v.say("capture "+in.Path, Unchecked, "it could not be read to its end when the case was made, so it has no hash")
			bad++
		default:
			v.lost(&in, err)
			bad++
		}
	}
	if sound > 0 {
		v.say("captures", Holds, "%d of %d, by SHA-256", sound, sound+bad)
	}
	if bad > 0 {
		return nil
	}
	return found
}

// lost says what became of an input: changed where a file of its name is there, else not to be had.
func (v *verifier) lost(in *ManifestInput, err error) {
	paths := v.opt.Paths
	if len(paths) == 0 {
		paths = []string{in.Path}
	}
	for _, p := range paths {
		if filepath.Base(p) != filepath.Base(in.Path) {
			p = filepath.Join(p, filepath.Base(in.Path))
		}
		if info, err := os.Stat(p); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if sum, err := custody.HashFile(p); err == nil {
			v.say("capture "+in.Path, Fails, "the file has SHA-256 %s, the case was made of %s", sum, in.SHA256)
			return
		}
	}
	why := "no file has its SHA-256"
	switch {
	case in.Path == "-":
		why = "it came by standard input, and no file has its SHA-256"
	case err != nil:
		why = strings.TrimPrefix(err.Error(), "usage: ")
	}
	v.say("capture "+in.Path, Unchecked, "%s; say where the captures lie: wardtrace verify %s PATH", why, v.opt.Case)
}

// note writes the entry of the custody log.
func (v *verifier) note() error {
	done := &Verified{Checks: v.checks}
	act := fmt.Sprintf("verified this case: %d checks hold, %d do not, %d could not be made", done.Count(Holds), done.Count(Fails), done.Count(Unchecked))
	if v.opt.Quick {
		act += "; by hashes alone"
	}
	return custody.Append(v.opt.Case, custody.Entry{Tool: "wardtrace " + v.opt.Version, Command: v.opt.Command, Act: act}, time.Now())
}

// plainPath takes the path out of an error that stands beside the name.
func plainPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
