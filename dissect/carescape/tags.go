package carescape

import (
	"strconv"

	"wardtrace/dissect/nomenclature"
)

// function is what a bed message is for.
type function uint16

const (
	functionData    function = 201
	functionRequest function = 202
)

// subFunction is the kind of data.
type subFunction uint16

const (
	subAlarm         subFunction = 4
	subParameters    subFunction = 20
	subAskWaves      subFunction = 0x21
	subAskParameters subFunction = 0x60
)

// wanted names what a request's process asks for.
func wanted(process int64) string {
	switch process {
	case 0x29, 0x2a, 0x2b:
		return "parameters"
	case 0x0b, 0x0c, 0x0d:
		return "waveforms"
	}
	return ""
}

// parameter is a parameter's code.
type parameter uint8

const (
	paramNIBP parameter = 0x18
	paramResp parameter = 0x22
	paramTemp parameter = 0x23
	paramSpO2 parameter = 0x2d
	paramECG  parameter = 0x3a
)

func (p parameter) String() string {
	switch p {
	case paramNIBP:
		return "NIBP"
	case paramResp:
		return "respiration"
	case paramTemp:
		return "temperature"
	case paramSpO2:
		return "SpO2"
	case paramECG:
		return "ECG"
	case 0x56:
		return "ECG I"
	case 0x57:
		return "ECG II"
	case 0x58:
		return "ECG III"
	case 0x59:
		return "ECG V"
	}
	return ""
}

// kind is what a value of a parameter is in ISO/IEEE 11073-10101, and the term of its unit.
type kind struct {
	code nomenclature.Code
	unit uint16
}

const (
	unitPercent = 544
	unitBeats   = 2720 // a minute
	unitBreaths = 2784 // a minute
	unitMMHg    = 3872
)

// measured are the values that are certain, in the order in which a group has them: heart rate; saturation and pulse; respiration; cuff
// pressure mean, systolic and diastolic.
var measured = map[parameter][]kind{
	paramECG:  {{147842, unitBeats}},
	paramSpO2: {{150456, unitPercent}, {149530, unitBeats}},
	paramResp: {{151562, unitBreaths}},
	paramNIBP: {{150023, unitMMHg}, {150021, unitMMHg}, {150022, unitMMHg}},
}

// value is a number of a parameter; the lowest ones say why there is none.
type value int16

func (v value) ok() bool { return v > -32761 }

func (v value) String() string {
	switch v {
	case -32768:
		return "invalid"
	case -32767:
		return "missing"
	case -32766:
		return "drawing"
	case -32765:
		return "flushing"
	case -32764:
		return "zeroing"
	case -32763:
		return "calibrating"
	case -32762:
		return "no_pulse"
	case -32761:
		return "sensor_fail"
	}
	return strconv.Itoa(int(v))
}

var waveNames = map[uint8]string{0x07: "ECG I", 0x08: "ECG II", 0x09: "ECG III", 0x0a: "ECG V", 0x17: "respiration", 0x27: "SpO2"}

// samplesOf is the number of samples in a block of a kind, 0 if the kind is not known.
func samplesOf(kind uint8) int {
	switch kind {
	case 0x07, 0x08, 0x09, 0x0a:
		return 4
	case 0x17, 0x27:
		return 1
	}
	return 0
}
