package analyze

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/object"
	"wardtrace/dissect/event"
)

// Options say what to analyse and how.
type Options struct {
	Paths   []string       // files and folders; "-" is standard input
	Case    string         // folder of the case; "" is NAME.case in the current folder
	Clobber bool           // replace a case that is there
	Filter  string         // BPF
	Count   int64          // packets to read, 0 = all
	Workers int            // shards, 0 = one a core
	From    event.Time     // packets before are left out, 0 = none
	To      event.Time     // packets after are left out, 0 = none
	Local   []netip.Prefix // the site's addresses; empty = private ranges
	Memory  int64          // logical bytes for flows and streams
	PHI     string         // "pseudonym" or "clear"
	PHIKey  string         // file of the key; "" = NAME.phikey beside the case
	// NewPHIKey asks for a key that is not there yet.
	NewPHIKey bool
	SkipDone  string // folder of cases; captures that they were made of are not read again

	CarveLevel string // findings of this level and above get a capture of their own in the case; "" for none

	KeepDuplicates bool           // count packets that several captures have as often as they have them
	Limits         capture.Limits // caps on archives and packed captures; zero values are the defaults
	Scratch        string         // folder for a scratch file; "" = beside the case

	filterFile, unpacked, scratchMax string

	from, to, memory string
	local            []string
	names            map[string]string // what captures are called that lie elsewhere now, see capture.Options
}

// AddFlags binds the options to a command's flags.
func (o *Options) AddFlags(f *pflag.FlagSet) {
	f.StringArrayVarP(&o.Paths, "read", "r", nil, "capture or folder to read, like PATH; repeatable; - is standard input")
	f.StringVarP(&o.Case, "output", "o", "", "folder of the case (default NAME.case in the current folder)")
	f.BoolVarP(&o.Clobber, "clobber", "C", false, "replace a case that is there")
	f.StringVarP(&o.Filter, "filter", "f", "", "read only packets that match this BPF expression, as tcpdump takes it")
	f.StringVarP(&o.filterFile, "filter-file", "F", "", "take the BPF expression from this `file`; # begins a comment")
	f.Int64VarP(&o.Count, "count", "c", 0, "stop after `N` packets (0 = all)")
	f.IntVar(&o.Workers, "workers", 0, "number of shards (0 = one a core); the case is the same for any number")
	f.StringVar(&o.from, "from", "", "leave out packets before this `time` (2026-11-20T02:00:00Z, or a date)")
	f.StringVar(&o.to, "to", "", "leave out packets after this `time`")
	f.StringSliceVar(&o.local, "local", nil, "the site's own `networks`, such as 10.20.0.0/16,192.0.2.0/24 (default: private ranges)")
	f.StringVar(&o.memory, "memory", "256MiB", "`size` of the flows and streams kept in memory before the longest silent are closed; the whole takes some 1 GiB at most with this default")
	f.StringVar(&o.CarveLevel, "carve-findings", "", "write a small capture for each finding at or above this `level` (high if none is named) into CASE/carved")
	f.Lookup("carve-findings").NoOptDefVal = "high"
	f.BoolVar(&o.KeepDuplicates, "keep-duplicates", false, "count a packet that overlapping captures have twice, twice")
	d := capture.DefaultLimits
	f.Int64Var(&o.Limits.Ratio, "max-ratio", d.Ratio, "stop unpacking what becomes more than `N` times as large, beyond 64 MiB")
	f.IntVar(&o.Limits.Members, "max-members", d.Members, "look at no more than `N` members of archives")
	f.IntVar(&o.Limits.Depth, "max-depth", d.Depth, "open archives in archives to a depth of `N`")
	f.StringVar(&o.unpacked, "max-unpacked", "16TiB", "stop unpacking after this `size` in all")
	f.StringVar(&o.Scratch, "scratch", "", "`folder` for a scratch file, for members of packed archives that are not in order (default: beside the case)")
	f.StringVar(&o.scratchMax, "scratch-max", "64GiB", "largest `size` of that file")
	f.StringVar(&o.PHI, "phi", "pseudonym", "patient data in the case: `pseudonym` or clear; clear is written to the custody log")
	f.StringVar(&o.PHIKey, "phi-key", "", "`file` of the key behind the pseudonyms, so that several cases join (default NAME.phikey beside the case)")
	f.BoolVar(&o.NewPHIKey, "new-phi-key", false, "make the file of --phi-key, which must not be there yet")
	f.StringVar(&o.SkipDone, "skip-done", "", "do not read captures again of which a complete case in this `folder` was made, with the same filter, times, -c, --keep-duplicates and limits")
}

// ErrUsage marks errors of the command line.
var ErrUsage = errors.New("usage")

func usage(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUsage, fmt.Sprintf(format, args...))
}

// Complete reads the flags' texts and fills in defaults. args are the positional paths.
func (o *Options) Complete(args []string) error {
	o.Paths = append(append([]string(nil), args...), o.Paths...)
	if len(o.Paths) == 0 {
		return usage("nothing to read: name a capture, a folder of captures, or - for standard input")
	}
	var err error
	if o.CarveLevel != "" && slices.Contains(o.Paths, "-") {
		return usage("--carve-findings reads the captures a second time, which standard input cannot be; write it to a file first")
	}
	if o.From, err = parseTime("--from", o.from); err != nil {
		return err
	}
	if o.To, err = parseTime("--to", o.to); err != nil {
		return err
	}
	if o.From != 0 && o.To != 0 && o.From >= o.To {
		return usage("--from %s is not before --to %s", o.from, o.to)
	}
	if o.Memory, err = parseSize(o.memory); err != nil {
		return err
	}
	if err = o.completeReading(); err != nil {
		return err
	}
	if o.Count < 0 || o.Workers < 0 {
		return usage("-c and --workers cannot be negative")
	}
	if o.Workers == 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), maxWorkers)
	}
	if o.Workers > maxWorkers {
		return usage("--workers %d: at most %d", o.Workers, maxWorkers)
	}
	for _, s := range o.local {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return usage("--local %q is not a network such as 10.20.0.0/16", s)
		}
		o.Local = append(o.Local, p.Masked())
	}
	if o.PHI != "pseudonym" && o.PHI != "clear" {
		return usage("--phi is pseudonym or clear, not %q", o.PHI)
	}
	if o.Case == "" {
		o.Case = defaultCase(o.Paths[0])
	}
	o.Case = filepath.Clean(o.Case)
	return nil
}

// defaultCase names the case after the first input: samples/ward-night gives ward-night.case.
func defaultCase(path string) string {
	if path == "-" {
		return "stdin.case"
	}
	base := filepath.Base(filepath.Clean(path))
	if abs, err := filepath.Abs(path); err == nil {
		base = filepath.Base(abs)
	}
	for {
		switch ext := strings.ToLower(filepath.Ext(base)); ext {
		case ".gz", ".zst", ".xz", ".bz2", ".lz4", ".zip", ".7z", ".tar", ".tgz", ".txz", ".pcap", ".pcapng", ".cap", ".dmp":
			if len(base) > len(ext) {
				base = base[:len(base)-len(ext)]
				continue
			}
		}
		return base + ".case"
	}
}

var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

func parseTime(flag, s string) (event.Time, error) {
	if s == "" {
		return 0, nil
	}
	for _, l := range timeLayouts {
		if t, err := time.ParseInLocation(l, s, time.UTC); err == nil {
			if t.Year() < 1678 || t.Year() > 2261 { // beyond what nanoseconds in 64 bits can say
				return 0, usage("%s %q is a time that no capture can hold", flag, s)
			}
			return event.Time(t.UnixNano()), nil
		}
	}
	return 0, usage("%s %q is not a time such as 2026-11-20T02:00:00Z (UTC)", flag, s)
}

func parseSize(s string) (int64, error) {
	n, err := sizeOf("--memory", s)
	if err == nil && n < minMemory {
		return 0, usage("--memory %q is too small: at least %d MiB", s, int64(minMemory)>>20)
	}
	return n, err
}

// sizeOf reads a size such as 512MiB.
func sizeOf(flag, s string) (int64, error) {
	t := strings.ToUpper(strings.TrimSpace(s))
	shift := 0
	for suffix, n := range map[string]int{"K": 10, "M": 20, "G": 30, "T": 40} {
		for _, full := range []string{suffix + "IB", suffix + "B", suffix} {
			if shift == 0 && strings.HasSuffix(t, full) {
				t, shift = strings.TrimSuffix(t, full), n
			}
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64)
	if err != nil || n <= 0 || n >= 1<<62>>shift {
		return 0, usage("%s %q is not a size such as 512MiB or 4GiB", flag, s)
	}
	return n << shift, nil
}

// ExtractOptions say what to take out of the captures of a case.
type ExtractOptions struct {
	Case      string
	Dir       string   // folder to write, made if it is not there; it must be empty
	Paths     []string // where the captures lie now; none: where they lay when the case was made
	Kinds     []string // kinds of objects; none: all
	Flows     []string // flow_id or community_id; with the other three: only objects of these conversations
	Findings  []string
	Incidents []int64
	Devices   []string
	Limits    object.Limits
	Version   string
	Command   []string // the command line, for the custody log

	limit, size string
}

// AddFlags binds the options to a command's flags.
func (o *ExtractOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.Dir, "output", "o", "", "`folder` to write; it must be empty or not there")
	f.StringArrayVarP(&o.Paths, "read", "r", nil, "where the captures lie now (default: where they lay when the case was made); repeatable")
	f.StringSliceVar(&o.Kinds, "kind", nil, "only these `kinds`: "+strings.Join(objectKinds, ", "))
	f.StringSliceVar(&o.Findings, "finding", nil, "only what crossed in the conversations behind the finding of this `ID`; repeatable")
	f.Int64SliceVar(&o.Incidents, "incident", nil, "only in those of incident `N`; repeatable")
	f.StringSliceVar(&o.Flows, "flow", nil, "only in the conversation of this flow_id or community_id, `ID`, and what it asked for in others; repeatable")
	f.StringSliceVar(&o.Devices, "device", nil, "only in those of a device: device_id, IP or hardware `ADDRESS`; repeatable")
	f.StringVar(&o.limit, "limit", "64GiB", "`size` of all objects together before the rest is left out and counted")
	f.StringVar(&o.size, "max-size", "4GiB", "`size` at which one object is cut, also after its content coding was undone")
	f.Int64Var(&o.Limits.Objects, "max-objects", 1<<20, "objects before the rest is left out and counted")
	f.Int64Var(&o.Limits.Ratio, "max-ratio", 200, "`times` that a coded body may grow when its coding is undone; past 1 MiB of it more is a bomb")
	f.Int64Var(&o.Limits.Parts, "max-parts", 1000, "parts of a multipart body before the rest is left out and counted")
}

// objectKinds are the kinds of objects that are kept.
var objectKinds = []string{"dicom", "hl7", "http", "ftp", "tftp"}

// Complete reads the flags' texts.
func (o *ExtractOptions) Complete(args []string) (err error) {
	if len(args) != 1 || o.Dir == "" {
		return usage("name one case, and a folder to write with -o")
	}
	o.Case = args[0]
	for _, k := range o.Kinds {
		if !slices.Contains(objectKinds, k) {
			return usage("--kind %q is none of %s", k, strings.Join(objectKinds, ", "))
		}
	}
	if o.Limits.Bytes, err = sizeOf("--limit", o.limit); err != nil {
		return err
	}
	if o.Limits.Size, err = sizeOf("--max-size", o.size); err != nil {
		return err
	}
	for flag, n := range map[string]int64{"--max-objects": o.Limits.Objects, "--max-ratio": o.Limits.Ratio, "--max-parts": o.Limits.Parts} {
		if n < 1 {
			return usage("%s must be at least 1", flag)
		}
	}
	return nil
}

// RevealOptions say which pseudonyms to name.
type RevealOptions struct {
	Case       string
	Pseudonyms []string // none: all of the case
	PHIKey     string   // file of the key; "" = NAME.phikey beside the case
	Version    string
	Command    []string // the command line, for the custody log
}

// AddFlags binds the options to a command's flags.
func (o *RevealOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&o.PHIKey, "phi-key", "", "`file` of the key behind the pseudonyms (default NAME.phikey beside the case)")
}

// Complete takes the arguments.
func (o *RevealOptions) Complete(args []string) error {
	if len(args) == 0 {
		return usage("name one case, and the pseudonyms if not all are wanted")
	}
	o.Case, o.Pseudonyms = filepath.Clean(args[0]), args[1:]
	for _, p := range o.Pseudonyms {
		switch {
		case strings.HasPrefix(p, "free:"):
			return usage("%s stands for free text, of which a case keeps the length and a digest alone: wardtrace carve or extract give it", p)
		case !pseudonym.MatchString(p):
			return usage("%q is no pseudonym such as id:39ca12fe8748e2ee", p)
		}
	}
	return nil
}

// CarveOptions say which packets to take out of the captures of a case.
type CarveOptions struct {
	Case      string
	Out       string // file to write; "-" is standard output
	Clobber   bool   // replace a file that is there
	Paths     []string
	Findings  []string // ids, or beginnings of ids that name one
	Incidents []int64
	Flows     []string // flow_id or community_id
	Devices   []string // device_id, IP or hardware address
	Patients  []string // pseudonyms, or identifiers and names in clear
	SQL       string   // a SELECT of file and frame, of flow_id too if it likes
	From, To  event.Time
	Evidence  bool // only the packets that are named, not their conversations
	Context   bool // with them the packets that say who the hosts are
	PHIKey    string
	Version   string
	Command   []string // the command line, for the custody log

	// Harmless refuses a text of SQL that reaches further than the case; nil: the text is trusted.
	Harmless func(ctx context.Context, db *sql.DB, text string) error

	from, to string
	labels   map[string]string // what the log says in place of a patient's name
}

// AddFlags binds the options to a command's flags.
func (o *CarveOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVarP(&o.Out, "write", "w", "", "pcapng `file` to write, - for standard output")
	f.BoolVarP(&o.Clobber, "clobber", "C", false, "replace a file that is there")
	f.StringArrayVarP(&o.Paths, "read", "r", nil, "where the captures lie now (default: where they lay when the case was made); repeatable")
	f.StringSliceVar(&o.Findings, "finding", nil, "the conversations behind the finding of this `ID`, or of which it is the beginning; repeatable")
	f.Int64SliceVar(&o.Incidents, "incident", nil, "those behind the findings of incident `N`; repeatable")
	f.StringSliceVar(&o.Flows, "flow", nil, "the conversation of this flow_id or community_id, `ID`; repeatable")
	f.StringSliceVar(&o.Devices, "device", nil, "those of a device: device_id, IP or hardware `ADDRESS`; repeatable")
	f.StringArrayVar(&o.Patients, "patient", nil, "those that name a patient: pseudonym, identifier or `NAME`; the log keeps the pseudonym; repeatable")
	f.StringVar(&o.SQL, "sql", "", "those of the packets that this `SELECT` of file and frame gives; where it gives flow_id too, that is believed")
	f.StringVar(&o.from, "from", "", "of all these only packets from this `time` on; with nothing else every packet of the window")
	f.StringVar(&o.to, "to", "", "and until this `time`")
	f.BoolVar(&o.Evidence, "evidence", false, "only the packets that the case names, not whole conversations")
	f.BoolVar(&o.Context, "context", false, "with them the packets that say who the hosts are: names, leases, addresses")
	f.StringVar(&o.PHIKey, "phi-key", "", "`file` of the key behind the pseudonyms, for --patient (default NAME.phikey beside the case)")
}

// Complete reads the flags' texts.
func (o *CarveOptions) Complete(args []string) (err error) {
	if len(args) != 1 || o.Out == "" {
		return usage("name one case, and a file to write with -w")
	}
	o.Case = args[0]
	if o.From, err = parseTime("--from", o.from); err != nil {
		return err
	}
	if o.To, err = parseTime("--to", o.to); err != nil {
		return err
	}
	if o.From != 0 && o.To != 0 && o.From > o.To {
		return usage("--from %s is not before --to %s", o.from, o.to)
	}
	if !o.selects() && o.From == 0 && o.To == 0 {
		return usage("say what to carve: --finding, --incident, --flow, --device, --patient, --sql, or a time with --from and --to")
	}
	return nil
}

// selects tells whether anything but a time is asked for.
func (o *CarveOptions) selects() bool {
	return len(o.Findings)+len(o.Incidents)+len(o.Flows)+len(o.Devices)+len(o.Patients) > 0 || o.SQL != ""
}

// label keeps what the log says in place of a patient's name.
func (o *CarveOptions) label(who, label string) {
	if o.labels == nil {
		o.labels = map[string]string{}
	}
	o.labels[who] = label
}

// masked is the command line with patients' names replaced: the custody log names none.
func (o *CarveOptions) masked() []string {
	out := slices.Clone(o.Command)
	for i, arg := range out {
		for who, label := range o.labels {
			if arg == who {
				out[i] = label
			} else if arg == "--patient="+who {
				out[i] = "--patient=" + label
			}
		}
	}
	return out
}

// VerifyOptions say how a case is verified.
type VerifyOptions struct {
	Case    string
	Paths   []string          // where the captures lie now; none: where they lay when the case was made
	Quick   bool              // hashes alone
	Head    string            // hash of a line of the custody log that somebody noted; "" for none
	PHIKey  string            // file of the key; "" = NAME.phikey beside the case
	Workers int               // shards, 0 = one a core
	Rules   map[string]string // SHA-256 of the rules at hand
	Shipped map[string]bool   // of them, those that are part of the program
	Version string
	Command []string // the command line, for the custody log

	// Run runs those of the rules at hand that ran on the case, and makes their tables. Unless it is asked the last time, a rule that lacks
	// memory fails it (see Case.Ask).
	Run func(ctx context.Context, db *sql.DB, ran map[string]string, last bool) error
}

// AddFlags binds the options to a command's flags.
func (o *VerifyOptions) AddFlags(f *pflag.FlagSet) {
	f.StringArrayVarP(&o.Paths, "read", "r", nil, "where the captures lie now, like PATH (default: where they lay when the case was made); repeatable")
	f.BoolVar(&o.Quick, "quick", false, "hashes alone: the case is not made again from the captures")
	f.StringVar(&o.Head, "head", "", "`hash` of the custody log's last line as somebody noted it: the log must still have that line")
	f.IntVar(&o.Workers, "workers", 0, "number of shards (0 = one a core)")
	f.StringVar(&o.PHIKey, "phi-key", "", "`file` of the key behind the pseudonyms (default NAME.phikey beside the case)")
}

// Complete reads the flags' texts. args are the case and where the captures lie.
func (o *VerifyOptions) Complete(args []string) error {
	if len(args) == 0 {
		return usage("name a case; see wardtrace verify --help")
	}
	o.Case, o.Paths = filepath.Clean(args[0]), append(slices.Clone(args[1:]), o.Paths...)
	if o.Workers < 0 || o.Workers > maxWorkers {
		return usage("--workers %d: 0 to %d", o.Workers, maxWorkers)
	}
	if o.Workers == 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), maxWorkers)
	}
	return nil
}
