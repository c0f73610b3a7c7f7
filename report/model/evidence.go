package model

import (
	"path"
	"strings"
	"time"
)

// Evidence is what was read, as a whole.
type Evidence struct {
	Files     int64 // inputs read; copies of others are not counted
	Copies    int64
	Packets   int64
	Flows     int64
	Bytes     int64 // size of the inputs on the disk
	WireBytes int64
	KeptBytes int64 // of these, captured
	LostBytes int64 // bytes of inputs that could not be read as packets
	Damaged   int64
	First     time.Time
	Last      time.Time
	Local     string // networks that were given as the site's
}

// File is an input.
type File struct {
	Number              int64
	Path, Member        string
	SHA256, Format      string
	Bytes, Packets      int64
	First, Last         time.Time
	Drops               *int64
	Damage              string
	Damages             int64
	CopyOf              int64
	Filter              string
	Snaplen             int64
	Snapped             int64
	Wire, Captured      int64
	LostBytes           int64
	Complete            bool
	Application, System string
}

// Base is the file's name without its folder, or the member's within its archive.
func (f File) Base() string {
	p := f.Path
	if f.Member != "" {
		p = f.Member
	}
	return path.Base(strings.ReplaceAll(p, `\`, "/"))
}

func (r *reader) files(c *Case) error {
	e := &c.Evidence
	if !r.has("capture_file") {
		return nil
	}
	// An archive has a row of its own beside those of its members; it is no capture.
	err := r.scan(`SELECT count(*) FILTER (WHERE copy_of IS NULL AND members IS NULL), count(*) FILTER (WHERE copy_of IS NOT NULL), sum(packets)::BIGINT,
		sum(bytes) FILTER (WHERE members IS NULL)::BIGINT,
		sum(wire_bytes)::BIGINT, sum(captured_bytes)::BIGINT, sum(lost_bytes)::BIGINT, count(*) FILTER (WHERE coalesce(damage, '') <> ''),
		min(first_ts) FILTER (WHERE packets > 0), max(last_ts) FILTER (WHERE packets > 0) FROM capture_file`, nil,
		number(&e.Files), number(&e.Copies), number(&e.Packets), number(&e.Bytes), number(&e.WireBytes), number(&e.KeptBytes), number(&e.LostBytes),
		number(&e.Damaged), moment(&e.First), moment(&e.Last))
	if err != nil {
		return err
	}
	if r.has("flow") {
		if err := r.scan(`SELECT count(*) FROM flow`, nil, number(&e.Flows)); err != nil {
			return err
		}
	}
	return r.each(`SELECT file, path, member, sha256, format, bytes, packets, first_ts, last_ts, drops, damage, damages, copy_of, capture_filter, snaplen, snapped,
		wire_bytes, captured_bytes, lost_bytes, complete, application, os FROM capture_file ORDER BY file`, nil, func(scan scanner) error {
		var f File
		if err := scan(number(&f.Number), text(&f.Path), text(&f.Member), text(&f.SHA256), text(&f.Format), number(&f.Bytes), number(&f.Packets), moment(&f.First),
			moment(&f.Last), optional(&f.Drops), text(&f.Damage), number(&f.Damages), number(&f.CopyOf), text(&f.Filter), number(&f.Snaplen), number(&f.Snapped),
			number(&f.Wire), number(&f.Captured), number(&f.LostBytes), truth(&f.Complete), text(&f.Application), text(&f.System)); err != nil {
			return err
		}
		c.Files = append(c.Files, f)
		return nil
	})
}

// ShownFiles are the files of the table.
func (c *Case) ShownFiles() []File { return c.Files[:min(len(c.Files), maxFiles)] }

// FileName names an input in a sentence.
func (c *Case) FileName(number int64) string {
	if number > 0 && number <= int64(len(c.Files)) && c.Files[number-1].Number == number {
		return c.Files[number-1].Base()
	}
	for _, f := range c.Files {
		if f.Number == number {
			return f.Base()
		}
	}
	return ""
}

// EvidenceLine is the evidence in one line.
func (c *Case) EvidenceLine() string {
	e := c.Evidence
	s := Of(e.Files, "file", "files") + ", " + Of(e.Packets, "packet", "packets")
	if !e.First.IsZero() {
		s += ", " + Period(e.First, e.Last) + " UTC"
	}
	var more []string
	if e.Copies > 0 {
		more = append(more, Of(e.Copies, "copy", "copies")+" of other files left out")
	}
	if e.Damaged > 0 {
		s := Count(e.Damaged) + " damaged"
		if e.LostBytes > 0 && e.Bytes > e.LostBytes {
			s += ", " + Share(e.Bytes-e.LostBytes, e.Bytes) + " of all bytes readable"
		}
		more = append(more, s)
	}
	if len(more) > 0 {
		s += "; " + strings.Join(more, "; ")
	}
	return s
}
