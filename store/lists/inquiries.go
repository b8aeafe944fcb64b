package lists

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Inquired is the service that a household asks about callers whom nobody in the house knows.
type Inquired struct {
	Server string
	Key    string // a secret
}

// AskOfCallers chooses whether a household's blocklist service is asked about callers whom nobody in the house knows. At most one is. The error is
// ErrNoSubscription if the list is not a blocklist.
func (l *Lists) AskOfCallers(ctx context.Context, household, list string, ask bool) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		const lists = "(SELECT id FROM lists WHERE household_id = ?)"
		if ask {
			if err := sqlite.Exec(ctx, tx, "UPDATE subscriptions SET asks = 0 WHERE list_id IN "+lists, home); err != nil {
				return err
			}
		}
		return sqlite.Change(ctx, tx, ErrNoSubscription, `UPDATE subscriptions SET asks = ? WHERE list_id =
			(SELECT id FROM lists WHERE household_id = ? AND name = ?) AND source_id IN (SELECT id FROM list_sources WHERE kind = 'phoneblock')`, ask, home, list)
	})
}

// WhoIsAsked is the service that a household asks about callers; the error is ErrNoSubscription if it asks none.
func (l *Lists) WhoIsAsked(ctx context.Context, household string) (Inquired, error) {
	return sqlite.One(ctx, l.read, ErrNoSubscription, func(who *Inquired) []any { return []any{&who.Server, &who.Key} },
		`SELECT o.url, o.api_key FROM households h JOIN lists l ON l.household_id = h.id
		JOIN subscriptions s ON s.list_id = l.id JOIN list_sources o ON o.id = s.source_id WHERE h.name = ? AND s.asks = 1`, household)
}

// Inquiry is one question about a caller, and its answer.
type Inquiry struct {
	Said string // for people; "": there was no answer, or there is none yet
	Spam bool
}

// inquiriesKept is how long inquiries are remembered.
const inquiriesKept = 24 * time.Hour

// ErrAskedEnough says that a household has asked as often as it may in a day.
var ErrAskedEnough = errors.New("this household has asked about as many callers today as it's allowed to")

// BeginInquiry notes that a household asks about the number with this mark. isNew means that it has not done so within a day; otherwise before is the
// earlier answer. If it has asked most times within the day, the error is ErrAskedEnough.
func (l *Lists) BeginInquiry(ctx context.Context, household string, mark []byte, now time.Time, most int) (before Inquiry, isNew bool, err error) {
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, forgetInquiries, now.Add(-inquiriesKept).Unix()+1, now.Unix()); err != nil {
			return err
		}
		found := false
		before, found, err = sqlite.Row(ctx, tx, func(i *Inquiry) []any { return []any{&i.Said, &i.Spam} },
			"SELECT said, spam FROM inquiries WHERE household_id = ? AND mark = ?", home, mark)
		if err != nil || found {
			return err
		}
		asked, err := sqlite.Value[int](ctx, tx, "SELECT count(*) FROM inquiries WHERE household_id = ?", home)
		if err == nil && asked >= most {
			err = ErrAskedEnough
		}
		if err != nil {
			return err
		}
		isNew = true
		return sqlite.Exec(ctx, tx, "INSERT INTO inquiries (household_id, mark, at) VALUES (?, ?, ?)", home, mark, now.Unix())
	})
	return before, isNew && err == nil, err
}

// EndInquiry notes the answer.
func (l *Lists) EndInquiry(ctx context.Context, household string, mark []byte, what Inquiry) error {
	return sqlite.Exec(ctx, l.write, "UPDATE inquiries SET said = ?, spam = ? WHERE mark = ? AND "+columns.ByName, columns.Bounded(what.Said), what.Spam, mark, household)
}

// ForgetInquiries forgets those that are older than a day, and those in the future, from when the clock was wrong.
func (l *Lists) ForgetInquiries(ctx context.Context, now time.Time) error {
	return sqlite.Exec(ctx, l.write, forgetInquiries, now.Add(-inquiriesKept).Unix()+1, now.Unix())
}

const forgetInquiries = "DELETE FROM inquiries WHERE at NOT BETWEEN ? AND ?"

// ForgetInquiry forgets what a household has asked about the number with this mark.
func (l *Lists) ForgetInquiry(ctx context.Context, household string, mark []byte) error {
	return sqlite.Exec(ctx, l.write, "DELETE FROM inquiries WHERE mark = ? AND "+columns.ByName, mark, household)
}
