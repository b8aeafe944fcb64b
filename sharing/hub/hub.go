// Package hub is a group's side of shared lists: it accepts households' reports, and makes the entries of a list from them and from what
// the group's moderators decide.
//
// Here a household is only a key: nobody's name, address or telephone number is kept with a report, and only the day of a call. Of the
// network from which somebody joins or reports, a mark is kept for seven days, not linked to any key (marks.go). Reports and decisions are
// in ledgers that are only ever added to, which the database itself enforces. What is on the list follows from them:
//
//   - each household counts once for each number, with the latest that it has said;
//   - package evidence makes a confidence of what households say, which fades;
//   - what new households say, or households that may be one person, only warns until a moderator confirms it (evidence.Weigh);
//   - a household that was expelled does not count at all;
//   - a number that a moderator confirms counts as if [ConfirmedAs] more households had reported it on that day. So it fades like all others,
//     and nobody has to remember to remove it;
//   - a number that was dismissed is not on the list until a moderator says otherwise;
//   - a number that is protected is on no list, and neither is a prefix that covers it;
//   - reports of a number that was merged count for the number, or the prefix, that it was merged into.
//
// Nobody can see who has reported a number. To expel a key that does harm, a moderator sees how much each has reported and how much of that
// was dismissed, but not which numbers.
package hub

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringfence/sharing/list"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

var newShape = sqlite.ShapeOf(migrations)

// Hub is an open database of a hub. Its methods may be called from any goroutine.
type Hub struct {
	path       string
	group      Group
	write      sqlite.Connection
	read       *sql.DB
	isCopy     bool   // nobody uses it: see open
	keptBefore string // see KeptBeforeUpgrade

	People people.People // the moderators' accounts
}

// Group is what a group says about itself, and how it wants its list made.
type Group struct {
	Name      string // of the list; this and the next five as in a list.Manifest
	Publisher string
	Purpose   string
	Region    string
	Licence   string
	Contact   string
	Appeals   string

	Reporters  int           // how many households have to report a number before it is on the list; 1 or more
	Confidence float64       // a number with less than this, 0 to 1, leaves the list
	Valid      time.Duration // how long a published list may turn callers away without a new one
	PerDay     int           // how many reports are accepted from a household in a day
}

// readers is how many pages and reports can read the database at the same time.
const readers = 4

// Open opens a hub's database, creates it if it is absent, and brings it up to date. One that an earlier Ringfence has made is copied first
// (see KeptBeforeUpgrade).
func Open(ctx context.Context, path string, group Group) (*Hub, error) {
	return open(ctx, path, group, false)
}

// open is Open; a copy is one of the database that nothing uses yet: what it was before it is brought up to date is somewhere else.
func open(ctx context.Context, path string, group Group, isCopy bool) (*Hub, error) {
	if err := sqlite.Create(path); err != nil {
		return nil, err
	}
	h := &Hub{path: path, group: group, isCopy: isCopy}
	if err := h.connect(ctx); err != nil {
		return nil, errors.Join(sqlite.Explain(path, err, "move it away and restore a backup"), h.Close())
	}
	return h, nil
}

func (h *Hub) connect(ctx context.Context) (err error) {
	if h.write, err = sqlite.Writer(h.path); err != nil {
		return err
	}
	if err := sqlite.Migrate(ctx, h.path, h.write.DB, migrations, h.beforeUpgrade); err != nil {
		return err
	}
	h.read, err = sqlite.Readers(h.path, readers)
	h.People = people.New(h.read, h.write, moderatorTables)
	return err
}

// Close ends all connections.
func (h *Hub) Close() error {
	var errs []error
	for _, db := range []*sql.DB{h.read, h.write.DB} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Group is what the hub was opened with.
func (h *Hub) Group() Group { return h.group }

func today(now time.Time) int64 { return int64(list.DayOf(now)) }

// text is what somebody has typed in the form in which it is kept: trimmed, and without anything unreadable. Line breaks are kept if lines is set. The
// error is a sentence if nothing is left, or more than most letters.
func text(typed, what string, most int, lines bool) (string, error) {
	kept := strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\r', r == utf8.RuneError, unicode.In(r, unicode.Bidi_Control):
			return -1
		case unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		default:
			return r
		}
	}, typed))
	switch length := utf8.RuneCountInString(kept); {
	case length == 0:
		return "", &Refused{"Please write " + what + "."}
	case length > most:
		return "", &Refused{"Please write " + what + " in at most " + strconv.Itoa(most) + " letters."}
	}
	return kept, nil
}

// Refused says in a plain sentence what is wrong with what somebody has sent or typed.
type Refused struct{ Sentence string }

func (r *Refused) Error() string { return r.Sentence }
