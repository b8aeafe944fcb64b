package accounts

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// tries limits how often anybody may try to sign in: by the account that is tried, and by where it is tried from. It is the
// same for accounts that do not exist, so that it names none. A try that was right is given back.
type tries struct {
	accounts, places *Limits
	all              *rate.Limiter

	mu   sync.Mutex // a try is one step: one that is refused takes nothing, not even for a moment
	last time.Time  // when the last try was
}

// tryRate is how many tries there are at once, and after how long there is one more.
type tryRate struct {
	AtOnce int
	Each   time.Duration
}

func (r tryRate) limits() *Limits { return NewLimits(rate.Every(r.Each), r.AtOnce) }

// The rates. A password takes a good guesser a hundred million tries (see CheckPassword), and gets some 1,500 a day. A code is
// one of a million, and three are right at any time: it gets 144 a day. From one address there are more, for a family or a
// charity may share one. All together there are as many as a small computer can hash beside its calls.
var (
	passwordRate = tryRate{10, time.Minute}
	codeRate     = tryRate{5, 10 * time.Minute}
	placeRate    = tryRate{30, 20 * time.Second}
	allRate      = tryRate{60, 500 * time.Millisecond}
)

// newTries makes it ready, with a rate for each account; nobody has tried anything.
func newTries(account tryRate) *tries {
	return &tries{accounts: account.limits(), places: placeRate.limits(), all: rate.NewLimiter(rate.Every(allRate.Each), allRate.AtOnce)}
}

// Try takes a try, and says whether it may be made. account is what names it, whether there is such a one or not. A place in
// which that person has signed in before counts by itself (familiar), so that no stranger can keep them out by trying. back
// gives the try back: it is called where it was right.
func (t *tries) Try(account, address string, familiar bool, now time.Time) (ok bool, back func()) {
	place := Network(address)
	if familiar {
		account += "\x00" + place
	}
	of := []*rate.Limiter{t.accounts.of(account, now), t.places.of(place, now)}
	if !familiar {
		of = append(of, t.all)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = now
	for i, limiter := range of {
		if !limiter.AllowN(now, 1) {
			t.giveBack(of[:i])
			return false, func() {}
		}
	}
	return true, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.giveBack(of)
	}
}

// giveBack gives each limiter one whole try back. To cancel a reservation would not: the limiter keeps what others have taken since. The time is that
// of the last try, because a limiter that is given an earlier time counts the time since then twice.
func (t *tries) giveBack(to []*rate.Limiter) {
	for _, limiter := range to {
		limiter.AllowN(t.last, -1)
	}
}

// Network is the network that is somebody's own: for IPv6 the first 64 bits, because every household has at least such a network (RFC 6177).
func Network(address string) string { return network(address, 32, 64) }

// Neighbourhood is a network in which one person can have many addresses at little cost: for IPv4 the smallest that is routed by itself, 24 bits;
// for IPv6 what one customer may be given, 48 bits (RFC 6177, section 2).
func Neighbourhood(address string) string { return network(address, 24, 48) }

// network is the network of an address's first bits; text that is not an address is returned as it is.
func network(address string, v4, v6 int) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap().WithZone("")
	bits := v6
	if a.Is4() {
		bits = v4
	}
	return netip.PrefixFrom(a, bits).Masked().String()
}
