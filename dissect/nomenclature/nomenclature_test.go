package nomenclature

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// TestTable holds that the table is sorted without a double, and that what is found by number is found by name.
func TestTable(t *testing.T) {
	names := map[string]Code{}
	for i, x := range terms {
		if i > 0 && terms[i-1].Code >= x.Code {
			t.Errorf("%d does not stand after %d", x.Code, terms[i-1].Code)
		}
		if !strings.HasPrefix(x.RefID, "MDC_") || x.Name == "" || (x.UCUM != "") != (x.Code.Partition() == Dimension) {
			t.Errorf("%+v", x)
		}
		if other, double := names[x.RefID]; double {
			t.Errorf("%s is %d and %d", x.RefID, other, x.Code)
		}
		names[x.RefID] = x.Code
		got, ok := Find(x.Code.Partition(), x.Code.Term())
		byName, found := ByRefID(strings.ToLower(x.RefID) + " ")
		if !ok || !found || got != x || byName != x {
			t.Errorf("%+v: found %+v and %+v", x, got, byName)
		}
	}
	for name, c := range aliases {
		if _, ok := c.Lookup(); !ok {
			t.Errorf("%s is a name of %d, which is not in the table", name, c)
		}
		if _, double := names[name]; double {
			t.Errorf("%s is in the table already", name)
		}
	}
}

// TestCodes holds the table against numbers as public messages and specifications write them.
func TestCodes(t *testing.T) {
	for code, want := range map[uint32]string{147842: "MDC_ECG_HEART_RATE", 150456: "MDC_PULS_OXIM_SAT_O2", 149530: "MDC_PULS_OXIM_PULS_RATE",
		150021: "MDC_PRESS_BLD_NONINV_SYS", 150022: "MDC_PRESS_BLD_NONINV_DIA", 150023: "MDC_PRESS_BLD_NONINV_MEAN", 150037: "MDC_PRESS_BLD_ART_ABP_SYS",
		150364: "MDC_TEMP_BODY", 151562: "MDC_RESP_RATE", 151728: "MDC_AWAY_CO2_ET", 160184: "MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD",
		188736: "MDC_MASS_BODY_ACTUAL", 188740: "MDC_LEN_BODY_ACTUAL", 157784: "MDC_FLOW_FLUID_PUMP", 157884: "MDC_VOL_FLUID_TBI",
		265266: "MDC_DIM_MILLI_L_PER_HR", 263762: "MDC_DIM_MILLI_L", 264320: "MDC_DIM_SEC", 264338: "MDC_DIM_MILLI_SEC", 262688: "MDC_DIM_PERCENT",
		263875: "MDC_DIM_KILO_G", 264864: "MDC_DIM_BEAT_PER_MIN", 266016: "MDC_DIM_MMHG", 265987: "MDC_DIM_KILO_PASCAL", 264274: "MDC_DIM_MILLI_G_PER_DL",
		266866: "MDC_DIM_MILLI_MOLE_PER_L", 268192: "MDC_DIM_DEGC", 266418: "MDC_DIM_MILLI_VOLT", 266419: "MDC_DIM_MICRO_VOLT", 264819: "MDC_DIM_MICRO_G_PER_KG_PER_MIN",
		263441: "MDC_DIM_CENTI_M", 196648: "MDC_EVT_HI", 196670: "MDC_EVT_LO", 196616: "MDC_EVT_ALARM", 68481: "MDC_ATTR_EVENT_PHASE", 68165: "MDC_ATTR_MDS_TIME_INFO",
		67996: "MDC_ATTR_VAL_BATT_CHARGE", 67860: "MDC_ATTR_CONFIRM_TIMEOUT", 528388: "MDC_DEV_SPEC_PROFILE_PULS_OXIM", 531975: "MDC_ID_PROD_SPEC_SW",
		70049: "MDC_DEV_PUMP_INFUS_LVP_MDS"} {
		got, ok := Lookup(code)
		back, found := ByRefID(want)
		if !ok || got.RefID != want || !found || uint32(back.Code) != code {
			t.Errorf("%d: %s, want %s; and back: %d", code, got.RefID, want, back.Code)
		}
	}
	for _, code := range []uint32{0, 1, 262144, 262144 + 512 + 3, 262144 + 3872 + 3, 262144 + 1600 + 9, 262144 + 61472, 65536 * 2, math.MaxUint32} {
		if got, ok := Lookup(code); ok {
			t.Errorf("%d is %s, which the standard does not say", code, got.RefID)
		}
	}
	for _, name := range []string{"", "MDC_", "MDC_DIM_", "MDC_DIM_MILLI_", "MDC_DIM_MILLI_MMHG", "MDCX_PULS_OXIM_SAT_O2", "MDC_DIM__L"} {
		if got, ok := ByRefID(name); ok {
			t.Errorf("%q is %d", name, got.Code)
		}
	}
	if got, ok := ByRefID("MDC_DIM_L_PER_MIN"); !ok || got.Code != 265216 || got.UCUM != "L/min" {
		t.Errorf("another spelling: %+v", got)
	}
	if id, ucum := Unit(3122); id != "MDC_DIM_MILLI_L_PER_HR" || ucum != "mL/h" {
		t.Errorf("3122 is %s in UCUM %s", id, ucum)
	}
	if s := Of(Metric, 0xF001).String(); s != "192513" {
		t.Errorf("a private term is printed as %s", s)
	}
	if Of(Metric, 19384).String() != "MDC_PULS_OXIM_SAT_O2" || Of(Disease, 1).Partition().String() != "disease_management" || Partition(77).String() != "77" {
		t.Error("names of codes and partitions")
	}
}

// TestSFloat holds all 65,536 values against the definition, reckoned in another way.
func TestSFloat(t *testing.T) {
	special := map[uint16]Special{0x07FF: NaN, 0x0800: NRes, 0x07FE: PositiveInfinity, 0x0802: NegativeInfinity, 0x0801: Reserved}
	for raw := 0; raw <= math.MaxUint16; raw++ {
		got, s := SFloat(uint16(raw))
		if s != special[uint16(raw)] {
			t.Fatalf("%#04x: %v, want %v", raw, s, special[uint16(raw)])
		}
		mantissa, exponent := raw&0xFFF, raw>>12
		if mantissa > 0x7FF {
			mantissa -= 0x1000
		}
		if exponent > 7 {
			exponent -= 16
		}
		want, _ := strconv.ParseFloat(strconv.Itoa(mantissa)+"e"+strconv.Itoa(exponent), 64)
		if s == Number && got != want || s != Number && got != 0 {
			t.Fatalf("%#04x: %v, want %v", raw, got, want)
		}
	}
}

// TestFloat holds every exponent with mantissas at the ends and between.
func TestFloat(t *testing.T) {
	for exponent := -128; exponent < 128; exponent++ {
		for _, mantissa := range []int32{0, 1, -1, 366, 98765, -98765, 0x7FFFFD, 0x7FFFFE, 0x7FFFFF, -0x800000, -0x7FFFFF, -0x7FFFFE, -0x7FFFFD} {
			raw := uint32(exponent)<<24 | uint32(mantissa)&0xFFFFFF
			got, s := Float(raw)
			want, _ := strconv.ParseFloat(strconv.Itoa(int(mantissa))+"e"+strconv.Itoa(exponent), 64)
			if exponent == 0 && (mantissa > 0x7FFFFD || mantissa < -0x7FFFFD) {
				if s == Number || got != 0 || s.String() == "" {
					t.Errorf("%#08x: %v %v, want a special value", raw, got, s)
				}
			} else if s != Number || got != want {
				t.Errorf("%#08x: %v %v, want %v", raw, got, s, want)
			}
		}
	}
	for raw, want := range map[uint32]float64{0xFF00016E: 36.6, 0x00000062: 98, 0xFD01E240: 123.456, 0x02000005: 500, 0xFFFFFF9C: -10} {
		if got, s := Float(raw); got != want || s != Number {
			t.Errorf("%#08x: %v, want %v", raw, got, want)
		}
	}
	if NaN.String() != "NaN" || NRes.String() != "NRes" || PositiveInfinity.String() != "+INF" || NegativeInfinity.String() != "-INF" || Special(9).String() != "9" {
		t.Error("names of special values")
	}
}
