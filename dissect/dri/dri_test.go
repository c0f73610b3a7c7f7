package dri

import (
	"encoding/hex"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const sample = "../../samples/dri-theatre"

// short keeps the beginning and the end of a long conversation: the middle is all alike.
func short(tb testing.TB, n int) []dissecttest.Conversation {
	convs := dissecttest.Load(tb, nil, sample+"/capture.pcap")
	for i := range convs {
		s := convs[i].Segments
		convs[i].Segments = append(append([]dissecttest.Segment(nil), s[:n]...), s[len(s)-n:]...)
	}
	return convs
}

func TestSuite(t *testing.T)  { dissecttest.Suite(t, Protocol, short(t, 4)) }
func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, Protocol) }

func FuzzStream(f *testing.F) {
	sure := *Protocol // a drip of bytes that no probe is sure of is given up after 64; that is the stream's affair
	sure.Probe = func(*dissect.Conn, dissect.Dir, []byte) dissect.Match { return dissect.Yes }
	dissecttest.Fuzz(f, &sure, short(f, 6))
}

// start is a request for displayed values every ten seconds, by hand from the specification's tables; its sum is BF.
const start = "7e 3100 00 00 e8fd 25040767 00000000 0000 000000 0000ff 000000000000000000000000000000000000 01 0a00 08000000 0000 bf 7e"

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRequest(t *testing.T) {
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.92:42001", "10.20.0.171:4002", unhex(t, start))
	got := records.Get(dissecttest.Run(Protocol, &c))
	if len(got) != 1 {
		t.Fatalf("%d records", len(got))
	}
	if r := got[0].V; r.Kind != "request_values" || r.Interval.V != 10 || r.Command != "start" || strings.Join(r.Wanted, " ") != "displayed basic ext3" || r.PlugID != 65000 {
		t.Errorf("%+v", r)
	}
}

// TestProbeStrict: each byte counts, by the sum; and a sum alone does not make a record.
func TestProbeStrict(t *testing.T) {
	whole := unhex(t, start)
	conn := &dissect.Conn{Transport: dissect.TCP}
	if probe(conn, dissect.FromClient, whole) != dissect.Yes {
		t.Fatal("the request itself is not recognised")
	}
	for n := 1; n < len(whole); n++ {
		if m := probe(conn, dissect.FromClient, whole[:n]); m != dissect.Maybe {
			t.Errorf("the first %d bytes: %v, want maybe", n, m)
		}
	}
	for i := range whole {
		b := append([]byte(nil), whole...)
		b[i] ^= 0x11
		if probe(conn, dissect.FromClient, b) == dissect.Yes {
			t.Errorf("byte %d changed: still recognised", i)
		}
	}
	for _, other := range []string{"\x7e\xff\x03\xc0\x21\x01\x01\x00\x04\x00\x00\x7e", "\x7e\x00\x10\x17\x01\x00\x7e", "~~~~~~~~ hello ~", "GET ~ HTTP/1.1\r\n", "\x7e" + strings.Repeat("\x00", 50) + "\x7e"} {
		if m := probe(conn, dissect.FromClient, []byte(other)); m != dissect.No {
			t.Errorf("%q: %v", other, m)
		}
	}
	joined := &dissect.Conn{Transport: dissect.TCP, Midstream: true, Guessed: true}
	if m := probe(joined, dissect.FromServer, append([]byte("tail of a record"), whole...)); m != dissect.Swapped {
		t.Errorf("joined in the middle, a request from the server: %v", m)
	}
}

// TestDamage: a record with a wrong sum is not read, the next one is; bytes between records are told.
func TestDamage(t *testing.T) {
	whole, broken := unhex(t, start), unhex(t, start)
	broken[10]++
	stream := append(append(append([]byte(nil), whole...), broken...), "noise"...)
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.92:42001", "10.20.0.171:4002", append(stream, whole...))
	b := dissecttest.Run(Protocol, &c)
	var kinds []string
	for _, r := range event.Anomalies.Get(b) {
		kinds = append(kinds, r.V.Kind)
	}
	if got := strings.Join(kinds, " "); len(records.Get(b)) != 2 || got != "dri_bad_sum dri_not_a_record" {
		t.Errorf("%d records, anomalies %s", len(records.Get(b)), got)
	}
}

// TestTheatre holds what the sample tells.
func TestTheatre(t *testing.T) {
	convs := dissecttest.Load(t, nil, sample+"/capture.pcap")
	b := dissecttest.Run(Protocol, &convs[0])
	counts := map[string]int{}
	for _, r := range clinical.Observations.Get(b) {
		counts[r.V.Code]++
		if r.V.PatientID != "LAB-4712" || r.V.Status != "displayed" {
			t.Fatalf("%+v", r.V)
		}
		if r.V.Code == "t1.temp" && (r.V.Number.V < 36.5 || r.V.Number.V > 36.6) {
			t.Errorf("temperature %v", r.V.Number.V)
		}
	}
	for code, want := range map[string]int{"ecg.hr": 30, "MDC_ECG_HEART_RATE": 30, "MDC_PULS_OXIM_SAT_O2": 30, "MDC_PRESS_BLD_NONINV_SYS": 6, "p1.sys": 30, "p2.sys": 0, "t2.temp": 0, "flow_vol.tv_exp": 30} {
		if counts[code] != want {
			t.Errorf("%d values of %s, want %d", counts[code], code, want)
		}
	}
	var phases []string
	for _, r := range alarms.Get(b) {
		phases = append(phases, strings.TrimSpace(r.V.Phase+" "+r.V.Text))
	}
	if got, want := strings.Join(phases, ", "), "start Ppeak high, start Apnea, silenced, on, end Apnea, end Ppeak high, off, on"; got != want {
		t.Errorf("alarms %s, want %s", got, want)
	}
	if len(logins.Get(b)) != 1 || len(patients.Get(b)) != 1 || len(event.Anomalies.Get(b)) != 0 {
		t.Errorf("%d logins, %d patients, %d anomalies", len(logins.Get(b)), len(patients.Get(b)), len(event.Anomalies.Get(b)))
	}
}
