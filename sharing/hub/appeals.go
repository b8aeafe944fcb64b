package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// Appeal is what somebody writes whose number is on the list and should not be.
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

// mostOpen is how many appeals may wait. More than that is nobody's honest appeals, and would only bury them.
const mostOpen = 500

// Errors of appeals.
var (
	ErrNoAppeal = errors.New("there is no such appeal")
	ErrCrowded  = errors.New("so many appeals are waiting that no more can be taken here just now: please write to the group")
)

// Appeal takes an appeal, of which Number, Text and Reach count, and returns what stands in the address at which its answer can be
// read. The error is a *Refused for what cannot be taken.
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
	secret, hash := newSecret()
	return secret, h.do(ctx, func(tx *sql.Tx) error {
		taken, err := sqlite.Changes(ctx, tx, `INSERT INTO appeals (hash, number, text, reach, sent_at) SELECT ?, ?, ?, ?, ?
			WHERE (SELECT count(*) FROM appeals WHERE answered_at IS NULL) < ?`, hash, a.Number.Key(), a.Text, a.Reach, now.Unix(), mostOpen)
		if err == nil && !taken {
			return ErrCrowded
		}
		return err
	})
}

const appealColumns = "id, number, text, reach, sent_at, answer, answered_by, coalesce(answered_at, 0)"

func (a *Appeal) scan(scan func(...any) error) error {
	var number, sent, answered int64
	err := scan(&a.ID, &number, &a.Text, &a.Reach, &sent, &a.Answer, &a.By, &answered)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoAppeal
	}
	a.Number, a.Sent, a.Answered = screening.NumberFromKey(number), moment(sent), moment(answered)
	return err
}

// AppealOf finds an appeal by what stands in its address, for who has sent it: ErrNoAppeal where there is none.
func (h *Hub) AppealOf(ctx context.Context, secret string) (a Appeal, err error) {
	err = a.scan(h.read.QueryRowContext(ctx, "SELECT "+appealColumns+" FROM appeals WHERE hash = ?", hashOf(secret)).Scan)
	return a, err
}

// AppealByID finds an appeal for moderators: ErrNoAppeal where there is none.
func (h *Hub) AppealByID(ctx context.Context, id int64) (a Appeal, err error) {
	err = a.scan(h.read.QueryRowContext(ctx, "SELECT "+appealColumns+" FROM appeals WHERE id = ?", id).Scan)
	return a, err
}

// Appeals lists appeals: those that wait, the oldest first, then those that were answered, the newest first.
func (h *Hub) Appeals(ctx context.Context, limit int) (all []Appeal, err error) {
	return h.appeals(ctx, "ORDER BY answered_at IS NOT NULL, iif(answered_at IS NULL, id, -id) LIMIT ?", limit)
}

// AppealsAbout lists the appeals about a number, the newest first.
func (h *Hub) AppealsAbout(ctx context.Context, n screening.Number) (all []Appeal, err error) {
	return h.appeals(ctx, "WHERE number = ? ORDER BY id DESC", n.Key())
}

func (h *Hub) appeals(ctx context.Context, which string, arg any) (all []Appeal, err error) {
	err = sqlite.Each(ctx, h.read, func(scan func(...any) error) error {
		var a Appeal
		err := a.scan(scan)
		all = append(all, a)
		return err
	}, fmt.Sprintf("SELECT %s FROM appeals %s", appealColumns, which), arg)
	return all, err
}

// WaitingAppeals counts the appeals that have no answer yet.
func (h *Hub) WaitingAppeals(ctx context.Context) (n int, err error) {
	err = h.read.QueryRowContext(ctx, "SELECT count(*) FROM appeals WHERE answered_at IS NULL").Scan(&n)
	return n, err
}

// Answer answers an appeal, once. The error is a *Refused where there is no answer, or there was one already.
func (h *Hub) Answer(ctx context.Context, id int64, answer, who string, now time.Time) error {
	answer, err := text(answer, "an answer", 2000, true)
	if err != nil {
		return err
	}
	done, err := sqlite.Changes(ctx, h.write, "UPDATE appeals SET answer = ?, answered_by = ?, answered_at = ? WHERE id = ? AND answered_at IS NULL", answer, who, now.Unix(), id)
	if err == nil && !done {
		return &Refused{"Appeal " + strconv.FormatInt(id, 10) + " was answered already."}
	}
	return err
}
