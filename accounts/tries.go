package accounts

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// tries limits how often anybody may try to sign in: by the account that is tried, and by where it is tried from. Accounts that do not exist are
// treated alike, so that nobody learns which do. An attempt that succeeds is given back.
type tries struct {
	accounts, places *Limits
	all              *rate.Limiter

	mu   sync.Mutex // held for a whole attempt: one that is refused takes nothing, not even for a moment
	last time.Time  // when the last try was
}

// tryRate is how many attempts may be made at once, and after how long there is one more.
type tryRate struct {
	AtOnce int
	Each   time.Duration
}

func (r tryRate) limits() *Limits { return NewLimits(rate.Every(r.Each), r.AtOnce) }

// The rates. Guessing a password takes a hundred million tries (see CheckPassword), of which a guesser gets some 1,500 a day. A code is one of a
// million, and three are valid at any time: a guesser gets 144 tries a day. One address gets more, because a family or a charity may share it. The
// limit on all together is what a small computer can hash beside its calls.
var (
	passwordRate = tryRate{10, time.Minute}
	codeRate     = tryRate{5, 10 * time.Minute}
	placeRate    = tryRate{30, 20 * time.Second}
	allRate      = tryRate{60, 500 * time.Millisecond}
)

// newTries returns limits that nothing has been counted against, with this rate for each account.
func newTries(account tryRate) *tries {
	return &tries{accounts: account.limits(), places: placeRate.limits(), all: rate.NewLimiter(rate.Every(allRate.Each), allRate.AtOnce)}
}

// Try counts an attempt, and says whether it is allowed. account is the name that was tried, whether or not there is such an account. A place where
// that person has signed in before is counted separately (familiar), so that no stranger can lock them out. back gives the attempt back, and is
// called if it succeeds.
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

// giveBack gives each limiter one whole attempt back. Cancelling a reservation would not: the limiter keeps back what others have taken since. The
// time is that of the last try, because a limiter that is given an earlier time counts the time since then twice.
func (t *tries) giveBack(to []*rate.Limiter) {
	for _, limiter := range to {
		limiter.AllowN(t.last, -1)
	}
}

// Network is the smallest network that belongs to one household: for IPv6 the first 64 bits, because every household gets at least that much (RFC
// 6177).
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
