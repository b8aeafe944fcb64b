package subscribe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
	"ringfence/sharing/phoneblock"
	"ringfence/store/lists"
)

// PhoneBlock's blocklist also comes from an address and is kept up to date; but it has another form, nobody has signed it, asking for it takes a key, and it may be asked
// for rarely: PhoneBlock wants the whole list to be fetched once a month at most and what is new once a day, not at the same time by everybody (its guide for writers
// of programs, INTEGRATIONS.md in haumacher/phoneblock). The time is noted before the server is asked, so that no failure, restart or second subscription fetches the
// list again.
const (
	askEvery   = 24 * time.Hour
	askWithin  = 6 * time.Hour // a random time up to this later
	wholeEvery = 31 * 24 * time.Hour
	// freshFor is how long such a list counts as fresh after a check. It does not say so itself.
	freshFor = 30 * 24 * time.Hour
	// longestWait is how far away the next try may be set. Anything further away Run takes for a wrong clock.
	longestWait = MostPeriod
)

var (
	// ErrKeyRefused says that PhoneBlock does not accept the key, or no longer does.
	ErrKeyRefused = errors.New("PhoneBlock does not take the key: make a new one on its page, and give it here")
	errAskedOften = errors.New("Ringfence has asked PhoneBlock too often, and has to wait a while")
	errOlder      = errors.New("PhoneBlock's list is older than the one that is here")
	errNoNumbers  = errors.New("PhoneBlock's list has no numbers that could be used, which cannot be the whole of it")
)

// SoonError says that a blocklist has been asked for as often as it may be. It is not a failure.
type SoonError struct {
	Whole bool      // the whole list would have to be fetched
	Until time.Time // in the household's time zone
}

func (e *SoonError) Error() string {
	until := e.Until.Format("2 January 2006 15:04")
	if e.Whole {
		return "PhoneBlock gives its whole list once a month at most, and has been asked for it already: it comes after " + until
	}
	return "PhoneBlock is asked once a day at most: next time after " + until
}

// BlocklistSource is where a blocklist comes from.
type BlocklistSource struct {
	Server string // as somebody has typed it; "" is PhoneBlock's own
	Key    string // likewise: a secret
}

// PrepareBlocklist is Prepare for PhoneBlock's blocklist; it asks nobody anything. Nobody has signed the list, so it only warns unless c says otherwise.
// c.Period is ignored.
func (u *Updater) PrepareBlocklist(household string, b BlocklistSource, c Choices) (sub lists.Subscription, key string, err error) {
	if key, err = phoneblock.CheckKey(b.Key); err != nil {
		return sub, "", err
	}
	server, err := phoneblock.ParseServer(b.Server, u.AllowPlain)
	if err != nil {
		return sub, "", err
	}
	if c.Name == "" {
		c.Name = "PhoneBlock"
	}
	if err := lists.CheckName(c.Name); err != nil {
		return sub, "", err
	}
	now := u.Now()
	return lists.Subscription{
		Household: household, Region: u.House(household).Region, List: c.Name, URL: server, OnlyWarns: !c.MayTurnAway, Period: askEvery, By: c.By,
		Begun: now, Next: now, State: blocklistState(server, 0, time.Time{}),
	}, key, nil
}

// blocklistState is the state of a blocklist, which only has a version.
func blocklistState(server string, version int64, now time.Time) lists.State {
	state := lists.State{
		Serial: version, Title: "PhoneBlock", Publisher: "PhoneBlock (" + phoneblock.Name(server) + ")",
		Purpose: "Numbers of unwanted callers, as people in Germany and elsewhere have reported them", Contact: server, Appeals: server,
	}
	if version > 0 {
		state.Made, state.ValidUntil = now, now.Add(freshFor)
	}
	return state
}

// mayAsk says whether a blocklist may be asked for now, and whether for all of it. If not, the error is a SoonError.
func (u *Updater) mayAsk(sub lists.Subscription, now time.Time) (whole bool, err error) {
	// A time in the future was noted by a wrong clock.
	next := func(last time.Time, every time.Duration) time.Time {
		if last.IsZero() {
			return now
		}
		if last.After(now) {
			last = now
		}
		return last.Add(every)
	}
	local := u.House(sub.Household).Local
	wholeAt := next(sub.FullAsked, wholeEvery)
	whole = !now.Before(wholeAt)
	switch askAt := next(sub.Asked, askEvery); {
	case sub.Serial == 0 && !whole:
		return false, &SoonError{true, local(wholeAt)}
	case now.Before(askAt):
		return false, &SoonError{false, local(askAt)}
	default:
		return whole, nil
	}
}

// putOff sets when to ask again for a blocklist that was asked for too soon: at a random time after it may be, unless one is set already.
func (u *Updater) putOff(ctx context.Context, sub lists.Subscription, soon *SoonError) error {
	if wait := sub.Next.Sub(soon.Until); wait >= 0 && wait <= askWithin {
		return nil
	}
	next := soon.Until.Add(u.within())
	if most := u.Now().Add(longestWait); next.After(most) {
		next = most
	}
	return u.Store.Lists.SetNext(ctx, sub.Household, sub.List, next)
}

// within is a random delay after the time at which a list may be asked for.
func (u *Updater) within() time.Duration { return time.Duration(float64(askWithin) * u.Random()) }

// updateBlocklist fetches a blocklist and puts it into force. It goes into a file first, and is read to its end before anything in it counts.
func (u *Updater) updateBlocklist(ctx context.Context, sub lists.Subscription) (done Outcome, err error) {
	done = Outcome{Serial: sub.Serial, Counts: lists.Counts{Entries: sub.Entries}}
	now := u.Now()
	whole, err := u.mayAsk(sub, now)
	if err != nil {
		return done, err
	}
	if err := u.room(3 * phoneblock.MaxSize); err != nil {
		return done, err
	}
	file, err := u.getBlocklist(ctx, sub, whole, now)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	read := &blocklistReading{file: file, now: now}
	if err := read.through(); err != nil {
		return done, err
	}
	what := lists.Update{
		Sub: sub, State: blocklistState(sub.URL, read.version, now), At: now,
		Next: now.Add(askEvery + u.within()),
	}
	done.Serial, done.Full = read.version, whole
	read.reading = reading{guard: guard(sub.Region), now: now, done: &done}
	switch {
	case whole && read.listed == 0:
		return done, errNoNumbers
	case whole:
		done.Counts, err = u.Store.Lists.ApplyFull(ctx, what, read.entries())
	case read.version < sub.Serial:
		return done, fmt.Errorf("%w: its version is %d, and here is %d", errOlder, read.version, sub.Serial)
	case read.version == sub.Serial && read.count == 0:
		done.Unchanged = true
		return done, u.Store.Lists.OnUnchanged(ctx, sub.Source, sub.Serial, what.State, now, what.Next)
	default:
		done.Counts, err = u.Store.Lists.ApplyChanges(ctx, what, read.changes())
	}
	return done, err
}

// getBlocklist fetches a blocklist, after noting that it does.
func (u *Updater) getBlocklist(ctx context.Context, sub lists.Subscription, whole bool, now time.Time) (file *os.File, err error) {
	key, err := u.Store.Lists.BlocklistKey(ctx, sub.ID)
	if err != nil {
		return nil, err
	}
	since := sub.Serial
	if whole {
		since = 0
	}
	return u.nameless(func(file io.Writer) error {
		if err := u.Store.Lists.ClaimFetch(ctx, sub, whole, now); err != nil {
			return err
		}
		_, err := u.Fetch.Get(ctx, fetch.Request{
			URL: phoneblock.BlocklistURL(sub.URL, since), Bearer: key, Most: phoneblock.MaxSize,
			Time: partTime + phoneblock.MaxSize/leastRate*time.Second,
		}, file)
		if gaveNothing(err) {
			err = errors.Join(plainRefusal(err), u.Store.Lists.ReleaseFetch(context.WithoutCancel(ctx), sub, now))
		}
		return err
	})
}

// gaveNothing says whether an error means that the server has certainly not sent a list, or begun to.
func gaveNothing(err error) bool {
	var status *fetch.StatusError
	if errors.As(err, &status) {
		return true
	}
	for _, before := range []error{
		fetch.ErrAddress, fetch.ErrPrivate, fetch.ErrRedirects, fetch.ErrDowngrade, fetch.ErrElsewhere, fetch.ErrUnreachable, fetch.ErrCertificate,
	} {
		if errors.Is(err, before) {
			return true
		}
	}
	return false
}

// plainRefusal explains PhoneBlock's refusals.
func plainRefusal(err error) error {
	var status *fetch.StatusError
	if !errors.As(err, &status) {
		return err
	}
	switch status.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w (%w)", ErrKeyRefused, err)
	case http.StatusTooManyRequests:
		return fmt.Errorf("%w (%w)", errAskedOften, err)
	default:
		return err
	}
}

// blocklistReading reads a blocklist from a file twice: once to its end, to check it, and once for the store.
type blocklistReading struct {
	reading
	file io.ReadSeeker
	now  time.Time

	version       int64
	count, listed int              // numbers in the file, and how many of them are valid and on the list
	last          map[uint64]int32 // the last position of each number, because of a number that comes twice the later counts
}

func (r *blocklistReading) through() (err error) {
	r.last = map[uint64]int32{}
	r.version, err = phoneblock.Read(r.file, func(n phoneblock.Number) error {
		r.count++
		if key := keyOf(n); key != 0 {
			r.last[key] = int32(r.count) //nolint:gosec // at most half a million
			if !n.Off() {
				r.listed++
			}
		}
		return nil
	})
	if err == nil && r.version == 0 {
		err = fmt.Errorf("%w: it has no version", phoneblock.ErrNotBlocklist)
	}
	return err
}

// keyOf is a number in a few bytes; 0 if it is not valid.
func keyOf(n phoneblock.Number) uint64 {
	key, err := strconv.ParseUint(n.Digits(), 10, 64)
	if err != nil {
		return 0
	}
	return key
}

// errEnough ends a reading when nobody wants more.
var errEnough = errors.New("no more is wanted")

// changes are what the file says of each number. A number that may be on no list is removed, because it may have been there before.
func (r *blocklistReading) changes() iter.Seq2[lists.Change, error] {
	return func(yield func(lists.Change, error) bool) {
		_, err := r.file.Seek(0, io.SeekStart)
		at := int32(0)
		if err == nil {
			_, err = phoneblock.Read(r.file, func(n phoneblock.Number) error {
				at++
				key := keyOf(n)
				if key == 0 {
					r.refuse(list.Refusal{Number: "“" + screening.CleanLine(n.Phone, 40) + "”", Why: "isn't a phone number"})
					return nil
				}
				if r.last[key] != at {
					return nil
				}
				off := n.Off() || !r.takes(list.Entry{Digits: n.Digits()})
				if !yield(lists.Change{Entry: n.Entry(r.now), Remove: off}, nil) {
					return errEnough
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(lists.Change{}, err)
		}
	}
}

// entries are the entries of the whole list.
func (r *blocklistReading) entries() iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for c, err := range r.changes() {
			if err == nil && c.Remove {
				continue
			}
			if !yield(c.Entry, err) {
				return
			}
		}
	}
}
