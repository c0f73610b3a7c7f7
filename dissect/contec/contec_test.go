package contec

import (
	"encoding/binary"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
)

var samples = []string{"../../samples/contec-outside/capture.pcap", "../../samples/quiet-contec/capture.pcap"}

func TestSuite(t *testing.T) { dissecttest.Suite(t, Protocol, dissecttest.Load(t, nil, samples[1])) }
func TestGolden(t *testing.T) {
	for _, name := range []string{"contec-outside", "quiet-contec"} {
		dissecttest.Golden(t, "../../samples/"+name, Protocol)
	}
}
func FuzzContec(f *testing.F) { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, nil, samples[1])) }

// TestSession holds what a minute of one monitor gives: the patient, values only while they are valid, a changed limit once.
func TestSession(t *testing.T) {
	all := dissecttest.Load(t, nil, samples[0])
	b := dissecttest.Run(Protocol, &all[0])
	p := patients.Get(b)
	if len(p) != 1 || p[0].V.ID != "LAB-4711" || p[0].V.Name != "LABPATIENT^JOIN" || p[0].V.Birth != "19700102" || p[0].V.Bed.V != 7 ||
		p[0].V.WeightKG.V != 71.5 || p[0].V.Doctor != "DR LABDOCTOR" || p[0].V.Admitted != "20260228" {
		t.Errorf("%+v", p)
	}
	count := map[string]int{}
	for _, o := range clinical.Observations.Get(b) {
		count[o.V.Code]++
		if o.V.PatientID != "LAB-4711" || o.V.Device != "bed 7" {
			t.Fatalf("%+v", o.V)
		}
	}
	if count["MDC_ECG_HEART_RATE"] != 60 || count["MDC_PULS_OXIM_SAT_O2"] != 56 || count["MDC_PRESS_BLD_NONINV_SYS"] != 6 {
		t.Errorf("%v", count)
	}
	a := clinical.Alarms.Get(b)
	if len(a) != 1 || a[0].V.Before != "50 to 120, setting 1" || a[0].V.After != "50 to 200, setting 1" || a[0].V.Phase != "limits" {
		t.Errorf("%+v", a)
	}
	if s := statuses.Get(b); len(s) != 1 || s[0].V.Text != "SPO2 SENSOR OFF" {
		t.Errorf("%+v", s)
	}
}

// TestProbe holds what is believed: three frames in a row. Hand-made from the tables of doc.go.
func TestProbe(t *testing.T) {
	bed, end := "\x06\x00\x05\x45\x00\x00\x07\xff", "\x02\x00\x05\x47"
	for in, want := range map[string]dissect.Match{
		bed + end + end:                dissect.Yes,
		bed + end:                      dissect.Maybe,
		"\x02lp\n":                     dissect.No, // LPD: receive a job for the queue lp
		"\x02\x00\x05\x44":             dissect.No,
		bed + end + "\x02\x00\x06\x47": dissect.No,
		"\x06\x00\x05\x45":             dissect.Maybe,
	} {
		conv := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:515", []byte(in))
		if got := Protocol.Probe(&conv.Conn, dissect.FromClient, []byte(in)); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
	conv := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:515")
	if got := Protocol.Probe(&conv.Conn, dissect.FromServer, []byte(bed+end+end)); got != dissect.No {
		t.Errorf("from the server: %v", got)
	}
}

// TestLost holds that after a loss only frames that chain are believed again.
func TestLost(t *testing.T) {
	status := func(text string) []byte {
		b := binary.LittleEndian.AppendUint16(nil, uint16(3+len(text)))
		return append(append(b, 5, byte(kindStatus), 1), text...)
	}
	var good []byte
	for _, s := range []string{"ONE", "TWO", "THREE", "FOUR"} {
		good = append(good, status(s)...)
	}
	c := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:515", good, nil, append([]byte("broken\x05\x49"), good...))
	c.Segments[2].Gap = 100
	b := dissecttest.Run(Protocol, &c)
	if n := len(statuses.Get(b)); n != 8 {
		t.Errorf("%d rows, want 8", n)
	}
}
