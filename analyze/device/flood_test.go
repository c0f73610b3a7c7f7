package device

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"wardtrace/dissect/event"
)

// TestLeases holds that searching by halves finds what looking at each lease finds.
func TestLeases(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		hs := newHosts()
		for i := range 1 + r.IntN(12) {
			since := event.Time(r.IntN(40))
			hs.hold(hs.get(fmt.Sprint(i), fmt.Sprint(i)), "10.0.0.1", since, since+event.Time(r.IntN(20)))
		}
		l := hs.leases["10.0.0.1"]
		among := func(x *lease) bool { return x.until%3 != 0 }
		got := disputed(l, among)
		for _, x := range l {
			want := false
			for _, y := range l {
				want = want || y != x && among(y) && y.since <= x.until && x.since <= y.until
			}
			if got[x] != want {
				t.Fatalf("the lease from %d to %d: disputed %v, want %v", x.since, x.until, got[x], want)
			}
		}
		hs.order()
		for at := range event.Time(70) {
			want := l[0].h
			for _, x := range l {
				if at < x.since {
					break
				}
				want = x.h
				if at <= x.until {
					break
				}
			}
			if got := hs.at("10.0.0.1", at); got != want {
				t.Fatalf("at %d: host %s, want %s", at, got.id, want.id)
			}
		}
	}
}

// TestOneAddressClaimedByAll: a flood of claims of one address by as many hosts as are kept took time by their square: minutes.
func TestOneAddressClaimedByAll(t *testing.T) {
	hs, start := newHosts(), time.Now()
	for i := range maxHosts {
		h := hs.get(fmt.Sprint(i), fmt.Sprint(i))
		hs.hold(h, "10.0.0.1", event.Time(1+i), event.Time(2*maxHosts))
		if i%2 == 0 {
			hs.hold(h, fmt.Sprint("10.0.1.", i), event.Time(1+i), event.Time(1+i))
		}
	}
	hs.disown()
	for i := range maxHosts {
		hs.sender("10.0.0.1", fmt.Sprint(i), event.Time(1+i), event.Time(1+i), 1, false)
	}
	hs.order()
	for i := range maxHosts {
		hs.at("10.0.0.1", event.Time(i))
	}
	if n := len(hs.leases["10.0.0.1"]); n != maxHosts/2 {
		t.Errorf("%d hosts hold the address, want the %d that have no other", n, maxHosts/2)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("%v", took)
	}
}
