package analyze

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	nethttp "net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wardtrace/analyze/custody"
	"wardtrace/analyze/object"
	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/samples"
)

// extract makes a case of a sample and takes its objects out.
func extract(t *testing.T, name string, opt ExtractOptions) (entries []object.Entry, out string) {
	t.Helper()
	opt.Case, opt.Dir, opt.Limits, opt.Version = caseOf(t, filepath.Join(samples.Dir(name), "capture.pcap")), filepath.Join(t.TempDir(), "out"), room, "test"
	got, err := Extract(context.Background(), opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got.Objects, opt.Dir
}

func sums(entries []object.Entry) (out []string) {
	for _, e := range entries {
		out = append(out, e.SHA256)
	}
	slices.Sort(out)
	return out
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestExtractTFTP holds the files against what lay at the server, with the names that their requests gave in other flows.
func TestExtractTFTP(t *testing.T) {
	entries, _ := extract(t, "tftp-transfers", ExtractOptions{Kinds: []string{"tftp"}})
	at, err := os.Open(filepath.Join(samples.Dir("tftp-transfers"), "files.sha256"))
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	files := map[string]string{}
	for s := bufio.NewScanner(at); s.Scan(); {
		sum, name, _ := strings.Cut(s.Text(), "  ")
		files[name] = sum
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Via+" "+e.Name)
		is := map[string]string{"stored.bin": "pump-7.bin", "up.cfg": "ward.cfg"}[e.Name] // as it was called where it came from
		if is == "" {
			is = e.Name
		}
		netascii := e.Via == "RRQ" && e.Name == "ward.cfg"
		if (files[is] != e.SHA256) != netascii || !e.Complete || e.Control == 0 || e.Control == e.FlowID {
			t.Errorf("%+v is not %s", e, files[is])
		}
	}
	want := []string{"RRQ pump-7.bin", "RRQ ward.cfg", "RRQ full.bin", "WRQ stored.bin", "RRQ monitor.img", "WRQ up.cfg", "RRQ monitor.img", "RRQ scope.img"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestExtractFTP holds the files against the bytes of the data connections, put together by another reader.
func TestExtractFTP(t *testing.T) {
	entries, out := extract(t, "ftp-session", ExtractOptions{Kinds: []string{"ftp"}})
	var want []string
	for _, c := range dissecttest.Load(t, nil, filepath.Join(samples.Dir("ftp-session"), "capture.pcap")) {
		var all [2][]byte
		for _, s := range c.Segments {
			all[s.Dir] = append(all[s.Dir], s.Data...)
		}
		if c.Conn.Transport == dissect.TCP && c.Conn.Server.Port() != 21 && c.Conn.Client.Port() != 21 && (len(all[0]) == 0) != (len(all[1]) == 0) {
			want = append(want, sumOf(append(all[0], all[1]...)))
		}
	}
	slices.Sort(want)
	if got := sums(entries); len(want) != 5 || !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	var named []string
	for _, e := range entries {
		named = append(named, e.Via+" "+e.Name+" "+e.Client+" "+e.Server+" "+e.From)
		if info, err := os.Stat(filepath.Join(out, e.Path)); err != nil || info.Size() != e.Bytes || !e.Complete {
			t.Errorf("%v, %+v", err, e)
		}
	}
	if w := []string{"RETR library.txt 10.20.0.90 10.20.0.43 server", "LIST  10.20.0.90 10.20.0.43 server", "RETR pump.conf 10.20.0.43 10.20.0.90 client",
		"STOR limits.txt 10.20.0.43 10.20.0.90 server", "LIST  10.20.0.90 10.20.0.43 server"}; !slices.Equal(named, w) {
		t.Errorf("got  %q\nwant %q", named, w)
	}
}

// bodies reads the bodies of a connection by Go's own HTTP reader; those in parts, which come out one by one, are left out.
func bodies(t *testing.T, c *dissecttest.Conversation) (out []string) {
	t.Helper()
	var all [2][]byte
	for _, s := range c.Segments {
		all[s.Dir] = append(all[s.Dir], s.Data...)
	}
	take := func(h nethttp.Header, body io.Reader) {
		data, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		if h.Get("Content-Encoding") == "gzip" && len(data) > 0 {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if data, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if kind, _, _ := mime.ParseMediaType(h.Get("Content-Type")); len(data) > 0 && !strings.HasPrefix(kind, "multipart/") {
			out = append(out, sumOf(data))
		}
	}
	var asked []*nethttp.Request
	for r := bufio.NewReader(bytes.NewReader(all[dissect.FromClient])); ; {
		q, err := nethttp.ReadRequest(r)
		if err != nil {
			break
		}
		take(q.Header, q.Body)
		asked = append(asked, q)
	}
	r := bufio.NewReader(bytes.NewReader(all[dissect.FromServer]))
	for _, q := range asked {
		a, err := nethttp.ReadResponse(r, q)
		for err == nil && a.StatusCode == 100 {
			a, err = nethttp.ReadResponse(r, q)
		}
		if err != nil {
			break
		}
		if q.Method == "CONNECT" || q.Method == "PRI" || a.StatusCode == nethttp.StatusSwitchingProtocols { // what follows is another protocol
			break
		}
		take(a.Header, a.Body)
	}
	return out
}

// TestExtractHTTP holds the bodies of both directions against those that another reader of HTTP finds: chunked, packed, pipelined.
func TestExtractHTTP(t *testing.T) {
	for _, name := range []string{"hl7-http", "fhir-work", "http-pipelined", "sdc-clear"} {
		entries, _ := extract(t, name, ExtractOptions{Kinds: []string{"http"}})
		var want []string
		for _, c := range dissecttest.Load(t, func(c *dissect.Conn) bool { return c.Transport == dissect.TCP }, filepath.Join(samples.Dir(name), "capture.pcap")) {
			want = append(want, bodies(t, &c)...)
		}
		slices.Sort(want)
		entries = slices.DeleteFunc(entries, func(e object.Entry) bool { return e.Part > 0 })
		if got := sums(entries); len(want) < 5 || !slices.Equal(got, want) {
			t.Errorf("%s: %d bodies, want %d\n%q\n%q", name, len(got), len(want), got, want)
		}
	}
}

// TestExtractHL7 holds that each message of the case comes out, with the patient that the case has for it.
func TestExtractHL7(t *testing.T) {
	dir := caseOf(t, filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap"))
	got, err := Extract(context.Background(), ExtractOptions{Case: dir, Dir: filepath.Join(t.TempDir(), "o"), Kinds: []string{"hl7"}, Limits: room}, nil)
	if err != nil {
		t.Fatal(err)
	}
	db, _, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want := column(t, db, "SELECT control_id || ' ' || coalesce(patient_id, '') || ' ' || type || '^' || coalesce(trigger, '') FROM hl7_message ORDER BY ALL")
	var have []string
	patients := 0
	for _, e := range got.Objects {
		have = append(have, e.Name+" "+e.Patient+" "+e.Via)
		if strings.HasPrefix(e.Patient, "id:") {
			patients++
		}
	}
	slices.Sort(have)
	if !slices.Equal(have, want) || patients == 0 {
		t.Errorf("got  %q\nwant %q", have, want)
	}
}

// TestExtractInterrupted holds that an extraction that is broken off leaves nothing but its line in the log.
func TestExtractInterrupted(t *testing.T) {
	dir, out := caseOf(t, filepath.Join(samples.Dir("upload-outside"), "capture.pcap")), filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Extract(ctx, ExtractOptions{Case: dir, Dir: out, Limits: room}, func(int64, int64, uint64) { cancel() })
	if err == nil {
		t.Fatal("it was not broken off")
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 0 {
		t.Errorf("%d files are left behind, %v", len(left), err)
	}
	log, err := os.ReadFile(filepath.Join(dir, custody.FileName))
	if err != nil || !bytes.Contains(log, []byte("began to extract")) || bytes.Contains(log, []byte("\"extracted")) {
		t.Errorf("%v: the log says %s", err, log)
	}
}

// TestExtractSelected holds that one conversation gives its objects alone, and with FTP's and TFTP's commands what they asked for.
func TestExtractSelected(t *testing.T) {
	all, _ := extract(t, "ftp-session", ExtractOptions{})
	control := all[0].Control
	some, _ := extract(t, "ftp-session", ExtractOptions{Flows: []string{strconv.FormatUint(control, 10)}})
	want := 0
	for _, e := range all {
		if e.Control == control {
			want++
		}
	}
	if len(some) != want || want == 0 || want == len(all) || some[0].Control != control || some[0].Name == "" {
		t.Errorf("%d objects of %d, want %d: %+v", len(some), len(all), want, some)
	}
}
