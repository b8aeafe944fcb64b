package lists

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Subscription is a household's list that is downloaded from an address and kept up to date. All that subscribe to the same one share its source.
type Subscription struct {
	ID        int64
	Source    int64  // what it shares with others
	Region    string // of the line, in which the numbers of the source are read; "": not known yet
	Household string
	List      string // what the household calls it
	Kind      Kind
	URL       string        // of the folder, or of the file; of a blocklist, of its server
	Key       string        // minisign's public key, in one line; "": the list is not signed
	OnlyWarns bool          // it is not signed, and the owner has not allowed it to turn callers away
	Period    time.Duration // how often the list is asked for: the shortest that any of its households has chosen
	By        string        // who has subscribed: a person's name, 'command line'; "" if not known
	Begun     time.Time

	// Of a blocklist: when the whole of it, and when anything, was last asked for; zero: never.
	FullAsked, Asked time.Time
	Asks             bool // its server is asked about callers whom nobody in the house knows

	Column string // of a file: the column of the numbers that somebody has chosen; "": it was certain
	Held   Held   // contents that somebody has to look at first

	State                // of the source; but Made and ValidUntil are of the contents in force
	Entries  int         // 0 as long as there are none
	Checked  time.Time   // the last successful check; zero: never
	Changed  time.Time   // when the contents last changed
	Next     time.Time   // when it is next due
	Failures int         // in a row
	Error    string      // the last of them: a plain sentence; "" when all is well
	Alerted  StaleNotice // how stale a list the carers have been alerted to
}

// Kind is how a list is downloaded. The words are a contract, like those of Event.
type Kind string

// The kinds of subscriptions.
const (
	Published  Kind = "list"       // a folder in the open format (package list)
	PhoneBlock Kind = "phoneblock" // PhoneBlock's blocklist, with a key that BlocklistKey has
	File       Kind = "file"       // a plain file of numbers
	Ready      Kind = "ready"      // a list that comes with Ringfence
)

// Signed says whether it is known who writes the list.
func (s Subscription) Signed() bool { return s.Key != "" }

// State is what a published list's manifest says of its contents, and what the server said of the manifest.
type State struct {
	Serial                                               int64 // 0: nothing has been downloaded yet
	Made, ValidUntil                                     time.Time
	Title, Publisher, Purpose, Licence, Contact, Appeals string
	ETag, Modified                                       string
	Hash                                                 string // of a file: the SHA-256 of the contents
}

// Held are the latest contents of a list's source where they change so much of the household's list that somebody has to look at them first. They are not in
// force for the household until somebody accepts them, or the list is updated otherwise: see HeldDifferences.
type Held struct {
	Version int64     // 0: there are none
	At      time.Time // when they came
}

// StaleNotice is how far carers have been alerted to a list that grows stale. It only goes up, until all is well again.
type StaleNotice int

// The stages of a list that grows stale.
const (
	StaleNothing     StaleNotice = iota
	StaleUnreachable             // it has not been reached for a long time
	StaleEnding                  // its validity ends soon
	StalePast                    // it is out of date: it only warns
)

var (
	// ErrSubscribed says that a list is downloaded from an address, so nothing else can be put into it.
	ErrSubscribed = errors.New("the next update of this list would delete your import: give the import another name")
	// ErrNameTaken says that the name is taken.
	ErrNameTaken = errors.New("there is a list of this name already: choose another name")
	// ErrSubscribedTwice says that the household has the list already, under whatever name.
	ErrSubscribedTwice = errors.New("this list is subscribed to already")
	// ErrNoSubscription says that the household has no such subscription (any more).
	ErrNoSubscription = errors.New("there is no subscription to a list of that name")
	// ErrUpdated says that the contents are no longer those that an update belongs to.
	ErrUpdated = errors.New("the list has been updated by somebody else meanwhile")
)

// notSubscribed refuses to change a list that is subscribed to.
func notSubscribed(ctx context.Context, tx *sql.Tx, list int64) error {
	is, err := sqlite.Value[bool](ctx, tx, "SELECT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = ?)", list)
	if err == nil && is {
		err = ErrSubscribed
	}
	return err
}

// Subscribe begins a subscription. It uses Household, List, URL, Key, Region, OnlyWarns, Period, By, Begun and Next, and of the state what is for people,
// which is shown until the list itself is there. What another household has downloaded already is there at once. Without a Kind it is Published; of a File it
// uses Column, too. The errors are ErrNoHousehold, ErrNameTaken and ErrSubscribedTwice.
func (l *Lists) Subscribe(ctx context.Context, sub Subscription) error {
	sub.Kind = cmp.Or(sub.Kind, Published)
	return l.subscribe(ctx, sub, "")
}

// subscribe begins a subscription. A source that is only kept for somebody's undo begins again, too, whatever was downloaded of it: so may have its publisher.
func (l *Lists) subscribe(ctx context.Context, sub Subscription, key string) error {
	return l.write.Together(ctx, func(ctx context.Context) error {
		err := sqlite.Exec(ctx, l.write, `UPDATE list_sources SET version_id = NULL, serial = 0, etag = '', modified = '', hash = '', checked_at = 0, next_at = ?,
			failures = 0, error = '' WHERE (`+identity+") = (?, ?, ?, ?, ?, ?) AND NOT "+subscribed, sub.Next.Unix(), sub.URL, sub.Kind, sub.Key, key, sub.Column, sub.Region)
		if err != nil {
			return err
		}
		return l.resubscribe(ctx, sub, key)
	})
}

// resubscribe begins a subscription that goes on with what is there of its source.
func (l *Lists) resubscribe(ctx context.Context, sub Subscription, key string) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, sub.Household)
		if err != nil {
			return err
		}
		name, err := sqlite.Value[string](ctx, tx, `SELECT l.name FROM lists l JOIN subscriptions s ON s.list_id = l.id
			JOIN list_sources o ON o.id = s.source_id
			WHERE l.household_id = ? AND o.url = ?`, home, sub.URL)
		if err == nil && name != "" {
			err = fmt.Errorf("%w: it is called %s here", ErrSubscribedTwice, name)
		}
		if err != nil {
			return err
		}
		list, err := newList(ctx, tx, home, sub)
		if err != nil {
			return err
		}
		source, err := sourceOf(ctx, tx, sub, key)
		if err != nil {
			return err
		}
		err = sqlite.Exec(ctx, tx, `INSERT INTO subscriptions (list_id, source_id, only_warns, period_s, made_by, begun_at) VALUES (?, ?, ?, ?, ?, ?)`,
			list, source, sub.OnlyWarns, int64(sub.Period/time.Second), sub.By, sub.Begun.Unix())
		if err != nil {
			return err
		}
		if err := shareFetches(ctx, tx, source); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "UPDATE lists SET version_id = (SELECT version_id FROM list_sources WHERE id = ?) WHERE id = ?", source, list)
	})
}

// sourceOf is the source of a subscription, which it makes if nobody has it yet. One that could not be downloaded for anybody is due as the new subscription is.
func sourceOf(ctx context.Context, tx *sql.Tx, sub Subscription, key string) (int64, error) {
	return sqlite.Value[int64](ctx, tx, `INSERT INTO list_sources (url, kind, public_key, api_key, chosen_column, region, next_at, title, publisher, purpose, licence,
		contact, appeals) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET next_at = iif(version_id IS NULL, min(next_at, excluded.next_at), next_at) RETURNING id`,
		sub.URL, sub.Kind, sub.Key, key, sub.Column, sub.Region, sub.Next.Unix(), sub.Title, sub.Publisher, sub.Purpose, sub.Licence, sub.Contact, sub.Appeals)
}

// newList makes the list of a subscription. A list of that name that has only been previewed, and perhaps never will be imported, becomes it: nobody sees
// such a list anywhere, so nobody could give up its name. The same goes for one that was removed (see SetAside). One whose contents are being read at this
// moment keeps it.
func newList(ctx context.Context, tx *sql.Tx, home int64, sub Subscription) (list int64, err error) {
	taken, err := sqlite.Value[bool](ctx, tx, `SELECT EXISTS (SELECT 1 FROM lists l WHERE household_id = ? AND name = ?
		AND (version_id IS NOT NULL OR EXISTS (SELECT 1 FROM subscriptions s WHERE s.list_id = l.id)
			OR EXISTS (SELECT 1 FROM list_versions v WHERE v.list_id = l.id AND v.entries = 0 AND v.touched_at BETWEEN 1 AND unixepoch())))`, home, sub.List)
	if err == nil && taken {
		err = ErrNameTaken
	}
	if err != nil {
		return 0, err
	}
	return sqlite.Value[int64](ctx, tx, `INSERT INTO lists (household_id, name, source, imported_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (household_id, name) DO UPDATE SET source = excluded.source, imported_at = excluded.imported_at RETURNING id`, home, sub.List, sub.URL, sub.Begun.Unix())
}

const subscriptionColumns = `SELECT l.id, o.id, o.region, h.name, l.name, o.url, o.public_key, s.only_warns,
	(SELECT min(period_s) FROM subscriptions WHERE source_id = o.id), s.made_by, s.begun_at,
	o.serial, coalesce(v.made_at, 0), coalesce(v.valid_until, 0), o.title, o.publisher, o.purpose, o.licence, o.contact, o.appeals, o.etag, o.modified,
	coalesce(v.entries, 0), o.checked_at, coalesce(v.changed_at, 0), o.next_at, o.failures, o.error, s.told,
	o.kind, coalesce(f.full_at, 0), coalesce(f.asked_at, 0), s.asks, o.chosen_column, o.hash,
	iif(s.held_version = o.version_id, s.held_version, 0), iif(s.held_version = o.version_id, s.held_at, 0)
	FROM subscriptions s JOIN lists l ON l.id = s.list_id JOIN households h ON h.id = l.household_id JOIN list_sources o ON o.id = s.source_id
	LEFT JOIN list_versions v ON v.id = l.version_id LEFT JOIN blocklist_fetches f ON f.household_id = h.id AND f.url = o.url `

func (s *Subscription) fields() []any {
	return []any{
		&s.ID, &s.Source, &s.Region, &s.Household, &s.List, &s.URL, &s.Key, &s.OnlyWarns, columns.ScanSeconds(&s.Period), &s.By, columns.ScanTime(&s.Begun),
		&s.Serial, columns.ScanTime(&s.Made), columns.ScanTime(&s.ValidUntil), &s.Title, &s.Publisher, &s.Purpose, &s.Licence, &s.Contact, &s.Appeals, &s.ETag, &s.Modified,
		&s.Entries, columns.ScanTime(&s.Checked), columns.ScanTime(&s.Changed), columns.ScanTime(&s.Next), &s.Failures, &s.Error, &s.Alerted,
		&s.Kind, columns.ScanTime(&s.FullAsked), columns.ScanTime(&s.Asked), &s.Asks, &s.Column, &s.Hash, &s.Held.Version, columns.ScanTime(&s.Held.At),
	}
}

// Subscriptions lists a household's subscriptions by the names of their lists.
func (l *Lists) Subscriptions(ctx context.Context, household string) ([]Subscription, error) {
	return sqlite.Rows(ctx, l.read, (*Subscription).fields, subscriptionColumns+"WHERE h.name = ? ORDER BY l.name", household)
}

// AllSubscriptions lists those of all households.
func (l *Lists) AllSubscriptions(ctx context.Context) ([]Subscription, error) {
	return sqlite.Rows(ctx, l.read, (*Subscription).fields, subscriptionColumns+"ORDER BY h.name, l.name")
}

// Subscription is a household's subscription, by the name that it has for the list; the error is ErrNoSubscription if there is none.
func (l *Lists) Subscription(ctx context.Context, household, list string) (Subscription, error) {
	return sqlite.One(ctx, l.read, ErrNoSubscription, (*Subscription).fields, subscriptionColumns+"WHERE h.name = ? AND l.name = ?", household, list)
}

// MaybeStale lists those of all households that have failed, or whose contents are valid no longer than until a time.
func (l *Lists) MaybeStale(ctx context.Context, until time.Time) ([]Subscription, error) {
	return sqlite.Rows(ctx, l.read, (*Subscription).fields, subscriptionColumns+`WHERE s.list_id IN
		(SELECT list_id FROM list_sources JOIN subscriptions ON source_id = id WHERE failures > 0
		UNION SELECT l.id FROM list_versions v JOIN lists l ON l.version_id = v.id WHERE v.valid_until BETWEEN 1 AND ?) ORDER BY h.name, l.name`, until.Unix())
}

// NextSubscription is one of those to the source that is due first; the error is ErrNoSubscription if there are none.
func (l *Lists) NextSubscription(ctx context.Context) (Subscription, error) {
	return sqlite.One(ctx, l.read, ErrNoSubscription, (*Subscription).fields, subscriptionColumns+`WHERE s.list_id =
		(SELECT list_id FROM list_sources CROSS JOIN subscriptions ON source_id = id ORDER BY next_at, id LIMIT 1)`)
}

// SharedBy lists the subscriptions to a source; first those whose household has its latest contents, or has them wait.
func (l *Lists) SharedBy(ctx context.Context, source int64) ([]Subscription, error) {
	return sqlite.Rows(ctx, l.read, (*Subscription).fields, subscriptionColumns+`WHERE s.source_id = ?
		ORDER BY o.version_id NOT IN (coalesce(l.version_id, 0), coalesce(s.held_version, 0)), s.list_id`, source)
}

// OnFailed notes in a plain sentence why a source could not be checked. What is in force stays.
func (l *Lists) OnFailed(ctx context.Context, source int64, why string, next time.Time) error {
	return sqlite.Change(ctx, l.write, ErrNoSubscription, "UPDATE list_sources SET failures = failures + 1, error = ?, next_at = ? WHERE id = ? AND "+subscribed,
		columns.BoundedTo(why, 500), next.Unix(), source)
}

// subscribed says of a row of list_sources that somebody has subscribed to it.
const subscribed = "EXISTS (SELECT 1 FROM subscriptions s WHERE s.source_id = list_sources.id)"

// SetNext sets when a list is next due, and nothing else.
func (l *Lists) SetNext(ctx context.Context, household, list string, next time.Time) error {
	return sqlite.Change(ctx, l.write, ErrNoSubscription, "UPDATE list_sources SET next_at = ?3 WHERE id = (SELECT source_id FROM subscriptions WHERE list_id = "+
		listOf+")", household, list, next.Unix())
}

// NoteStale notes that the carers are alerted that a list grows stale. It returns false if they have been alerted to that, or worse.
func (l *Lists) NoteStale(ctx context.Context, id int64, how StaleNotice) (isNew bool, err error) {
	return sqlite.Changes(ctx, l.write, "UPDATE subscriptions SET told = ?1 WHERE list_id = ?2 AND told < ?1", how, id)
}

// change changes a household's subscription to a list; set begins with the assignments, and may go on with conditions.
func (l *Lists) change(ctx context.Context, set, household, list string, values ...any) error {
	return sqlite.Change(ctx, l.write, ErrNoSubscription, "UPDATE subscriptions SET "+set+" AND list_id = "+listOf, append([]any{household, list}, values...)...)
}

// listOf is the list of a household, ?1, that is called ?2.
const listOf = "(SELECT l.id FROM lists l JOIN households h ON h.id = l.household_id WHERE h.name = ?1 AND l.name = ?2)"

// AllowUnsigned chooses whether an unsigned list may turn callers away.
func (l *Lists) AllowUnsigned(ctx context.Context, household, list string, may bool) error {
	return l.change(ctx, "only_warns = ?3 WHERE source_id IN (SELECT id FROM list_sources WHERE public_key = '')", household, list, !may)
}
