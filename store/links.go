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

// Invite makes an invitation and returns what stands in its link. ID, Made and Used of i are of no account.
func (s *Store) Invite(ctx context.Context, i Invitation, now time.Time) (token string, err error) {
	if err := i.Role.check(); err != nil {
		return "", err
	}
	name, err := PersonName(i.Name)
	if err != nil {
		return "", err
	}
	token, hash, err := newToken()
	if err != nil {
		return "", err
	}
	return token, s.change(ctx, i.Household, `INSERT INTO invitations (household_id, hash, name, role, hears, made_by, made_at, expires_at)
		SELECT id, ?, ?, ?, ?, ?, ?, ? FROM households WHERE name = ?`, hash, name, i.Role, i.Hears, i.By, now.Unix(), i.Expires.Unix())
}

const invitationColumns = `i.id, h.name, i.name, i.role, i.hears, i.made_by, i.made_at, i.expires_at, coalesce(i.used_at, 0)
	FROM invitations i JOIN households h ON h.id = i.household_id`

func (i *Invitation) scan(scan func(...any) error) error {
	var made, expires, used int64
	err := scan(&i.ID, &i.Household, &i.Name, &i.Role, &i.Hears, &i.By, &made, &expires, &used)
	i.Made, i.Expires, i.Used = time.Unix(made, 0), time.Unix(expires, 0), columns.Time(used)
	return err
}

// Invitation finds the invitation of a link that still opens; otherwise the error is ErrLinkOver.
func (s *Store) Invitation(ctx context.Context, token string, now time.Time) (Invitation, error) {
	return invitation(ctx, s.read, token, now)
}

func invitation(ctx context.Context, q sqlite.Querier, token string, now time.Time) (i Invitation, err error) {
	row := q.QueryRowContext(ctx, "SELECT "+invitationColumns+" WHERE i.hash = ? AND i.used_at IS NULL AND i.expires_at > ?", hashOf(token), now.Unix())
	if err := i.scan(row.Scan); errors.Is(err, sql.ErrNoRows) {
		return Invitation{}, ErrLinkOver
	} else if err != nil {
		return Invitation{}, err
	}
	return i, nil
}

// Invitations lists a household's invitations, the newest first, used ones and old ones, too.
func (s *Store) Invitations(ctx context.Context, household string) (all []Invitation, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+invitationColumns+" WHERE h.name = ? ORDER BY i.id DESC", household)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var i Invitation
		if err := i.scan(rows.Scan); err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, rows.Err()
}

// WithdrawInvitation takes an invitation of a household back. It returns false where there is no such one that is unused.
func (s *Store) WithdrawInvitation(ctx context.Context, household string, id int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM invitations WHERE id = ? AND used_at IS NULL AND household_id = (SELECT id FROM households WHERE name = ?)", id, household)
}

// AcceptInvitation makes the account of somebody who was invited, and the household theirs. The link opens once.
func (s *Store) AcceptInvitation(ctx context.Context, token string, n NewPerson, now time.Time) (p Person, i Invitation, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		if i, err = invitation(ctx, tx, token, now); err != nil {
			return err
		}
		if p, err = addPerson(ctx, tx, n); err != nil {
			return err
		}
		return join(ctx, tx, i, p.ID, now)
	})
	if err != nil {
		return Person{}, Invitation{}, err
	}
	return p, i, nil
}

// JoinByInvitation brings somebody who has an account already into the household. What they may do there already stays.
func (s *Store) JoinByInvitation(ctx context.Context, token string, person int64, now time.Time) (i Invitation, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		if i, err = invitation(ctx, tx, token, now); err != nil {
			return err
		}
		return join(ctx, tx, i, person, now)
	})
	if err != nil {
		return Invitation{}, err
	}
	return i, nil
}

func join(ctx context.Context, tx *sql.Tx, i Invitation, person int64, now time.Time) error {
	home, err := columns.HouseholdID(ctx, tx, i.Household)
	if err != nil {
		return err
	}
	var has Role
	var hears bool
	err = tx.QueryRowContext(ctx, "SELECT role, hears FROM memberships WHERE household_id = ? AND person_id = ?", home, person).Scan(&has, &hears)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	role := i.Role
	if has.Covers(role) {
		role = has
	}
	if err := setMembership(ctx, tx, home, person, role, i.Hears || hears); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE invitations SET used_at = ? WHERE id = ?", now.Unix(), i.ID)
	return err
}

// MakePasswordLink returns what stands in a link with which a person chooses a new password, once. Whoever asks has to
// make sure that they may (MayReset).
func (s *Store) MakePasswordLink(ctx context.Context, person int64, expires time.Time) (token string, err error) {
	token, hash, err := newToken()
	if err != nil {
		return "", err
	}
	return token, s.changePerson(ctx, "INSERT INTO password_links (hash, person_id, expires_at) SELECT ?, id, ? FROM people WHERE id = ?",
		hash, expires.Unix(), person)
}

// PasswordLink finds whose password a link changes; where it does not open any more the error is ErrLinkOver.
func (s *Store) PasswordLink(ctx context.Context, token string, now time.Time) (Person, error) {
	return passwordLink(ctx, s.read, token, now)
}

func passwordLink(ctx context.Context, q sqlite.Querier, token string, now time.Time) (Person, error) {
	p, err := person(ctx, q, nil, "SELECT "+personColumns+" FROM password_links l JOIN people p ON p.id = l.person_id WHERE l.hash = ? AND l.expires_at > ?",
		hashOf(token), now.Unix())
	if errors.Is(err, ErrNoPerson) {
		return Person{}, ErrLinkOver
	}
	return p, err
}

// UsePasswordLink keeps the new password, hashed already, of whom a link is for. The link, others that they had, and all
// their logins are over then.
func (s *Store) UsePasswordLink(ctx context.Context, token, hash string, now time.Time) (p Person, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		if p, err = passwordLink(ctx, tx, token, now); err != nil {
			return err
		}
		return setPassword(ctx, tx, p.ID, hash, 0)
	})
	return p, err
}

// MakeStartToken returns what stands in the address of the first run, and makes the one before worthless. Where anybody
// has an account the error is ErrPeople.
func (s *Store) MakeStartToken(ctx context.Context) (token string, err error) {
	token, hash, err := newToken()
	if err != nil {
		return "", err
	}
	err = s.do(ctx, func(tx *sql.Tx) error {
		if err := nobody(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO start_link (one, hash) VALUES (1, ?) ON CONFLICT DO UPDATE SET hash = excluded.hash", hash)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func nobody(ctx context.Context, q sqlite.Querier) error {
	var people int
	err := q.QueryRowContext(ctx, "SELECT count(*) FROM people").Scan(&people)
	if err == nil && people > 0 {
		return ErrPeople
	}
	return err
}

// CheckStartToken says whether the address of the first run opens: ErrPeople or ErrLinkOver where it does not.
func (s *Store) CheckStartToken(ctx context.Context, token string) error {
	return startToken(ctx, s.read, token)
}

func startToken(ctx context.Context, q sqlite.Querier, token string) error {
	if err := nobody(ctx, q); err != nil {
		return err
	}
	var hash []byte
	err := q.QueryRowContext(ctx, "SELECT hash FROM start_link").Scan(&hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if subtle.ConstantTimeCompare(hash, hashOf(token)) != 1 {
		return ErrLinkOver
	}
	return nil
}

// Start makes the first account, which owns every household of the machine and hears its recordings. The address opens
// once.
func (s *Store) Start(ctx context.Context, token string, n NewPerson) (p Person, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		if err := startToken(ctx, tx, token); err != nil {
			return err
		}
		if p, err = addPerson(ctx, tx, n); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO memberships (household_id, person_id, role, hears) SELECT id, ?, 'owner', 1 FROM households", p.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM start_link")
		return err
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}
