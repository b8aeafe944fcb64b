package hub

import (
	"context"
	"time"

	"ringfence/store/sqlite"
)

// Login is a browser in which a moderator has signed in.
type Login struct {
	ID      int64
	Created time.Time
	Seen    time.Time // to the minute
	Agent   string    // what the browser calls itself: hostile
}

// maxAgent is how much is kept of what a browser calls itself.
const maxAgent = 200

// AddLogin notes that a moderator has signed in.
func (h *Hub) AddLogin(ctx context.Context, moderator int64, agent string, now time.Time) (int64, error) {
	agent, err := text(agent[:min(len(agent), maxAgent)], "what your browser is", maxAgent, false)
	if err != nil { // it says nothing
		agent = ""
	}
	done, err := h.write.ExecContext(ctx, "INSERT INTO logins (moderator_id, created_at, seen_at, agent) VALUES (?1, ?2, ?2, ?3)", moderator, now.Unix(), agent)
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// Login finds whose login one is. Every request asks it, so that an ended one ends at the next: with ErrNoModerator.
func (h *Hub) Login(ctx context.Context, id int64) (l Login, m Moderator, err error) {
	var created, seen int64
	_, err = m.scan(func(into ...any) error {
		return h.read.QueryRowContext(ctx, "SELECT "+moderatorColumns+", l.id, l.created_at, l.seen_at, l.agent FROM logins l JOIN moderators m ON m.id = l.moderator_id WHERE l.id = ?", id).
			Scan(append(into, &l.ID, &created, &seen, &l.Agent)...)
	})
	l.Created, l.Seen = moment(created), moment(seen)
	return l, m, err
}

// TouchLogin notes that a login was used, once a minute at most: a page must not cost a write.
func (h *Hub) TouchLogin(ctx context.Context, l Login, now time.Time) error {
	if now.Sub(l.Seen) < time.Minute {
		return nil
	}
	_, err := h.write.ExecContext(ctx, "UPDATE logins SET seen_at = ? WHERE id = ?", now.Unix(), l.ID)
	return err
}

// Logins lists where a moderator is signed in, the one that was used last first.
func (h *Hub) Logins(ctx context.Context, moderator int64) (all []Login, err error) {
	err = sqlite.Each(ctx, h.read, func(scan func(...any) error) error {
		var l Login
		var created, seen int64
		err := scan(&l.ID, &created, &seen, &l.Agent)
		l.Created, l.Seen = moment(created), moment(seen)
		all = append(all, l)
		return err
	}, "SELECT id, created_at, seen_at, agent FROM logins WHERE moderator_id = ? ORDER BY seen_at DESC, id DESC", moderator)
	return all, err
}

// EndLogin signs one browser of a moderator out. It returns false where they have no such one.
func (h *Hub) EndLogin(ctx context.Context, moderator, login int64) (bool, error) {
	return sqlite.Changes(ctx, h.write, "DELETE FROM logins WHERE moderator_id = ? AND id = ?", moderator, login)
}

// EndOtherLogins signs a moderator out in all browsers but one; keep 0 keeps none. It returns false where there were no others.
func (h *Hub) EndOtherLogins(ctx context.Context, moderator, keep int64) (bool, error) {
	return endOtherLogins(ctx, h.write, moderator, keep)
}

func endOtherLogins(ctx context.Context, db sqlite.Executor, moderator, keep int64) (bool, error) {
	return sqlite.Changes(ctx, db, "DELETE FROM logins WHERE moderator_id = ? AND id <> ?", moderator, keep)
}
