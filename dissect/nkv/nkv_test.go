package nkv

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
)

var samples = []string{"../../samples/nkv-*/capture.pcap"}

func TestSuite(t *testing.T)  { dissecttest.Suite(t, Protocol, dissecttest.Load(t, nil, samples...)) }
func TestGolden(t *testing.T) { dissecttest.Golden(t, "../../samples/nkv-ventilator", Protocol) }
func FuzzNKV(f *testing.F)    { dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, nil, samples...)) }

// TestOrders holds that a command from afar is told as one, with what it was before, and a report only when it changes.
func TestOrders(t *testing.T) {
	var remote, reports []string
	for _, c := range dissecttest.Load(t, nil, samples...) {
		for _, x := range clinical.Therapies.Get(dissecttest.Run(Protocol, &c)) {
			line := fmt.Sprint(x.V.Action, " ", x.V.Parameter, " ", x.V.Before.V, ">", x.V.After.V)
			if x.V.Remote {
				remote = append(remote, line)
			} else if x.V.Action == "change" {
				reports = append(reports, line)
			}
		}
	}
	if got := strings.Join(remote, ","); got != "change fio2 0>21,change peep 0>0" {
		t.Errorf("remote %s", got)
	}
	if got := strings.Join(reports, ","); got != "change fio2 60>21,change peep 8>0" {
		t.Errorf("reports %s", got)
	}
}

func TestProbe(t *testing.T) {
	for in, want := range map[string]dissect.Match{
		"00000042<?xml version=\"1.0\"?><device version=\"1.0\">": dissect.Yes,
		"00000042<device>": dissect.Yes,
		"00000042<dev":     dissect.Maybe,
		"00000042<?xml version=\"1.0\"?><html>" + strings.Repeat(" ", 300): dissect.No,
		"0000004":           dissect.Maybe,
		"0000004x<device>":  dissect.No,
		"00000042{\"a\":1}": dissect.No,
	} {
		conv := dissecttest.Bytes(dissect.TCP, "10.0.0.1:40000", "10.0.0.2:15376", []byte(in))
		if got := probe(&conv.Conn, dissect.FromClient, []byte(in)); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}
