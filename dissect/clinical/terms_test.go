package clinical

import (
	"testing"

	"wardtrace/dissect/event"
)

// TestTerm holds that the same thing has one code whatever wrote it, and that nothing is named that is not known.
func TestTerm(t *testing.T) {
	for _, tt := range []struct{ code, system, name, wantCode, wantSystem, wantName string }{
		{"147842", "MDC", "", "MDC_ECG_HEART_RATE", "MDC", "heart rate"},                           // IntelliVue, SDC
		{"147842", "MDC", "MDC_ECG_HEART_RATE", "MDC_ECG_HEART_RATE", "MDC", "heart rate"},         // IHE PCD
		{"MDC_ECG_HEART_RATE", "MDC", "pulse by ECG", "MDC_ECG_HEART_RATE", "MDC", "pulse by ECG"}, // words of the source stay
		{"MDC_ECG_CARD_BEAT_RATE", "MDC", "", "MDC_ECG_HEART_RATE", "MDC", "heart rate"},           // the earlier name of the same number
		{"147842", "MDC", "MDC_PULS_OXIM_SAT_O2", "MDC_ECG_HEART_RATE", "MDC", "heart rate"},       // the number is what counts
		{"0", "MDC", "MDCX_PUMP_EVENT", "MDCX_PUMP_EVENT", "MDC", "MDCX_PUMP_EVENT"},               // no number yet
		{"196999", "MDC", "MDC_EVT_NEW of MDC_ECG_HEART_RATE", "MDC_EVT_NEW", "MDC", "MDC_EVT_NEW of MDC_ECG_HEART_RATE"},
		{"70003", "MDC", "Pump mode", "70003", "MDC", "Pump mode"}, // private
		{"4294967296", "MDC", "", "4294967296", "MDC", ""},         // no code of 32 bits
		{"-1", "MDC", "", "-1", "MDC", ""},
		{"147842", "carescape", "HR", "147842", "carescape", "HR"}, // another system's number
		{"8867-4", "LOINC", "Heart rate", "8867-4", "LN", "Heart rate"},
		{"7052", "RXNORM", "Morphine", "7052", "RxNorm", "Morphine"},
		{"", "", "", "", "", ""},
	} {
		if code, system, name := Term(tt.code, tt.system, tt.name); code != tt.wantCode || system != tt.wantSystem || name != tt.wantName {
			t.Errorf("%s %s %q gives %s %s %q, want %s %s %q", tt.system, tt.code, tt.name, system, code, name, tt.wantSystem, tt.wantCode, tt.wantName)
		}
	}
	for in, want := range map[string]string{"MDC_DIM_BEAT_PER_MIN": "{beat}/min", "MDC_DIM_MILLI_L_PER_HR": "mL/h", "MDC_DIM_MMHG": "mm[Hg]", "MDC_DIM_DEGC": "Cel",
		"MDC_DIM_MILLI_G_PER_DL": "mg/dL", "MDC_DIM_NO_SUCH": "MDC_DIM_NO_SUCH", "ml/h": "ml/h", "{beat}/min": "{beat}/min", "": ""} {
		if got := Unit(in); got != want {
			t.Errorf("unit %q gives %q, want %q", in, got, want)
		}
	}
}

// TestEmit holds that every row goes through it.
func TestEmit(t *testing.T) {
	var b event.Batch
	b.Begin(1<<32|1, nil)
	Observations.Emit(&b, event.Ref{}, Observation{Code: "150456", CodingSystem: "MDC", Unit: "MDC_DIM_PERCENT"})
	Alarms.Emit(&b, event.Ref{}, Alarm{Code: "196648", CodingSystem: "MDC"})
	Therapies.Emit(&b, event.Ref{}, Therapy{Code: "157784", CodingSystem: "MDC", Unit: "MDC_DIM_MILLI_L_PER_HR"})
	if o := Observations.Get(&b)[0].V; o.Code != "MDC_PULS_OXIM_SAT_O2" || o.Unit != "%" || o.Name == "" {
		t.Errorf("%+v", o)
	}
	if a := Alarms.Get(&b)[0].V; a.Code != "MDC_EVT_HI" || a.Text != "high" {
		t.Errorf("%+v", a)
	}
	if r := Therapies.Get(&b)[0].V; r.Code != "MDC_FLOW_FLUID_PUMP" || r.Unit != "mL/h" {
		t.Errorf("%+v", r)
	}
}
