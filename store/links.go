package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Invitation asks somebody to a household, by a link that opens once.
type Invitation struct {
	ID        int64
	Household string
	Name      string // for whom
	Role      Role
	Hears     bool
	By        string // who made it
	Made      time.Time
	Expires   time.Time
	Used      time.Time // zero: not yet
}

// Faults of links. Each is a plain sentence.
var (
	ErrLinkOver = errors.New("this link has been used, withdrawn, or is too old: ask for a new one")
	ErrPeople   = errors.New("the first account has been made already: sign in, or make others with `ringfence user add`")
)

// Invite makes an invitation and returns the token in its link. It ignores i.ID, i.Made and i.Used.
func (s *Store) Invite(ctx context.Context, i Invitation, now time.Time) (token string, err error) {
	if err := i.Role.check(); err != nil {
		return "", err
	}
	name, err := PersonName(i.Name)
	if err != nil {
		return "", err
	}
	token, hash := newToken()
	return token, s.change(ctx, i.Household, `INSERT INTO invitations (household_id, hash, name, role, hears, made_by, made_at, expires_at)
		SELECT id, ?, ?, ?, ?, ?, ?, ? FROM households WHERE name = ?`, hash, name, i.Role, i.Hears, i.By, now.Unix(), i.Expires.Unix())
}

const invitationsQuery = `SELECT i.id, h.name, i.name, i.role, i.hears, i.made_by, i.made_at, i.expires_at, i.used_at
	FROM invitations i JOIN households h ON h.id = i.household_id `

func (i *Invitation) fields() []any {
	return []any{
		&i.ID, &i.Household, &i.Name, &i.Role, &i.Hears, &i.By, columns.ScanTime(&i.Made), columns.ScanTime(&i.Expires), columns.ScanTime(&i.Used),
	}
}

// Invitation finds the invitation of a link that still works; otherwise the error is ErrLinkOver.
func (s *Store) Invitation(ctx context.Context, token string, now time.Time) (Invitation, error) {
	return invitation(ctx, s.read, token, now)
}

func invitation(ctx context.Context, q sqlite.Querier, token string, now time.Time) (Invitation, error) {
	return sqlite.One(ctx, q, ErrLinkOver, (*Invitation).fields,
		invitationsQuery+"WHERE i.hash = ? AND i.used_at IS NULL AND i.expires_at > ?", hashOf(token), now.Unix())
}

// Invitations lists a household's invitations, the newest first, with used and old ones.
func (s *Store) Invitations(ctx context.Context, household string) ([]Invitation, error) {
	return sqlite.Rows(ctx, s.read, (*Invitation).fields, invitationsQuery+"WHERE h.name = ? ORDER BY i.id DESC", household)
}

// WithdrawInvitation withdraws an invitation to a household; false where there is no unused one of that ID.
func (s *Store) WithdrawInvitation(ctx context.Context, household string, id int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM invitations WHERE id = ? AND used_at IS NULL AND "+columns.ByName, id, household)
}

// AcceptInvitation makes the account of somebody who was invited, as a member of the household. The link works once.
func (s *Store) AcceptInvitation(ctx context.Context, token string, n NewPerson, now time.Time) (p Person, i Invitation, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if i, err = invitation(ctx, tx, token, now); err != nil {
			return err
		}
		if p, err = addPerson(ctx, tx, n); err != nil {
			return err
		}
		return join(ctx, tx, i, p.ID, now)
	})
	return p, i, err
}

// JoinByInvitation makes somebody who has an account a member of the household. They keep what they may do there already.
func (s *Store) JoinByInvitation(ctx context.Context, token string, person int64, now time.Time) (i Invitation, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if i, err = invitation(ctx, tx, token, now); err != nil {
			return err
		}
		return join(ctx, tx, i, person, now)
	})
	return i, err
}

func join(ctx context.Context, tx *sql.Tx, i Invitation, person int64, now time.Time) error {
	home, err := columns.HouseholdID(ctx, tx, i.Household)
	if err != nil {
		return err
	}
	has, _, err := sqlite.Row(ctx, tx, func(m *Membership) []any { return []any{&m.Role, &m.Hears} },
		"SELECT role, hears FROM memberships WHERE household_id = ? AND person_id = ?", home, person)
	if err != nil {
		return err
	}
	if !has.Role.Covers(i.Role) {
		has.Role = i.Role
	}
	if err := setMembership(ctx, tx, home, person, has.Role, i.Hears || has.Hears); err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, "UPDATE invitations SET used_at = ? WHERE id = ?", now.Unix(), i.ID)
}

// MakePasswordLink returns the token in a link by which a person chooses a new password, once. Callers check first that whoever asks may do
// so (MayReset).
func (s *Store) MakePasswordLink(ctx context.Context, person int64, expires time.Time) (token string, err error) {
	token, hash := newToken()
	return token, sqlite.Change(ctx, s.write, ErrNoPerson, "INSERT INTO password_links (hash, person_id, expires_at) SELECT ?, id, ? FROM people WHERE id = ?",
		hash, expires.Unix(), person)
}

// PasswordLink finds whose password a link changes; where it does not work any more the error is ErrLinkOver.
func (s *Store) PasswordLink(ctx context.Context, token string, now time.Time) (Person, error) {
	return passwordLink(ctx, s.read, token, now)
}

func passwordLink(ctx context.Context, q sqlite.Querier, token string, now time.Time) (Person, error) {
	return person(ctx, q, ErrLinkOver, nil, "SELECT "+personColumns+` FROM password_links l JOIN people p ON p.id = l.person_id
		WHERE l.hash = ? AND l.expires_at > ?`, hashOf(token), now.Unix())
}

// UsePasswordLink keeps the hash of a new password for the person whom a link is for. All their links and logins end.
func (s *Store) UsePasswordLink(ctx context.Context, token, hash string, now time.Time) (p Person, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if p, err = passwordLink(ctx, tx, token, now); err != nil {
			return err
		}
		return setPassword(ctx, tx, p.ID, hash, 0)
	})
	return p, err
}

// MakeStartToken returns the token in the address of the first run; an earlier one is void. Where anybody has an account the error is
// ErrPeople.
func (s *Store) MakeStartToken(ctx context.Context) (token string, err error) {
	token, hash := newToken()
	return token, s.write.Do(ctx, func(tx *sql.Tx) error {
		if err := nobody(ctx, tx); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "INSERT INTO start_link (one, hash) VALUES (1, ?) ON CONFLICT DO UPDATE SET hash = excluded.hash", hash)
	})
}

func nobody(ctx context.Context, q sqlite.Querier) error {
	people, err := sqlite.Value[bool](ctx, q, "SELECT EXISTS (SELECT 1 FROM people)")
	if err == nil && people {
		return ErrPeople
	}
	return err
}

// CheckStartToken is ErrPeople or ErrLinkOver where the address of the first run does not work.
func (s *Store) CheckStartToken(ctx context.Context, token string) error {
	return startToken(ctx, s.read, token)
}

func startToken(ctx context.Context, q sqlite.Querier, token string) error {
	if err := nobody(ctx, q); err != nil {
		return err
	}
	hash, err := sqlite.Value[[]byte](ctx, q, "SELECT hash FROM start_link")
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(hash, hashOf(token)) != 1 {
		return ErrLinkOver
	}
	return nil
}

// Start makes the first account, which owns every household of the machine and hears its recordings. The address works once.
func (s *Store) Start(ctx context.Context, token string, n NewPerson) (p Person, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if err := startToken(ctx, tx, token); err != nil {
			return err
		}
		if p, err = addPerson(ctx, tx, n); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, `INSERT INTO memberships (household_id, person_id, role, hears) SELECT id, ?, 'owner', 1 FROM households;
			DELETE FROM start_link`, p.ID)
	})
	return p, err
}
