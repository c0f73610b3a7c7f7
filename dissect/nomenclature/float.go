package nomenclature

import (
	"math"
	"strconv"
)

// Special says what a FLOAT-Type or SFLOAT-Type holds when it holds no number (11073-20601 annex F.7, F.8).
type Special uint8

// The special values. None of them is a measurement: a row must not show a number for it.
const (
	Number           Special = iota
	NaN                      // not a number: nothing was measured
	NRes                     // not at this resolution
	PositiveInfinity         // above what can be measured
	NegativeInfinity         // below what can be measured
	Reserved                 // reserved for future use
)

var specialNames = [...]string{"", "NaN", "NRes", "+INF", "-INF", "reserved"}

// String gives the standard's word, "" for a number.
func (s Special) String() string {
	if int(s) < len(specialNames) {
		return specialNames[s]
	}
	return strconv.Itoa(int(s))
}

// Float reads a FLOAT-Type: a signed exponent of ten in the upper 8 bits, a signed mantissa in the lower 24.
func Float(raw uint32) (float64, Special) {
	switch raw {
	case 0x007FFFFF:
		return 0, NaN
	case 0x00800000:
		return 0, NRes
	case 0x007FFFFE:
		return 0, PositiveInfinity
	case 0x00800002:
		return 0, NegativeInfinity
	case 0x00800001:
		return 0, Reserved
	}
	return decimal(int32(raw<<8)>>8, int(int8(raw>>24))), Number
}

// SFloat reads an SFLOAT-Type: a signed exponent of ten in the upper 4 bits, a signed mantissa in the lower 12.
func SFloat(raw uint16) (float64, Special) {
	switch raw {
	case 0x07FF:
		return 0, NaN
	case 0x0800:
		return 0, NRes
	case 0x07FE:
		return 0, PositiveInfinity
	case 0x0802:
		return 0, NegativeInfinity
	case 0x0801:
		return 0, Reserved
	}
	return decimal(int32(int16(raw<<4)>>4), int(int16(raw)>>12)), Number
}

// exact is the largest power of ten that a float64 holds without loss: up to there one division or product rounds once, and
// 366 with exponent -1 is 36.6 as it is written.
const exact = 22

func decimal(mantissa int32, exponent int) float64 {
	m := float64(mantissa)
	switch {
	case exponent >= -exact && exponent < 0:
		return m / math.Pow10(-exponent)
	case exponent >= 0 && exponent <= exact:
		return m * math.Pow10(exponent)
	}
	v, _ := strconv.ParseFloat(strconv.Itoa(int(mantissa))+"e"+strconv.Itoa(exponent), 64) // cannot fail: at most 8388607e127
	return v
}
