package outbox

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Group is a group that a household reports to, or did until it left.
type Group struct {
	ID        int64
	Household string
	Name      string
	URL       string // of its hub, without a slash at the end
	Joined    time.Time
	By        string    // who joined: a person's name, or store.ByCommand
	From      time.Time // earlier reports are not sent; zero: all are
	Paused    bool
	Left      time.Time // zero: it has not

	Failures int    // in a row
	Error    string // the last of them, in a plain sentence; "" when all is well
	Next     time.Time
}

// Errors of groups.
var (
	ErrGroupJoined = errors.New("this household has joined that group already")
	ErrNoGroup     = errors.New("this household has joined no such group")
)

// JoinGroup notes that a household has joined a group, with the key that it got. Of g it keeps Household, Name, URL, Joined, By and From. The
// error is ErrGroupJoined where the household is in it already.
func (o *Outbox) JoinGroup(ctx context.Context, g Group, key string) (id int64, err error) {
	if key == "" {
		return 0, errors.New("a group without a key cannot be sent anything")
	}
	err = columns.InHousehold(ctx, o.write, g.Household, func(tx *sql.Tx, home int64) error {
		joined, err := sqlite.Value[bool](ctx, tx,
			"SELECT EXISTS (SELECT 1 FROM joined_groups WHERE household_id = ? AND url = ? AND left_at IS NULL)", home, g.URL)
		if err == nil && joined {
			err = ErrGroupJoined
		}
		if err != nil {
			return err
		}
		id, err = sqlite.Insert(ctx, tx, "INSERT INTO joined_groups (household_id, name, url, key, joined_at, joined_by, sends_from) VALUES (?, ?, ?, ?, ?, ?, ?)",
			home, columns.Bounded(g.Name), g.URL, key, g.Joined.Unix(), columns.Bounded(g.By), columns.Seconds(g.From))
		return err
	})
	return id, err
}

const groupsQuery = `SELECT g.id, h.name, g.name, g.url, g.joined_at, g.joined_by, g.sends_from, g.paused, g.left_at, g.failures, g.last_error, g.next_try
	FROM joined_groups g JOIN households h ON h.id = g.household_id `

func (g *Group) fields() []any {
	return []any{
		&g.ID, &g.Household, &g.Name, &g.URL, columns.ScanTime(&g.Joined), &g.By, columns.ScanTime(&g.From), &g.Paused,
		columns.ScanTime(&g.Left), &g.Failures, &g.Error, columns.ScanTime(&g.Next),
	}
}

// Groups lists the groups that a household is in, then those that it has left, each with the newest first.
func (o *Outbox) Groups(ctx context.Context, household string) ([]Group, error) {
	return sqlite.Rows(ctx, o.read, (*Group).fields, groupsQuery+"WHERE h.name = ? ORDER BY g.left_at IS NOT NULL, g.left_at DESC, g.id DESC", household)
}

// JoinedGroups lists the groups that any household is in.
func (o *Outbox) JoinedGroups(ctx context.Context) ([]Group, error) {
	return sqlite.Rows(ctx, o.read, (*Group).fields, groupsQuery+"WHERE g.left_at IS NULL ORDER BY g.id")
}

// GroupsToSend are those of JoinedGroups for which the household's reports differ from what was sent, as far as the database can tell: whether a report may
// be sent, or has to be taken back, also depends on what the settings say of the household. Reports from before oldest are not sent.
func (o *Outbox) GroupsToSend(ctx context.Context, oldest time.Time) ([]Group, error) {
	return sqlite.Rows(ctx, o.read, (*Group).fields, groupsQuery+`WHERE g.left_at IS NULL AND NOT g.paused AND EXISTS (SELECT 1 FROM reports r
		LEFT JOIN sent_reports t ON t.id = (SELECT max(id) FROM sent_reports WHERE group_id = g.id AND number = r.number)
		WHERE r.household_id = g.household_id AND (
			r.withdrawn_at IS NULL AND (t.id IS NULL AND r.at >= g.sends_from AND r.at >= ? OR t.category <> r.category
				OR t.refused <> '' AND max(r.at, r.changed_at) > t.sent_at)
			OR t.kind = 'for' AND (r.withdrawn_at IS NOT NULL
				OR EXISTS (SELECT 1 FROM contact_numbers c WHERE c.household_id = r.household_id AND c.number = r.number))))
		ORDER BY g.id`, oldest.Unix())
}

// Group finds a group that the household is in, or was; the error is ErrNoGroup if no group has that ID.
func (o *Outbox) Group(ctx context.Context, household string, id int64) (Group, error) {
	return sqlite.One(ctx, o.read, ErrNoGroup, (*Group).fields, groupsQuery+"WHERE h.name = ? AND g.id = ?", household, id)
}

// GroupKey is the secret with which a household reports to a group: for sending, never to be shown. The error is ErrNoGroup where the household
// has left.
func (o *Outbox) GroupKey(ctx context.Context, id int64) (key string, err error) {
	return sqlite.OneValue[string](ctx, o.read, ErrNoGroup, "SELECT key FROM joined_groups WHERE id = ? AND left_at IS NULL", id)
}

// LeaveGroup ends a membership in a group, and deletes its key. What was sent can still be seen.
func (o *Outbox) LeaveGroup(ctx context.Context, household string, id int64, at time.Time) error {
	return o.changeGroup(ctx, household, id, "key = '', left_at = ?, paused = 0, failures = 0, last_error = '', next_try = 0", at.Unix())
}

// PauseGroup pauses the reports to a group, or resumes them.
func (o *Outbox) PauseGroup(ctx context.Context, household string, id int64, paused bool) error {
	return o.changeGroup(ctx, household, id, "paused = ?, next_try = 0", paused)
}

// SendEarlier also sends a group the reports from before the household joined.
func (o *Outbox) SendEarlier(ctx context.Context, household string, id int64) error {
	return o.changeGroup(ctx, household, id, "sends_from = ?", 0)
}

func (o *Outbox) changeGroup(ctx context.Context, household string, id int64, set string, value any) error {
	return sqlite.Change(ctx, o.write, ErrNoGroup, "UPDATE joined_groups SET "+set+" WHERE id = ? AND left_at IS NULL AND "+columns.ByName,
		value, id, household)
}

// GroupFailed notes that nothing could be sent to a group: why, in a plain sentence, and when it is tried again.
func (o *Outbox) GroupFailed(ctx context.Context, id int64, why string, next time.Time) error {
	return sqlite.Exec(ctx, o.write, "UPDATE joined_groups SET failures = failures + 1, last_error = ?, next_try = ? WHERE id = ? AND left_at IS NULL",
		columns.Bounded(why), next.Unix(), id)
}
