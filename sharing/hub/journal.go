package hub

import (
	"context"
	"time"

	"ringfence/accounts"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// ByCommand is the actor of what is done on the command line.
const ByCommand = "the command line"

// What the journal notes besides what moderators do with their accounts.
const (
	ModeratorAdded   accounts.Word = "moderator-added"
	ModeratorRemoved accounts.Word = "moderator-removed"
	Restored         accounts.Word = "restored" // the hub, from a backup
)

// Note is what was done with a moderator's account, or with the hub.
type Note struct {
	What  accounts.Word
	About string // whose account; "" is the hub
	Who   string // a moderator's name, or ByCommand
	At    time.Time
}

// LogAccount writes into the journal what was done with a moderator's account, or with the hub.
func (h *Hub) LogAccount(ctx context.Context, d accounts.Deed) error {
	return sqlite.Exec(ctx, h.write, "INSERT INTO journal (what, about, who, at) VALUES (?, ?, ?, ?)", d.Word, d.About.Name, d.By.Name, d.By.At.Unix())
}

// Together runs f in one transaction, whole or not at all.
func (h *Hub) Together(ctx context.Context, f func(ctx context.Context) error) error {
	return h.write.Together(ctx, f)
}

// Journal lists what was done with moderators' accounts and with the hub, the newest first.
func (h *Hub) Journal(ctx context.Context, limit int) ([]Note, error) {
	return sqlite.Rows(ctx, h.read, func(n *Note) []any {
		return []any{&n.What, &n.About, &n.Who, columns.ScanTime(&n.At)}
	}, "SELECT what, about, who, at FROM journal ORDER BY id DESC LIMIT ?", limit)
}
