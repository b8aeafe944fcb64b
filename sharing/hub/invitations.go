package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Invitation lets households join by a link, as many of them as it says.
type Invitation struct {
	ID        int64
	Note      string // where it is handed out
	Most      int    // how many households may join with it
	Used      int    // how many have
	By        string // who made it
	Made      time.Time
	Expires   time.Time
	Withdrawn time.Time // zero: it was not
	Expelled  int       // of those that have joined with it
	Newcomers int       // of those, and not expelled: that have joined within the last week
}

// Open tells whether households can still join with it.
func (i Invitation) Open(now time.Time) bool {
	return i.Withdrawn.IsZero() && now.Before(i.Expires) && i.Used < i.Most
}

// MostUses is how many households may join with one invitation.
const MostUses = 5000

// ErrInvitation says that an invitation does not work (any more), or never did.
var ErrInvitation = errors.New("this invitation has been used up, withdrawn, or is too old: ask the group for a new one")

// Invite makes an invitation, of whose fields Note, Most, By, Made and Expires count, and returns the secret in its link. The error is a Refused for
// an unusable note or number of uses.
func (h *Hub) Invite(ctx context.Context, i Invitation) (secret string, err error) {
	note, err := text(i.Note, "where the invitation is handed out", 100, false)
	if err != nil {
		return "", err
	}
	if i.Most < 1 || i.Most > MostUses {
		return "", &Refused{fmt.Sprintf("An invitation is for 1 to %d households.", MostUses)}
	}
	if !i.Expires.After(i.Made) || i.Expires.After(i.Made.AddDate(0, 0, mostInvitationDays)) {
		return "", &Refused{fmt.Sprintf("An invitation lasts for 1 to %d days.", mostInvitationDays)}
	}
	secret, hash := people.NewToken()
	_, err = h.write.ExecContext(ctx, "INSERT INTO invitations (hash, note, most, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
		hash, note, i.Most, i.By, i.Made.Unix(), i.Expires.Unix())
	return secret, err
}

const mostInvitationDays = 366

// Invitations lists all invitations, the newest first.
func (h *Hub) Invitations(ctx context.Context, now time.Time) ([]Invitation, error) {
	return sqlite.Rows(ctx, h.read, func(i *Invitation) []any {
		return []any{
			&i.ID, &i.Note, &i.Most, &i.Used, &i.By, columns.ScanTime(&i.Made), columns.ScanTime(&i.Expires), columns.ScanTime(&i.Withdrawn),
			&i.Expelled, &i.Newcomers,
		}
	}, `SELECT id, note, most, used, made_by, made_at, expires_at, withdrawn_at,
		(SELECT count(*) FROM keys k WHERE k.invitation_id = i.id AND k.expelled = 1),
		(SELECT count(*) FROM keys k WHERE k.invitation_id = i.id AND k.expelled = 0 AND k.joined > ?) FROM invitations i ORDER BY id DESC`, today(now)-markDays)
}

// WithdrawInvitation withdraws an invitation; households that have joined with it stay. It returns false if there is none, or it was withdrawn
// already.
func (h *Hub) WithdrawInvitation(ctx context.Context, id int64, now time.Time) (bool, error) {
	return sqlite.Changes(ctx, h.write, "UPDATE invitations SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL", now.Unix(), id)
}

func invitation(ctx context.Context, q sqlite.Querier, secret string, now time.Time) (id int64, err error) {
	return sqlite.OneValue[int64](ctx, q, ErrInvitation, "SELECT id FROM invitations WHERE hash = ? AND withdrawn_at IS NULL AND expires_at > ? AND used < most",
		people.HashOf(secret), now.Unix())
}
