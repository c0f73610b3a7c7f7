package analyze

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"wardtrace/analyze/custody"
)

// manifestName is the manifest's name in the case.
const manifestName = "manifest.json"

// Manifest is what manifest.json says of a case: what it was made of, by what, how, and what came out. It is all that a second analyst
// needs, beside the captures and the key, to make the case again.
type Manifest struct {
	Tool       string            `json:"tool"`
	Build      string            `json:"build"`       // of the program that analysed the captures
	RulesBuild string            `json:"rules_build"` // of the program that ran the rules last
	Program    Program           `json:"program"`     // that analysed the captures, in detail
	Options    map[string]string `json:"options"`
	PHIKey     string            `json:"phi_key_fingerprint"`
	Inputs     []ManifestInput   `json:"inputs"`
	Skipped    []string          `json:"skipped"`
	Rules      map[string]string `json:"rules"`       // SHA-256 of each rule's text
	Rows       map[string]int64  `json:"rows"`        // rows of each table
	Digests    map[string]string `json:"digests"`     // of each table's rows, see digest.go
	DigestKind string            `json:"digest_kind"` // how they were made
	Files      map[string]string `json:"files"`       // SHA-256 of each file of the case
}

// Program says what exactly made a case.
type Program struct {
	Revision string            `json:"revision,omitempty"` // of the source
	Modified bool              `json:"modified,omitempty"` // the source was changed since
	Go       string            `json:"go"`
	Platform string            `json:"platform"`
	DuckDB   string            `json:"duckdb"`
	Modules  map[string]string `json:"modules"` // version and checksum of each module, as go.sum has it
}

// ManifestInput is one input: a capture, an archive, or a capture in one.
type ManifestInput struct {
	File    uint32 `json:"file"`
	Path    string `json:"path"`
	Member  string `json:"member,omitempty"`
	SHA256  string `json:"sha256"`
	Bytes   int64  `json:"bytes"`
	Format  string `json:"format"`
	Packets int64  `json:"packets"`
	First   string `json:"first"`
	Last    string `json:"last"`
	Damage  string `json:"damage,omitempty"`
	CopyOf  int64  `json:"copy_of,omitempty"`
}

// program describes this program.
func program() Program {
	p := Program{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Modules: map[string]string{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return p
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			p.Revision = s.Value
		case "vcs.modified":
			p.Modified = s.Value == "true"
		}
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		p.Modules[m.Path] = strings.TrimSpace(m.Version + " " + m.Sum)
	}
	return p
}

func (c *Case) newManifest(version string) *Manifest {
	m := &Manifest{Tool: "wardtrace", Build: version, Program: program(), Options: c.options.asMap(), Skipped: []string{}}
	for _, s := range c.Skipped {
		m.Skipped = append(m.Skipped, s.Path)
	}
	for _, f := range c.Files {
		m.Inputs = append(m.Inputs, ManifestInput{File: f.File, Path: f.Path, Member: f.Member, SHA256: f.SHA256, Bytes: f.Bytes,
			Format: f.Format, Packets: f.Packets, First: stamp(f.FirstTS), Last: stamp(f.LastTS), Damage: f.Damage, CopyOf: f.CopyOf.V})
	}
	return m
}

// describe fills in what the database says. The state is not part of it: it changes last.
func (m *Manifest) describe(ctx context.Context, c *Case) error {
	err := c.DB.QueryRowContext(ctx, "SELECT coalesce(max(value), '') FROM case_info WHERE key = 'phi_key'").Scan(&m.PHIKey)
	if err != nil {
		return err
	}
	engine, err := engine(ctx, c.DB)
	if err != nil {
		return err
	}
	if c.manifest == nil {
		m.Program.DuckDB = engine
	}
	tables, err := readTables(ctx, c.DB)
	if err != nil {
		return err
	}
	m.DigestKind = fastDigest + " " + engine
	m.Rows, m.Digests, err = fastDigests(ctx, c.DB, tables)
	return err
}

// hashFiles fills in the hashes of the case's files.
func (m *Manifest) hashFiles(dir string) error {
	m.Files = map[string]string{}
	for _, name := range caseFiles {
		if name == manifestName || name == custody.FileName {
			continue
		}
		switch sum, err := custody.HashFile(filepath.Join(dir, name)); {
		case err == nil:
			m.Files[name] = sum
		case !errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("cannot hash the case's files: %w", err)
		}
	}
	return nil
}

// write puts the manifest into the case and gives its hash.
func (m *Manifest) write(dir string) (string, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, manifestName)
	if err := custody.Replace(path, bytes.NewReader(append(text, '\n'))); err != nil {
		return "", fmt.Errorf("cannot write the manifest: %w; is the disk full?", err)
	}
	return custody.HashFile(path)
}

// inputs gives the hash of each input by name, for the custody log.
func (m *Manifest) inputs() map[string]string {
	out := map[string]string{}
	for _, f := range m.Inputs {
		name := f.Path
		if f.Member != "" { // one of several in an archive
			name += " (" + f.Member + ")"
		}
		out[name] = f.SHA256
	}
	return out
}

// readManifest reads what a case says of itself; it must be complete.
func readManifest(dir string) (*Manifest, error) {
	if mark := unfinished(dir); mark != "" {
		return nil, usage("%s is no complete case: %s", dir, mark)
	}
	return parseManifest(dir)
}

func parseManifest(dir string) (*Manifest, error) {
	f, err := custody.Open(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, usage("%s is no complete case: %v", dir, err)
	}
	defer f.Close()
	return decodeManifest(dir, f)
}

func decodeManifest(dir string, r io.Reader) (*Manifest, error) {
	m := &Manifest{}
	text, err := io.ReadAll(r)
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	if err != nil {
		return nil, fmt.Errorf("case %s: its manifest cannot be read: %w", dir, err)
	}
	return m, nil
}

// runOptions gives the options with which the case was made: what Options.asMap wrote.
func (m *Manifest) runOptions() (o Options, err error) {
	o.Filter, o.PHI = m.Options["filter"], m.Options["phi"]
	if o.From, err = parseTime("--from", m.Options["from"]); err != nil {
		return o, err
	}
	if o.To, err = parseTime("--to", m.Options["to"]); err != nil {
		return o, err
	}
	if s := m.Options["count"]; s != "" {
		n, err := strconv.ParseUint(s, 10, 63)
		if err != nil {
			return o, fmt.Errorf("the case's manifest has no readable count: %w", err)
		}
		o.Count = int64(n)
	}
	if s := m.Options["local"]; s != "" {
		for _, s := range strings.Split(s, ",") {
			p, err := netip.ParsePrefix(s)
			if err != nil {
				return o, fmt.Errorf("the case's manifest has no readable list of own networks: %w", err)
			}
			o.Local = append(o.Local, p)
		}
	}
	if err := o.setReading(m.Options); err != nil {
		return o, err
	}
	o.Memory, err = parseSize(m.Options["memory"])
	o.Workers = 1
	return o, err
}

// locate is find for who needs them all: one that is not found is an error.
func (m *Manifest) locate(paths []string) ([]string, error) {
	found, err := m.find(paths)
	for i, in := range m.Inputs {
		if in.Member == "" && found[i] == "" { // a member lies in its archive, which is an input too
			return nil, errors.Join(in.lost(), err)
		}
	}
	return found, nil
}

// lost says that an input's file is not found.
func (in *ManifestInput) lost() error {
	return usage("%s is not the file that this case was made of (SHA-256 %s); if it was moved, say where it is with -r", in.Path, in.SHA256)
}

// find gives, for each input that is a file, where the file with its content lies now: there where it lay, or among what paths name. It is
// "" for one that is not found. The error says what could not be read.
func (m *Manifest) find(paths []string) ([]string, error) {
	wanted, sizes := map[string]bool{}, map[int64]bool{}
	for _, in := range m.Inputs {
		if in.Member == "" {
			wanted[in.SHA256], sizes[in.Bytes] = true, true
		}
	}
	if len(paths) == 0 {
		paths = m.paths()
	}
	var faults []error
	byHash := map[string]string{}
	for _, p := range paths {
		err := filepath.WalkDir(p, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := os.Stat(path) // a link is followed
			if err != nil || !info.Mode().IsRegular() || !sizes[info.Size()] {
				return err
			}
			sum, err := custody.HashFile(path)
			if err == nil && wanted[sum] {
				byHash[sum] = path
			}
			return err
		})
		if err != nil {
			faults = append(faults, usage("cannot read %s: %v", p, plainPath(err)))
		}
	}
	out := make([]string, len(m.Inputs))
	for i, in := range m.Inputs {
		if in.Member == "" {
			out[i] = byHash[in.SHA256]
		}
	}
	return out, errors.Join(faults...)
}

// paths is where the captures lay when the case was made.
func (m *Manifest) paths() []string {
	var out []string
	seen := map[string]bool{"-": true} // standard input lay nowhere
	for _, in := range m.Inputs {
		if in.Member == "" && !seen[in.Path] {
			seen[in.Path] = true
			out = append(out, in.Path)
		}
	}
	return out
}
