package hub

import (
	"context"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// By is who does something with an account, and when.
type By struct {
	Who string // a moderator's name, or ByCommand
	At  time.Time
}

// ByCommand is who does what is done on the command line.
const ByCommand = "the command line"

// What the journal notes.
const (
	ModeratorAdded   = "moderator-added"
	ModeratorRemoved = "moderator-removed"
	LinkMade         = "password-link" // with which a moderator chooses a password
	PasswordSet      = "password-set"
	CodesOn          = "codes-on" // they are asked for a code of an app from now on
	CodesOff         = "codes-off"
	RecoveryMade     = "recovery-codes"
	RecoveryUsed     = "recovery-code-used"
	Restored         = "restored" // the hub, from a backup
)

// Note is what was done with a moderator's account, or with the hub.
type Note struct {
	What  string
	About string // whose account; "" is the hub
	By
}

// note writes into the journal.
func note(ctx context.Context, db sqlite.Executor, what, about string, by By) error {
	_, err := db.ExecContext(ctx, "INSERT INTO journal (what, about, who, at) VALUES (?, ?, ?, ?)", what, about, by.Who, by.At.Unix())
	return err
}

// Journal lists what was done with moderators' accounts and with the hub, the newest first.
func (h *Hub) Journal(ctx context.Context, limit int) ([]Note, error) {
	return sqlite.All(ctx, h.read, func(scan func(...any) error) (n Note, err error) {
		var at int64
		err = scan(&n.What, &n.About, &n.Who, &at)
		n.At = columns.Time(at)
		return n, err
	}, "SELECT what, about, who, at FROM journal ORDER BY id DESC LIMIT ?", limit)
}
