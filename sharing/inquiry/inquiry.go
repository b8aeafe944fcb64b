// Package inquiry asks PhoneBlock of callers whom nobody in the house knows, for households that have chosen so.
//
// What goes out is the SHA-1 of the number, which is how PhoneBlock lets itself be asked. There are so few telephone numbers that
// whoever has it can find the number by trying all of them, so it is as good as the number itself: that is why nothing is asked unless
// an owner has said so, of nobody whom the house knows, of one number once a day at most, and of so many numbers a day. (PhoneBlock can
// also be asked by the beginning of the hash, which thousands of numbers share; but it then wants to be sent the number itself, in
// clear, of each scam caller that it has recognised.)
//
// Nothing here may hold up a call: whoever asks does so beside it, for a few seconds at most; there are a few at a time and the rest
// are not asked; after failures nothing is asked for a while. What goes wrong ends in nothing known.
package inquiry

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/phoneblock"
	"ringfence/store"
	"ringfence/store/lists"
)

const (
	// Within is for how long an answer is waited for. A caller takes longer to say who they are.
	Within = 4 * time.Second
	// dailyMost is how many numbers a household asks of within a day: more unknown callers ring nobody.
	dailyMost = 50
	// AtOnce is how many questions are under way at a time, of all households.
	AtOnce = 4
	// After a failure nothing is asked for firstPause, after the next for twice as long, and so on.
	firstPause = time.Minute
	mostPause  = time.Hour
)

// noAnswer is what a call's log says where PhoneBlock has got the question, perhaps, and was of no help.
const noAnswer = "PhoneBlock was asked about this number and gave no answer"

// Asker asks. All exported fields are needed. Its methods may be called from any goroutine.
type Asker struct {
	Store *store.Store
	Fetch phoneblock.Fetcher
	Log   *slog.Logger
	Now   func() time.Time

	mu       sync.Mutex
	underWay int
	pauses   map[string]pause // by household
}

type pause struct {
	failures int
	until    time.Time
}

// LookupSpam says in a sentence what PhoneBlock knows of a number, and whether it is a scam; "" where it was not asked. It may take as long as
// Within.
func (a *Asker) LookupSpam(ctx context.Context, household string, n screening.Number) (said string, spam bool) {
	who, err := a.Store.Lists.WhoIsAsked(ctx, household)
	if errors.Is(err, lists.ErrNoSubscription) {
		return "", false
	}
	log := a.Log.With("household", household)
	if err != nil {
		log.Error("whether PhoneBlock is to be asked of a caller cannot be told", "err", err)
		return "", false
	}
	if !a.begin(household) {
		log.Debug("PhoneBlock is not asked of a caller: too many are asked of, or it did not answer before")
		return "", false
	}
	defer a.end()
	mark := markOf(who.Key, n)
	before, isNew, err := a.Store.Lists.BeginInquiry(ctx, household, mark, a.Now(), dailyMost)
	switch {
	case errors.Is(err, lists.ErrAskedEnough):
		log.Warn("PhoneBlock is not asked of a caller: it was asked often enough today", "most", dailyMost)
		return "", false
	case err != nil:
		log.Error("PhoneBlock is not asked of a caller: it cannot be noted", "err", err)
		return "", false
	case !isNew:
		return before.Said, before.Spam
	}
	info, err := phoneblock.Check(ctx, a.Fetch, who.Server, who.Key, n, Within)
	if errors.Is(ctx.Err(), context.Canceled) {
		return noAnswer, false // the caller has gone, which is no failure of PhoneBlock's
	}
	a.became(household, err)
	if err != nil {
		log.Warn("PhoneBlock was asked of a caller, and gave no answer", "err", err)
		return noAnswer, false
	}
	what := lists.Inquiry{Said: info.String(), Spam: info.Spam()}
	if err := a.Store.Lists.EndInquiry(context.WithoutCancel(ctx), household, mark, what); err != nil {
		log.Error("what PhoneBlock says of a caller cannot be kept for the day", "err", err)
	}
	return what.Said, what.Spam
}

// markOf is a mark of a number: whoever has it and not the key cannot find the number.
func markOf(key string, n screening.Number) []byte {
	mark := hmac.New(sha256.New, []byte(key))
	mark.Write([]byte(n))
	return mark.Sum(nil)[:16]
}

// begin is false where a household may not ask now.
func (a *Asker) begin(household string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	until := a.pauses[household].until
	// A time that is farther away than any pause was set by a wrong clock.
	if wait := until.Sub(a.Now()); a.underWay >= AtOnce || wait > 0 && wait <= longestPause {
		return false
	}
	a.underWay++
	return true
}

func (a *Asker) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.underWay--
}

// longestPause is how long PhoneBlock is left alone at most, whatever it says.
const longestPause = 24 * time.Hour

// became notes how a question went.
func (a *Asker) became(household string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		delete(a.pauses, household)
		return
	}
	if a.pauses == nil {
		a.pauses = map[string]pause{}
	}
	p := a.pauses[household]
	wait := min(firstPause<<min(p.failures, 10), mostPause)
	var status *fetch.StatusError
	if errors.As(err, &status) {
		wait = min(max(wait, status.After), longestPause)
	}
	a.pauses[household] = pause{p.failures + 1, a.Now().Add(wait)}
}
