// Package subscribe keeps shared lists that others publish up to date in a household's store. The format is in package list, getting files in package fetch.
// PhoneBlock's list, which works differently, is in blocklist.go, and plain files of numbers are in plain.go.
//
// An update asks for the manifest (only whether it has changed, if there was one before) and verifies its signature with the key that the household
// has subscribed with. The manifest must not be older than the last one, out of date, or beyond the limits. Then the update downloads what it needs
// into a file without a name, of which nothing is left whatever happens: the changes since the present serial if the publisher has them, the full
// list otherwise. The file is only unpacked if its size and hash are what the signed manifest says. It is read under the guard of numbers that may be
// on no list, and takes effect in one switch in the store, or not at all. Whatever fails, the last good list stays in force.
//
// A list is asked for once for all households that share it (see store/lists), at random times around the shortest of their periods, so that not all
// machines ask at once; after failures less and less often. Nothing here holds up a call: one list is updated at a time, and the store is written to in small
// pieces.
package subscribe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/sqlite"
)

// Fetcher gets files. A [fetch.Client] is one.
type Fetcher interface {
	Get(ctx context.Context, r fetch.Request, to io.Writer) (fetch.Answer, error)
}

// Options are what an Updater works with. Limits, Now, Random, Again and Free may be left out.
type Options struct {
	Store  *store.Store
	Fetch  Fetcher
	House  func(household string) screening.Household // its Region and Times.Zone count
	Folder string                                     // for files while they are downloaded
	Log    *slog.Logger
	// AllowPlain lets an unsigned list that comes without encryption turn callers away, for lists from the home network.
	AllowPlain bool

	Limits list.Limits
	Now    func() time.Time
	Random func() float64                     // from 0 up to 1
	Again  time.Duration                      // when to ask again for a list that seems to be in the middle of being published
	Free   func(folder string) (int64, error) // how many bytes there are left on the disk of a folder
}

// Updater keeps the subscriptions of all households up to date. Its methods may be called from any goroutine.
type Updater struct {
	Options
	wake  chan struct{}
	one   chan struct{} // full while a list is being updated
	asked chan asked
}

// New makes an updater.
func New(o Options) *Updater {
	if o.Limits == (list.Limits{}) {
		o.Limits = list.DefaultLimits()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Free == nil {
		o.Free = store.FreeDisk
	}
	if o.Again == 0 {
		o.Again = 3 * time.Second
	}
	return &Updater{o, make(chan struct{}, 1), make(chan struct{}, 1), make(chan asked)}
}

// In is the updater for another database: that of a trial, whose lists it updates as its own. For its own database it is the updater itself.
func (u *Updater) In(db *store.Store) *Updater {
	if db == u.Store {
		return u
	}
	o := u.Options
	o.Store = db
	return New(o)
}

// The period of a subscription.
const (
	UsualPeriod = 6 * time.Hour
	LeastPeriod = 15 * time.Minute
	MostPeriod  = 7 * 24 * time.Hour
)

var (
	// ErrNoSignature says that a list has no signature although a key belongs to it.
	ErrNoSignature = errors.New("the list is not signed, although a key belongs to it")
	// ErrPlain says that an unsigned list must not turn callers away because anybody on the way could write into it.
	ErrPlain = errors.New("a list that is neither signed nor comes from an https address can only warn: anybody on the way could write into it")
	// ErrRoom says that the disk is too full for a list.
	ErrRoom = errors.New("the disk has too little room for this list")
	// errBroken is for a panic, which must not end the program: it has calls to handle.
	errBroken = errors.New("the list has found a fault in Ringfence, so it was left as it was")
)

// Choices say how a household subscribes.
type Choices struct {
	Name        string        // what to call it; "" for the publisher's name
	MayTurnAway bool          // it may turn callers away although it is not signed
	Period      time.Duration // 0 is UsualPeriod
	By          string        // who subscribes, for the record; household.Admin fills it in
	Column      string        // of a plain file: the column with the numbers, where it is not certain
}

// Found is what is at an address: a published list, or a plain file of numbers.
type Found struct {
	Source   Source
	Manifest list.Manifest // of a published list
	File     *FileFound    // nil: it is a published list
}

// Name is what the list calls itself, as a household may call it.
func (f Found) Name() string {
	if f.File != nil {
		return fileState(f.Source.URL, 0, time.Time{}, fetch.Answer{}, "").Title
	}
	return screening.CleanLine(f.Manifest.Name, lists.MaxName)
}

// Look downloads and verifies a list's manifest, or a plain file, for somebody in a household who is thinking of subscribing. column is the column of a file's
// numbers, if that is asked; otherwise "".
func (u *Updater) Look(ctx context.Context, household string, s Source, column string) (Found, error) {
	if s.File {
		file, err := u.lookFile(ctx, household, s, column)
		return Found{Source: s, File: &file}, err
	}
	m, _, err := u.manifest(ctx, s, lists.State{})
	if err == nil {
		return Found{Source: s, Manifest: m}, m.Fresh(u.Now())
	}
	// An address without an ending may be that of a file.
	var status *fetch.StatusError
	if s.Key != "" || !errors.As(err, &status) && !errors.Is(err, ErrNotList) {
		return Found{}, err
	}
	plain, fault := s.asFile()
	if fault != nil {
		return Found{}, err
	}
	file, fault := u.lookFile(ctx, household, plain, column)
	if errors.As(fault, &status) {
		return Found{}, err
	}
	return Found{Source: plain, File: &file}, fault
}

// Prepare looks at a list and prepares a subscription to it, for household.Admin to begin. The contents come with the first update, which is due at once.
func (u *Updater) Prepare(ctx context.Context, household string, s Source, c Choices) (lists.Subscription, error) {
	if c.Period == 0 {
		c.Period = UsualPeriod
	}
	if c.Period < LeastPeriod || c.Period > MostPeriod {
		return lists.Subscription{}, fmt.Errorf("a list is asked for every %v at most and every %v at least", LeastPeriod, MostPeriod)
	}
	if c.MayTurnAway {
		if err := u.MayTurnAway(s); err != nil {
			return lists.Subscription{}, err
		}
	}
	found, err := u.Look(ctx, household, s, c.Column)
	if err != nil {
		return lists.Subscription{}, err
	}
	s = found.Source
	kind, state := lists.Published, stateOf(found.Manifest, fetch.Answer{})
	if found.File != nil {
		kind, state = lists.File, fileState(s.URL, 0, u.Now(), fetch.Answer{}, "")
	}
	if c.Column != "" && found.File == nil {
		return lists.Subscription{}, errors.New("this is a published list, which has no columns to choose from: leave out the column")
	}
	if c.Column != "" {
		c.Column = found.File.Column
	}
	if c.Name == "" {
		c.Name = found.Name()
	}
	if err := lists.CheckName(c.Name); err != nil {
		return lists.Subscription{}, err
	}
	now := u.Now()
	return lists.Subscription{
		Household: household, Region: u.House(household).Region, List: c.Name, Kind: kind, URL: s.URL, Key: s.Key, OnlyWarns: s.Key == "" && !c.MayTurnAway, Period: c.Period, By: c.By,
		Begun: now, Next: now, State: state, Column: c.Column,
	}, nil
}

// MayTurnAway returns ErrPlain for a list that must not turn callers away, whatever somebody chooses.
func (u *Updater) MayTurnAway(s Source) error {
	if s.Key == "" && !strings.HasPrefix(s.URL, "https:") && !u.AllowPlain {
		return ErrPlain
	}
	return nil
}

// Wake has Run check at once whether something is due.
func (u *Updater) Wake() {
	select {
	case u.wake <- struct{}{}:
	default: // it has been woken already
	}
}

// Outcome is what an update has done.
type Outcome struct {
	Unchanged bool // there was nothing new
	Held      bool // somebody has to look at what is new; Counts are what it would change, unless it is Unchanged
	Full      bool // the full list was fetched, not only what has changed
	lists.Counts
	Serial   int64
	Refused  int            // entries that were left out because they may be on no list
	Refusals []list.Refusal // the first of them
}

const shownRefusals = 20

// Update updates a list now. The error is a plain sentence, and is noted with the subscription; the list then stays as it was.
func (u *Updater) Update(ctx context.Context, household, name string) (Outcome, error) {
	select {
	case u.one <- struct{}{}:
		defer func() { <-u.one }()
	case <-ctx.Done():
		return Outcome{}, ctx.Err()
	}
	sub, err := u.Store.Lists.Subscription(ctx, household, name)
	if err == nil {
		err = u.gather(ctx, sub.Source)
	}
	if err == nil {
		sub, err = u.Store.Lists.Subscription(ctx, household, name) // which may have another source now
	}
	if err != nil {
		return Outcome{}, err
	}
	return u.try(ctx, sub)
}

// try updates a list, and notes the result.
func (u *Updater) try(ctx context.Context, sub lists.Subscription) (Outcome, error) {
	began := time.Now()
	done, err := u.guarded(ctx, sub)
	if errors.Is(err, lists.ErrUpdated) {
		err = nil // another process has updated it, and notes that
		done.Unchanged = true
	}
	var soon *SoonError
	log := u.Log.With("household", sub.Household, "list", sub.List, "took", time.Since(began).Round(time.Millisecond))
	switch {
	case err == nil && done.Held:
		log.Warn("an update of a list waits for somebody to look at it", "added", done.Added, "removed", done.Removed, "entries", done.Entries)
	case err == nil && done.Unchanged:
		log.Debug("a list has not changed", "serial", done.Serial)
	case err == nil:
		log.Info("a list was updated", "serial", done.Serial, "full", done.Full, "added", done.Added, "changed", done.Changed,
			"removed", done.Removed, "entries", done.Entries, "refused", done.Refused)
	case errors.As(err, &soon):
		log.Debug("a list is not asked for yet", "until", soon.Until)
		err = errors.Join(err, u.putOff(ctx, sub, soon))
	case ctx.Err() != nil: // nobody is waiting any more, which is not the list's fault
		return done, err
	default:
		next := u.Now().Add(u.backOff(sub, err))
		log.Warn("a list could not be updated; the last good one stays in force", "err", err, "failures", sub.Failures+1, "next", next)
		why := strings.Join(strings.Fields(err.Error()), " ") // in one line
		if sqlite.IsInternal(err) {                           // the log has it
			why = "something went wrong on Ringfence's own machine"
		}
		err = errors.Join(err, ignore(u.Store.Lists.OnFailed(ctx, sub.Source, why, next), lists.ErrNoSubscription))
	}
	return done, err
}

// ignore returns nil for an error that does not matter here.
func ignore(err, none error) error {
	if errors.Is(err, none) {
		return nil
	}
	return err
}

// guarded is update, with panics turned into errors.
func (u *Updater) guarded(ctx context.Context, sub lists.Subscription) (done Outcome, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			u.Log.Error("a list has found a fault in Ringfence; please report it", "household", sub.Household, "list", sub.List, "fault", fault, "stack", string(debug.Stack()))
			err = errBroken
		}
	}()
	if err := u.Store.Lists.FinishUpdates(ctx); err != nil {
		return done, err
	}
	switch sub.Kind {
	case lists.PhoneBlock:
		return u.updateBlocklist(ctx, sub)
	case lists.File:
		return u.updateFile(ctx, sub)
	case lists.Ready:
		return u.updateReady(ctx, sub)
	default:
		return u.update(ctx, sub)
	}
}

func (u *Updater) update(ctx context.Context, sub lists.Subscription) (Outcome, error) {
	done := Outcome{Serial: sub.Serial, Counts: lists.Counts{Entries: sub.Entries}}
	m, answer, err := u.manifest(ctx, Source{URL: sub.URL, Key: sub.Key}, sub.State)
	if err != nil {
		return done, err
	}
	now := u.Now()
	if answer.Unchanged {
		done.Unchanged = true
		return done, u.unchanged(ctx, sub, sub.State, now)
	}
	if err := errors.Join(m.After(sub.Serial), m.Fresh(now)); err != nil {
		return done, err
	}
	if m.Serial == sub.Serial {
		done.Unchanged = true
		state := sub.State
		if !m.Made.Before(sub.Made) { // an earlier manifest would be valid for less long
			state = stateOf(m, answer)
		}
		return done, u.unchanged(ctx, sub, state, now)
	}
	what := lists.Update{Sub: sub, State: stateOf(m, answer), At: now, Next: now.Add(u.around(sub.Period))}
	part := m.Part(sub.Serial)
	done, err = u.takeUp(ctx, m, part, what)
	if part.From != 0 && (errors.Is(err, list.ErrPart) || errors.Is(err, fetch.ErrAnswer)) {
		u.Log.Warn("the changes of a list cannot be downloaded, so all of it is", "household", sub.Household, "list", sub.List, "err", err)
		done, err = u.takeUp(ctx, m, m.Part(0), what)
	}
	return done, err
}

// unchanged notes that the contents are still the publisher's latest. If they are out of date that is an error all the same: nobody renews them.
func (u *Updater) unchanged(ctx context.Context, sub lists.Subscription, state lists.State, now time.Time) error {
	if err := (list.Manifest{Made: state.Made, ValidUntil: state.ValidUntil}).Fresh(now); err != nil {
		return err
	}
	return u.Store.Lists.OnUnchanged(ctx, sub.Source, sub.Serial, state, now, now.Add(u.around(sub.Period)))
}

func stateOf(m list.Manifest, answer fetch.Answer) lists.State {
	return lists.State{
		Serial: m.Serial, Made: m.Made, ValidUntil: m.ValidUntil, Title: m.Name, Publisher: m.Publisher, Purpose: m.Purpose,
		Licence: m.Licence, Contact: m.Contact, Appeals: m.Appeals, ETag: answer.ETag, Modified: answer.Modified,
	}
}

// around is a random time around a period, so that those who have subscribed together do not ask together.
func (u *Updater) around(period time.Duration) time.Duration {
	return time.Duration(float64(period) * (0.75 + 0.5*u.Random()))
}

// firstAgain is how soon after its first failure a list is asked for again.
const firstAgain = 10 * time.Minute

// backOff is how long to leave a list alone after another failure: twice as long each time, up to its period; or as long as its server asks for.
func (u *Updater) backOff(sub lists.Subscription, err error) time.Duration {
	wait := u.around(min(firstAgain<<min(sub.Failures, 20), sub.Period))
	var status *fetch.StatusError
	if errors.As(err, &status) {
		wait = max(wait, status.After)
	}
	return wait
}
