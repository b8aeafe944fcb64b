package accounts

import (
	"strconv"
	"testing"
	"time"
)

func TestLimitsForgetWhoHasGone(t *testing.T) {
	const each, atOnce = 5, 100
	now := time.Unix(1_795_000_000, 0)
	l := NewLimits(each, atOnce)
	for i := range 3 * mostLimits {
		if !l.Allow(strconv.Itoa(i), now.Add(time.Duration(i)*time.Second)) {
			t.Fatal("somebody new has to wait")
		}
	}
	if len(l.by) > mostLimits {
		t.Errorf("%d are kept in mind", len(l.by))
	}
	for range atOnce {
		l.Allow("one", now)
	}
	if l.Allow("one", now) || !l.Allow("one", now.Add(time.Second)) {
		t.Error("the rate is another")
	}
}

func TestNeighbourhood(t *testing.T) {
	for address, want := range map[string]string{
		"198.51.100.77": "198.51.100.0/24", "::ffff:198.51.100.77": "198.51.100.0/24", "2001:db8:7:1:2::3": "2001:db8:7::/48",
		"fe80::1%eth0": "fe80::/48", "@": "@",
	} {
		if got := Neighbourhood(address); got != want {
			t.Errorf("%s is in %s, not in %s", address, got, want)
		}
	}
}
