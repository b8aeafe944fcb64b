// Package booksync keeps a household's contacts in step with an address book on a CardDAV server (RFC 6352): Nextcloud, Radicale, Baikal, iCloud and others that
// take a user name and a password. It only ever reads there.
//
// The server is found by a domain or an address (RFC 6764), and its address books by the properties of whoever signs in. Once an hour one small request asks
// whether the address book has changed at all; if it has, the cards' ETags tell which of them are downloaded. What contacts need of the cards is kept in the
// store, so that what would change can be shown, and compared with contacts, at any time. Whatever fails, cards and contacts stay as they were.
//
// What a server sends is hostile input, and the password must not get to anybody else:
//
//   - It is sent to the server that was named, and to others of the same owner only (see sameOwner) and never without encryption over the internet. It follows no
//     redirect to another server.
//   - Answers have limits of size and time. One that is cut off, or lacks a card that was asked for, changes nothing.
//
// Requests and answers are written here, although package carddav of go-webdav has a client: that one drops the server's name of the addresses that it is given,
// on which iCloud's address books are, and decodes cards with errors for all of them where one is broken, while package addressbook reads what can be read.
package booksync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"ringfence/sharing/addressbook"
	"ringfence/sharing/fetch"
	"ringfence/store"
	"ringfence/store/sqlite"
)

// From is where an address book is, as somebody has written it.
type From struct {
	Address        string // https://cloud.example.org, example.org, or name@example.org
	User, Password string
	AtHome         bool   // the server may be in a home network, where there may be no https
	Book           string // the name of the address book; "" where there is only one
}

// Book is an address book on a server.
type Book struct {
	Title string
	URL   string
}

// Question asks which of several address books is meant.
type Question struct{ Books []Book }

func (q *Question) Error() string {
	return "there are several address books: " + strings.Join(q.Titles(), ", ") + ". Choose one by its name"
}

// Titles are the names to choose from.
func (q *Question) Titles() (all []string) {
	for _, b := range q.Books {
		all = append(all, b.Title)
	}
	return all
}

// Applied is what has become of what an address book has.
type Applied struct {
	addressbook.Kept
	Held bool // somebody has to look at the changes first
}

// Options are what an Updater works with. Now, Random and Log may be left out.
type Options struct {
	Store *store.Store
	// Agent is how it names itself to servers.
	Agent string
	// Apply changes a household's contacts as its address book has it, or has the changes wait for somebody.
	Apply func(ctx context.Context, household string) (Applied, error)
	// Here says whether a household is on this machine still: nothing is asked for one that was removed. nil: all are.
	Here   func(household string) bool
	Log    *slog.Logger
	Now    func() time.Time
	Random func() float64 // from 0 up to 1
	Within time.Duration  // for one answer; 0 is a minute
}

// Updater keeps the contacts of all households in step. Its methods may be called from any goroutine.
type Updater struct {
	Options
	internet, network, home *http.Client  // public addresses; any; only private ones
	one                     chan struct{} // full while a server is asked
	wake                    chan struct{}
}

// New makes an updater.
func New(o Options) *Updater {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Within == 0 {
		o.Within = time.Minute
	}
	client := func(f fetch.Options) *http.Client {
		f.Agent, f.Begin = o.Agent, min(o.Within, 15*time.Second)
		return fetch.New(f).Messages()
	}
	return &Updater{
		Options: o, one: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		internet: client(fetch.Options{}), network: client(fetch.Options{AllowPrivate: true}), home: client(fetch.Options{OnlyPrivate: true}),
	}
}

const (
	period = time.Hour
	// firstAgain is how soon after its first failure a server is asked again.
	firstAgain = 10 * time.Minute
	// longest is how long a server is left alone at most that fails again and again, or refuses the password: some lock out whoever tries too often.
	longest = 12 * time.Hour
	// within is how long a check may take in all.
	within = 10 * time.Minute
)

// Prepare looks for an address book and downloads it, for household.Admin to begin. The error is a *Question if there are several.
func (u *Updater) Prepare(ctx context.Context, household string, from From) (store.ContactSync, []store.SyncedCard, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	found, s, err := u.look(ctx, from)
	if err != nil {
		return store.ContactSync{}, nil, err
	}
	book, err := choose(found, from.Book)
	if err != nil {
		return store.ContactSync{}, nil, err
	}
	now := u.Now()
	sync := store.ContactSync{Household: household, URL: book.URL, User: s.user, AtHome: from.AtHome, Title: book.Title, Begun: now, Next: now.Add(u.around(period))}
	got, err := s.changes(ctx, sync, nil)
	sync.Version = got.version
	if err == nil && len(got.cards) == 0 {
		err = &Failure{Sentence: "The address book " + book.Title + " is empty."}
	}
	return sync, got.cards, err
}

// Look finds the address books of whoever signs in.
func (u *Updater) Look(ctx context.Context, from From) ([]Book, error) {
	found, _, err := u.look(ctx, from)
	return found, err
}

func choose(found []Book, name string) (Book, error) {
	var fit []Book
	for _, b := range found {
		if name == "" || strings.EqualFold(b.Title, strings.TrimSpace(name)) || b.URL == name {
			fit = append(fit, b)
		}
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	if len(fit) == 0 {
		fit = found
	}
	return Book{}, &Question{fit}
}

// Check asks a household's server now, and has what is new applied. The error is a plain sentence, and is noted; contacts then stay as they were.
func (u *Updater) Check(ctx context.Context, household string) (Applied, error) {
	select {
	case u.one <- struct{}{}:
		defer func() { <-u.one }()
	case <-ctx.Done():
		return Applied{}, ctx.Err()
	}
	sync, err := u.Store.ContactSync(ctx, household)
	if err != nil {
		return Applied{}, err
	}
	return u.try(ctx, sync)
}

func (u *Updater) try(ctx context.Context, sync store.ContactSync) (Applied, error) {
	err := u.download(ctx, sync)
	var done Applied
	if err == nil {
		done, err = u.Apply(ctx, sync.Household)
	}
	log := u.Log.With("household", sync.Household)
	switch {
	case errors.Is(err, store.ErrNoContactSync), errors.Is(err, store.ErrContactsChanged), ctx.Err() != nil: // somebody has stopped or changed it meanwhile
		return done, err
	case err != nil:
		next := u.Now().Add(u.backOff(sync, err))
		log.Warn("an address book could not be read; the contacts stay as they were", "err", detail(err), "failures", sync.Failures+1, "next", next)
		why := strings.Join(strings.Fields(err.Error()), " ")
		if sqlite.IsInternal(err) { // the log has it
			why = "Something went wrong on Ringfence's own machine."
		}
		if noted := u.Store.OnContactsNotChecked(ctx, sync, why, next); !errors.Is(noted, store.ErrNoContactSync) {
			err = errors.Join(err, noted)
		}
	case done.Held:
		log.Info("changes of an address book wait for somebody to look at them", "new", len(done.New), "changed", len(done.Changed), "gone", len(done.Gone))
	case !done.Nothing():
		log.Info("contacts were changed as their address book has it", "new", len(done.New), "changed", len(done.Changed), "gone", len(done.Gone))
	}
	return done, err
}

// download has the store know what the server has.
func (u *Updater) download(ctx context.Context, sync store.ContactSync) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	password, err := u.Store.ContactSyncPassword(ctx, sync.Household)
	if err != nil {
		return err
	}
	known, err := u.Store.SyncedCards(ctx, sync.Household)
	if err != nil {
		return err
	}
	s, err := u.session(From{Address: sync.URL, User: sync.User, Password: password, AtHome: sync.AtHome})
	if err != nil {
		return err
	}
	got, err := s.changes(ctx, sync, known)
	if err != nil {
		return err
	}
	now := u.Now()
	return u.Store.OnContactsChecked(ctx, sync, got.version, got.cards, got.gone, now, now.Add(u.around(period)))
}

// around is a random time around a period, so that those who have begun together do not ask together.
func (u *Updater) around(period time.Duration) time.Duration {
	return time.Duration(float64(period) * (0.9 + 0.2*u.Random()))
}

func (u *Updater) backOff(sync store.ContactSync, err error) time.Duration {
	first := firstAgain
	var failure *Failure
	if errors.As(err, &failure) && failure.Password {
		first = period
	}
	wait := u.around(min(first<<min(sync.Failures, 10), longest))
	if failure != nil {
		wait = max(wait, min(failure.After, longest))
	}
	return wait
}

// Wake has Run check at once whether a server is due.
func (u *Updater) Wake() {
	select {
	case u.wake <- struct{}{}:
	default: // it has been woken already
	}
}

// poll is how often to check whether another process has changed what is due.
const poll = time.Minute

// Run keeps contacts in step until ctx ends.
func (u *Updater) Run(ctx context.Context) {
	for ctx.Err() == nil {
		u.due(ctx)
		select {
		case <-ctx.Done():
		case <-u.wake:
		case <-time.After(poll):
		}
	}
}

func (u *Updater) due(ctx context.Context) {
	all, err := u.Store.ContactSyncs(ctx)
	if err != nil && ctx.Err() == nil {
		u.Log.Error("which address book is due cannot be told; it is tried again", "err", err)
	}
	for _, sync := range all {
		if u.Here != nil && !u.Here(sync.Household) {
			continue
		}
		// A time that is farther away than any can be is from when the clock was wrong.
		if wait := sync.Next.Sub(u.Now()); (wait <= 0 || wait > 2*longest) && ctx.Err() == nil {
			u.guarded(ctx, sync.Household)
		}
	}
}

// guarded checks, and outlives a panic: the program has calls to handle.
func (u *Updater) guarded(ctx context.Context, household string) {
	defer func() {
		if fault := recover(); fault != nil {
			u.Log.Error("an address book has found a fault in Ringfence; please report it", "household", household, "fault", fmt.Sprint(fault))
			if sync, err := u.Store.ContactSync(ctx, household); err == nil {
				_ = u.Store.OnContactsNotChecked(ctx, sync, "The address book has found a fault in Ringfence, so it was left alone.", u.Now().Add(longest)) // the log has it
			}
		}
	}()
	_, _ = u.Check(ctx, household) // it notes and logs the result itself
}
