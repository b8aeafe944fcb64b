package identity

import (
	"sync"
	"time"

	"ringfence/web/gate"
)

// Tries limits how often anybody may try to sign in: by the account that is tried, and by where it is tried from. It is the
// same for accounts that do not exist, so that it names none. A try that was right is given back.
type Tries struct {
	mu       sync.Mutex
	accounts bucketsOf
	places   bucketsOf
	all      *bucket
}

// Rate is how many tries there are at once, and after how long there is one more.
type Rate struct {
	AtOnce int
	Each   time.Duration
}

// The rates. A password takes a good guesser a hundred million tries (see CheckPassword), and gets some 1,500 a day. A code is
// one of a million, of which three are right at a time: it gets 144 a day. From one address there are more, for a family or a
// charity may share one. All together there are as many as a small computer can hash beside its calls.
var (
	PasswordRate = Rate{10, time.Minute}
	CodeRate     = Rate{5, 10 * time.Minute}
	placeRate    = Rate{30, 20 * time.Second}
	allRate      = Rate{60, 500 * time.Millisecond}
)

// NewTries makes it ready, with a rate for each account; nobody has tried anything.
func NewTries(account Rate) *Tries {
	return &Tries{accounts: bucketsOf{account, map[string]*bucket{}}, places: bucketsOf{placeRate, map[string]*bucket{}}, all: &bucket{Rate: allRate}}
}

// Try takes a try, and says whether it may be made. account is what names it, whether there is such a one or not. A place in
// which that person has signed in before counts by itself (familiar), so that no stranger can keep them out by trying. back
// gives the try back: it is called where it was right.
func (t *Tries) Try(account, address string, familiar bool, now time.Time) (ok bool, back func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	place := gate.Network(address)
	if familiar {
		account += "\x00" + place
	}
	of := []*bucket{t.accounts.find(account, now), t.places.find(place, now)}
	if !familiar {
		of = append(of, t.all)
	}
	for _, b := range of {
		if b.left(now) < 1 {
			return false, func() {}
		}
	}
	for _, b := range of {
		b.taken++
	}
	return true, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, b := range of {
			b.taken = max(b.taken-1, 0)
		}
	}
}

// bucket counts tries, and forgets them at its rate.
type bucket struct {
	Rate
	taken float64
	at    time.Time // when taken was right
}

func (b *bucket) left(now time.Time) float64 {
	if gone := now.Sub(b.at); gone > 0 {
		b.taken = max(b.taken-float64(gone)/float64(b.Each), 0)
	}
	b.at = now
	return float64(b.AtOnce) - b.taken
}

// bucketsOf are those of many names.
type bucketsOf struct {
	Rate
	by map[string]*bucket
}

// remembered is how many names are kept in mind at most.
const remembered = 10_000

// find finds the bucket of a name. Those in which nothing is left to forget are dropped, which changes nothing. Where that is not
// enough, because somebody tries very many names, all are: what guards then is the rate of all together.
func (of bucketsOf) find(name string, now time.Time) *bucket {
	if b, ok := of.by[name]; ok {
		return b
	}
	if len(of.by) >= remembered {
		for name, b := range of.by {
			if b.left(now) >= float64(b.AtOnce) {
				delete(of.by, name)
			}
		}
	}
	if len(of.by) >= remembered {
		clear(of.by)
	}
	b := &bucket{Rate: of.Rate, at: now}
	of.by[name] = b
	return b
}
