package capture

import (
	"fmt"
	"math"
	"math/bits"
	"strings"

	"wardtrace/dissect/event"
)

// options goes through the options of a block (section 3.5), up to the first that does not fit.
func (d *pcapng) options(b []byte, each func(code uint16, v []byte)) {
	for len(b) >= 4 {
		code, n := d.order.Uint16(b), int(d.order.Uint16(b[2:]))
		if code == 0 || 4+n > len(b) {
			return
		}
		each(code, b[4:4+n])
		b = b[min(len(b), 4+(n+3)&^3):]
	}
}

// text makes a string of a text option, which must be UTF-8 and is not always.
func text(v []byte) string {
	s := strings.ToValidUTF8(string(v[:min(len(v), maxText)]), "\uFFFD")
	return strings.TrimSpace(strings.TrimRight(s, "\x00"))
}

// ticks is a resolution of time stamps: 10 or 2 to the power of -exp (if_tsresol, section 4.2).
type ticks struct {
	binary bool
	exp    uint8
}

func resolution(v uint8) ticks { return ticks{v&0x80 != 0, v & 0x7f} }

func (t ticks) String() string {
	if t.binary {
		return fmt.Sprintf("2^-%d", t.exp)
	}
	return fmt.Sprintf("1e-%02d", t.exp)
}

// time is the time of a stamp. What lies outside the years that event.Time can hold becomes the nearest it can.
func (t ticks) time(stamp uint64, offset int64) event.Time {
	sec, nsec := t.split(stamp)
	switch {
	case offset < math.MinInt64/2:
		return event.Time(math.MinInt64)
	case sec > math.MaxInt64/2 || offset > math.MaxInt64/2:
		return event.Time(math.MaxInt64)
	}
	const last = math.MaxInt64/1_000_000_000 - 1
	switch s := int64(sec) + offset; {
	case s > last:
		return event.Time(math.MaxInt64)
	case s < -last:
		return event.Time(math.MinInt64)
	default:
		return event.Time(s*1e9 + int64(nsec))
	}
}

// split gives a stamp's seconds and nanoseconds. Finer parts are cut off, as event.Time has nanoseconds.
func (t ticks) split(stamp uint64) (sec, nsec uint64) {
	if t.binary {
		if t.exp >= 64 { // less than a second at most; what is below 2^-94 cannot reach a nanosecond
			hi, _ := bits.Mul64(stamp, 1e9)
			return 0, hi >> (t.exp - 64)
		}
		hi, lo := bits.Mul64(stamp&(1<<t.exp-1), 1e9)
		return stamp >> t.exp, hi<<(64-t.exp) | lo>>t.exp
	}
	if t.exp <= 19 {
		perSec := uint64(1)
		for range t.exp {
			perSec *= 10
		}
		hi, lo := bits.Mul64(stamp%perSec, 1e9)
		q, _ := bits.Div64(hi, lo, perSec)
		return stamp / perSec, q
	}
	for e := t.exp; e > 9 && stamp > 0; e-- {
		stamp /= 10
	}
	return 0, stamp // 2^64 units of 10^-20 s are less than a second
}
