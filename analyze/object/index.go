package object

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"

	"wardtrace/dissect/event"
	"wardtrace/report/escape"
)

// Entry is a line of the index: an object, or a limit that kept some out (kind "limit").
type Entry struct {
	SHA256    string `json:"sha256,omitempty"`
	Path      string `json:"path,omitempty"` // in the folder: hash and extension, never what the wire calls it
	Kind      string `json:"kind"`
	Name      string `json:"name,omitempty"`     // as the wire names it, escaped
	Type      string `json:"type,omitempty"`     // as the wire declares it, escaped
	Detected  string `json:"detected,omitempty"` // as the bytes show it
	Coding    string `json:"coding,omitempty"`   // content coding that is still on the file
	Part      int64  `json:"part,omitempty"`     // number in a multipart body, from 1
	Bytes     int64  `json:"bytes"`
	Missing   int64  `json:"missing,omitempty"` // bytes that the capture lacks, as far as known
	Complete  bool   `json:"complete"`          // all of it was in the capture
	Limit     string `json:"limit,omitempty"`   // flag of the limit that cut it off
	LeftOut   int64  `json:"left_out,omitempty"`
	Patient   string `json:"patient,omitempty"` // as the case has it: a pseudonym, unless it was made with --phi clear
	Via       string `json:"via,omitempty"`     // command that transferred it
	From      string `json:"from,omitempty"`    // client or server
	Client    string `json:"client,omitempty"`
	Server    string `json:"server,omitempty"`
	First     string `json:"ts,omitempty"`
	Last      string `json:"until,omitempty"`
	FlowID    uint64 `json:"flow_id,omitempty"`
	Control   uint64 `json:"control_flow_id,omitempty"` // flow of the command that transferred it, if that is another
	File      uint32 `json:"file,omitempty"`            // of the first packet
	Frame     uint32 `json:"frame,omitempty"`
	LastFile  uint32 `json:"last_file,omitempty"`
	LastFrame uint32 `json:"last_frame,omitempty"`
}

// Index is the index's name in the folder, without extension.
const Index = "index"

// WriteIndex writes index.jsonl and index.csv, and gives the SHA-256 of both by path.
func (f *Folder) WriteIndex(hash func(path string) (string, error)) (map[string]string, error) {
	all := append([]Entry(nil), f.Entries()...)
	flags := make([]string, 0, len(f.left))
	for flag := range f.left {
		flags = append(flags, flag)
	}
	sort.Strings(flags)
	for _, flag := range flags {
		all = append(all, Entry{Kind: "limit", Limit: flag, LeftOut: f.left[flag]})
	}
	sums := map[string]string{}
	for ext, write := range map[string]func(io.Writer, []Entry) error{".jsonl": writeJSON, ".csv": writeCSV} {
		path := filepath.Join(f.dir, Index+ext)
		err := create(path, func(w io.Writer) error { return write(w, all) })
		if err == nil {
			sums[path], err = hash(path)
		}
		if err != nil {
			return nil, fmt.Errorf("cannot write the index: %w", err)
		}
	}
	return sums, nil
}

func create(path string, write func(io.Writer) error) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	return errors.Join(write(w), w.Flush(), out.Close())
}

func writeJSON(w io.Writer, all []Entry) error {
	enc := json.NewEncoder(w)
	for i := range all {
		if err := enc.Encode(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

var csvHead = []string{"sha256", "path", "kind", "name", "type", "detected", "coding", "part", "bytes", "missing", "complete", "limit", "left_out", "patient",
	"via", "from", "client", "server", "ts", "until", "flow_id", "control_flow_id", "file", "frame", "last_file", "last_frame"}

func writeCSV(w io.Writer, all []Entry) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHead); err != nil {
		return err
	}
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	for i := range all {
		e := &all[i]
		cells := []string{e.SHA256, e.Path, e.Kind, escape.CSV(e.Name), escape.CSV(e.Type), e.Detected, escape.CSV(e.Coding), n(uint64(e.Part)), n(uint64(e.Bytes)),
			n(uint64(e.Missing)), strconv.FormatBool(e.Complete), escape.CSV(e.Limit), n(uint64(e.LeftOut)), escape.CSV(e.Patient), escape.CSV(e.Via), e.From,
			e.Client, e.Server, e.First, e.Last, n(e.FlowID), n(e.Control), n(uint64(e.File)), n(uint64(e.Frame)), n(uint64(e.LastFile)), n(uint64(e.LastFrame))}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Belongs says which command, in another conversation, transferred an object, and what it called it.
func (e *Entry) Belongs(flow uint64, via, name string) {
	if flow != e.FlowID {
		e.Control = flow
	}
	if e.Via == "" {
		e.Via = Text(via)
	}
	if e.Name == "" {
		e.Name = Text(name)
	}
}

// Text makes a cell of what the wire says.
func Text(s string) string { return escape.Terminal(s[:min(len(s), maxName)]) }

func stamp(t event.Time) string {
	if t == 0 {
		return ""
	}
	return time.Unix(0, int64(t)).UTC().Format(time.RFC3339Nano)
}
