package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Appeal is a request to take a number off the list.
type Appeal struct {
	ID       int64
	Number   screening.Number
	Text     string // hostile
	Reach    string // how to reach them; "" three months after the answer
	Sent     time.Time
	Answer   string
	By       string    // whose answer it is
	Answered time.Time // zero: not yet
}

// mostOpen is how many appeals may wait. More than that would not be honest, and would bury those that are.
const mostOpen = 500

// Errors of appeals.
var (
	ErrNoAppeal = errors.New("there is no such appeal")
	ErrCrowded  = errors.New("so many appeals are waiting that no more fit here: please write to the group")
)

// Appeal takes an appeal, of which Number, Text and Reach count, and returns the secret in the address where its answer can be read. The error is a
// *Refused for one that is not accepted.
func (h *Hub) Appeal(ctx context.Context, a Appeal, now time.Time) (secret string, err error) {
	if a.Text, err = text(a.Text, "what is wrong", 2000, true); err != nil {
		return "", err
	}
	if a.Reach, err = text(a.Reach, "how the group can reach you", 200, false); err != nil {
		return "", err
	}
	if a.Number.Key() <= 0 {
		return "", &Refused{"Please write the number in full."}
	}
	secret, hash := people.NewToken()
	return secret, sqlite.Change(ctx, h.write, ErrCrowded, `INSERT INTO appeals (hash, number, text, reach, sent_at) SELECT ?, ?, ?, ?, ?
		WHERE (SELECT count(*) FROM appeals WHERE answered_at IS NULL) < ?`, hash, a.Number.Key(), a.Text, a.Reach, now.Unix(), mostOpen)
}

const appealColumns = "id, number, text, reach, sent_at, answer, answered_by, answered_at"

func (a *Appeal) fields() []any {
	return []any{&a.ID, columns.ScanNumber(&a.Number), &a.Text, &a.Reach, columns.ScanTime(&a.Sent), &a.Answer, &a.By, columns.ScanTime(&a.Answered)}
}

// AppealOf finds an appeal by the secret in its address, for whoever has sent it; ErrNoAppeal if there is none.
func (h *Hub) AppealOf(ctx context.Context, secret string) (Appeal, error) {
	return sqlite.One(ctx, h.read, ErrNoAppeal, (*Appeal).fields, "SELECT "+appealColumns+" FROM appeals WHERE hash = ?", people.HashOf(secret))
}

// AppealByID finds an appeal for moderators; ErrNoAppeal if there is none.
func (h *Hub) AppealByID(ctx context.Context, id int64) (Appeal, error) {
	return sqlite.One(ctx, h.read, ErrNoAppeal, (*Appeal).fields, "SELECT "+appealColumns+" FROM appeals WHERE id = ?", id)
}

// Appeals lists appeals: first those that wait, the oldest first, then those that were answered, the newest first.
func (h *Hub) Appeals(ctx context.Context, limit int) ([]Appeal, error) {
	return h.appeals(ctx, "ORDER BY answered_at IS NOT NULL, iif(answered_at IS NULL, id, -id) LIMIT ?", limit)
}

// AppealsAbout lists the appeals about a number, the newest first.
func (h *Hub) AppealsAbout(ctx context.Context, n screening.Number) ([]Appeal, error) {
	return h.appeals(ctx, "WHERE number = ? ORDER BY id DESC", n.Key())
}

func (h *Hub) appeals(ctx context.Context, which string, arg any) ([]Appeal, error) {
	return sqlite.Rows(ctx, h.read, (*Appeal).fields, fmt.Sprintf("SELECT %s FROM appeals %s", appealColumns, which), arg)
}

// WaitingAppeals counts the appeals that have no answer yet.
func (h *Hub) WaitingAppeals(ctx context.Context) (n int, err error) {
	err = h.read.QueryRowContext(ctx, "SELECT count(*) FROM appeals WHERE answered_at IS NULL").Scan(&n)
	return n, err
}

// Answer answers an appeal, once. The error is a *Refused if the answer is empty, or the appeal was answered already.
func (h *Hub) Answer(ctx context.Context, id int64, answer, who string, now time.Time) error {
	answer, err := text(answer, "an answer", 2000, true)
	if err != nil {
		return err
	}
	return sqlite.Change(ctx, h.write, &Refused{fmt.Sprintf("Appeal %d was answered already.", id)},
		"UPDATE appeals SET answer = ?, answered_by = ?, answered_at = ? WHERE id = ? AND answered_at IS NULL", answer, who, now.Unix(), id)
}
