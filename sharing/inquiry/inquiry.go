// Package inquiry asks PhoneBlock about callers whom nobody in the house knows, for households that have chosen that.
//
// PhoneBlock is sent the SHA-1 of the number. There are so few telephone numbers that whoever has the hash can find the number by trying all of
// them, so it is as good as the number itself. That is why nothing is asked unless an owner has said so; never about anybody whom the house
// knows; about one number once a day at most; and about a limited number of numbers a day. (PhoneBlock can also be asked with the beginning of the
// hash, which thousands of numbers share; but then it wants to be sent, in clear, the number of each scam caller that it has recognised.)
//
// Nothing here may hold up a call: asking happens beside it, for a few seconds at most; only a few questions are asked at a time, and the rest not at
// all; after failures nothing is asked for a while. If anything goes wrong, nothing is known of the caller.
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
	// Within is how long to wait for an answer. A caller takes longer to say who they are.
	Within = 4 * time.Second
	// dailyMost is how many numbers a household asks about in a day. Nobody gets more unknown callers.
	dailyMost = 50
	// AtOnce is how many questions may be under way at a time, for all households.
	AtOnce = 4
	// After a failure nothing is asked for firstPause, after the next one for twice as long, and so on.
	firstPause = time.Minute
	mostPause  = time.Hour
)

// noAnswer is for the log of a call if PhoneBlock may have got the question, but was of no help.
const noAnswer = "PhoneBlock was asked about this number and gave no answer"

// Asker asks PhoneBlock. All exported fields are needed. Its methods may be called from any goroutine.
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

// LookupSpam returns in a sentence what PhoneBlock knows of a number, "" if it was not asked, and whether it is a scam. It may take as long as Within.
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
	mark := MarkOf(who.Key, n)
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
		return noAnswer, false // the caller has gone, which is not PhoneBlock's failure
	}
	a.onAnswer(household, err)
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

// MarkOf is a mark of a number, from which nobody can find the number without the key.
func MarkOf(key string, n screening.Number) []byte {
	mark := hmac.New(sha256.New, []byte(key))
	mark.Write([]byte(n))
	return mark.Sum(nil)[:16]
}

// begin returns false if a household may not ask now.
func (a *Asker) begin(household string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	until := a.pauses[household].until
	// A time further away than any pause was set by a wrong clock.
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

// longestPause is the longest that PhoneBlock is left alone, whatever it says.
const longestPause = 24 * time.Hour

// onAnswer notes how a question went.
func (a *Asker) onAnswer(household string, err error) {
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
