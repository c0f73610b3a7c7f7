package analyze

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"wardtrace/analyze/carve"
	"wardtrace/analyze/custody"
)

// carvedFolder is where a case keeps one small capture a finding.
const carvedFolder = "carved"

// CarvedFindings is what carving the findings of a case gave.
type CarvedFindings struct {
	Files int
	None  int    // findings without packets: they are about the capture as a whole
	Left  int    // findings left out: there are too many
	Cut   int64  // packets left out: a capture, or all of them together, grew too large
	Head  string // hash of the custody log's last line
}

// CarveFindings writes one small capture for each finding of a complete case that has one of the levels, all in one reading.
func CarveFindings(ctx context.Context, opt CarveOptions, levels []string, progress Progress) (*CarvedFindings, error) {
	m, err := readManifest(opt.Case)
	if err != nil {
		return nil, err
	}
	db, _, err := Open(ctx, opt.Case)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	c := &carving{db: db, manifest: m, sel: &carve.Selection{}, progress: progress, asked: []string{"findings of a level"}}
	if c.run, err = m.runOptions(); err != nil {
		return nil, err
	}
	if c.files, err = readSpans(ctx, db); err != nil {
		return nil, err
	}
	ids, err := column1[string](ctx, db, "SELECT finding_id FROM finding WHERE level IN "+unlistText+
		" ORDER BY list_position(['critical', 'high', 'medium', 'low', 'informational'], level), ts, finding_id", list(levels))
	if err != nil || len(ids) == 0 {
		return &CarvedFindings{}, err
	}
	got := &CarvedFindings{Left: max(0, len(ids)-maxCarvedFindings)}
	ids = ids[:len(ids)-got.Left]
	if err := os.MkdirAll(filepath.Join(opt.Case, carvedFolder), 0o700); err != nil {
		return nil, wrote(err)
	}
	err = c.all(ctx, &opt, ids)
	for _, o := range c.outs {
		err = errors.Join(err, o.close())
	}
	if err != nil {
		c.discard()
		return nil, err
	}
	return got, c.keep(&opt, got)
}

// all reads the captures once for all findings.
func (c *carving) all(ctx context.Context, opt *CarveOptions, ids []string) error {
	total := int64(maxCarvedTotal)
	for i, id := range ids {
		o, err := newCarveOut(filepath.Join(opt.Case, carvedFolder, id+".pcapng"), nil)
		if err != nil {
			return err
		}
		c.outs = append(c.outs, o)
		o.limit, o.total = maxCarvedBytes, &total
		o.head = carve.Section{Application: "wardtrace " + opt.Version, Comments: []string{"carved from the case " + filepath.Base(filepath.Clean(opt.Case)) + ": finding " + id}}
		var flows []uint64
		if err := c.evidence(ctx, []string{id}, false, &flows, i); err != nil {
			return err
		}
		if err := c.want(ctx, flows, i); err != nil {
			return err
		}
	}
	if c.sel.Empty() {
		return nil
	}
	if err := c.explain(ctx); err != nil {
		return err
	}
	return c.write(ctx, nil)
}

// keep writes the entry of the custody log and gives the captures their names.
func (c *carving) keep(opt *CarveOptions, got *CarvedFindings) error {
	outputs := map[string]string{}
	for _, o := range c.outs {
		if o.packets() == 0 {
			got.None++
			continue
		}
		got.Files++
		got.Cut += o.cut
		outputs[filepath.Join(carvedFolder, filepath.Base(o.path))] = o.sum()
	}
	inputs := map[string]string{}
	for _, in := range c.read {
		inputs[in.name()] = in.SHA256
	}
	err := custody.Append(opt.Case, custody.Entry{Tool: "wardtrace " + opt.Version, Command: opt.Command, Inputs: inputs, Outputs: outputs,
		Act: fmt.Sprintf("carved %d findings as captured, which may hold patient data in clear, into the case's folder %s", got.Files, carvedFolder)}, time.Now())
	if err != nil {
		c.discard()
		return err
	}
	for _, o := range c.outs {
		if o.packets() == 0 {
			o.discard()
			continue
		}
		err = errors.Join(err, o.keep())
	}
	got.Head, _, _ = custody.Head(filepath.Join(opt.Case, custody.FileName))
	return err
}

func (c *carving) discard() {
	for _, o := range c.outs {
		o.discard()
	}
}

// uncarve removes what CarveFindings wrote into a case that is replaced.
func uncarve(dir string) error {
	folder := filepath.Join(dir, carvedFolder)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); (ext == ".pcapng" || ext == partSuffix) && e.Type().IsRegular() {
			err = errors.Join(err, os.Remove(filepath.Join(folder, e.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("cannot replace the case: %w", err)
	}
	os.Remove(folder) // it stays if the user put something of their own there
	return nil
}
