package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

// Invitation invites somebody to a household, by a link that works once.
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

// ErrPeople says that there is an account already.
const ErrPeople people.Refusal = "the first account has been made already: sign in, or make others with `ringfence user add`"

// Invite makes an invitation and returns the token in its link, and its ID. It ignores i.ID, i.Made and i.Used.
func (s *Store) Invite(ctx context.Context, i Invitation, now time.Time) (token string, id int64, err error) {
	if err := i.Role.check(); err != nil {
		return "", 0, err
	}
	name, err := people.CheckName(i.Name)
	if err != nil {
		return "", 0, err
	}
	token, hash := people.NewToken()
	id, err = sqlite.OneValue[int64](ctx, s.write, columns.NoHousehold(i.Household), `INSERT INTO invitations (household_id, hash, name, role, hears, made_by, made_at, expires_at)
		SELECT id, ?, ?, ?, ?, ?, ?, ? FROM households WHERE name = ? RETURNING id`, hash, name, i.Role, i.Hears, i.By, now.Unix(), i.Expires.Unix(), i.Household)
	return token, id, err
}

const invitationsQuery = `SELECT i.id, h.name, i.name, i.role, i.hears, i.made_by, i.made_at, i.expires_at, i.used_at
	FROM invitations i JOIN households h ON h.id = i.household_id `

func (i *Invitation) fields() []any {
	return []any{
		&i.ID, &i.Household, &i.Name, &i.Role, &i.Hears, &i.By, columns.ScanTime(&i.Made), columns.ScanTime(&i.Expires), columns.ScanTime(&i.Used),
	}
}

// Invitation finds the invitation of a link that still works; otherwise the error is people.ErrLinkOver.
func (s *Store) Invitation(ctx context.Context, token string, now time.Time) (Invitation, error) {
	return invitation(ctx, s.read, token, now)
}

func invitation(ctx context.Context, q sqlite.Querier, token string, now time.Time) (Invitation, error) {
	return sqlite.One(ctx, q, people.ErrLinkOver, (*Invitation).fields,
		invitationsQuery+"WHERE i.hash = ? AND i.used_at IS NULL AND i.expires_at > ?", people.HashOf(token), now.Unix())
}

// Invitations lists a household's invitations, the newest first, with used and old ones.
func (s *Store) Invitations(ctx context.Context, household string) ([]Invitation, error) {
	return sqlite.Rows(ctx, s.read, (*Invitation).fields, invitationsQuery+"WHERE h.name = ? ORDER BY i.id DESC", household)
}

// WithdrawInvitation withdraws an invitation to a household; false where there is no unused one of that ID.
func (s *Store) WithdrawInvitation(ctx context.Context, household string, id int64) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM invitations WHERE id = ? AND used_at IS NULL AND "+columns.ByName, id, household)
}

// NewPerson is what an account is made of.
type NewPerson struct {
	Name, Email string
	Password    string // hashed; "" is none
}

func (s *Store) addPerson(ctx context.Context, n NewPerson) (people.Person, error) {
	p, err := s.People.Add(ctx, n.Name, n.Email)
	if err == nil && n.Password != "" {
		p.HasPassword, err = true, s.People.SetPassword(ctx, p.ID, n.Password, 0)
	}
	return p, err
}

// AcceptInvitation makes the account of somebody who was invited, as a member of the household. The link works once, and is checked first: one that
// does not work must not reveal whether an e-mail address has an account.
func (s *Store) AcceptInvitation(ctx context.Context, token string, n NewPerson, now time.Time) (p people.Person, i Invitation, err error) {
	err = s.Together(ctx, func(ctx context.Context) error {
		if i, err = invitation(ctx, s.write, token, now); err != nil {
			return err
		}
		if p, err = s.addPerson(ctx, n); err != nil {
			return err
		}
		return s.write.Do(ctx, func(tx *sql.Tx) error { return join(ctx, tx, i, p.ID, now) })
	})
	return p, i, err
}

// JoinByInvitation makes somebody who has an account a member of the household. They never lose a role that they have there already.
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
	has, _, err := sqlite.Row(ctx, tx, func(s *Standing) []any { return []any{&s.Role, &s.Hears} },
		"SELECT role, hears FROM own_roles WHERE household_id = ? AND person_id = ?", home, person)
	if err != nil {
		return err
	}
	if err := setOwnRole(ctx, tx, home, person, has.with(Standing{i.Role, i.Hears})); err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, "UPDATE invitations SET used_at = ? WHERE id = ?", now.Unix(), i.ID)
}

// MakeStartToken returns the token in the address of the first run; an earlier one becomes void. If anybody has an account the error is ErrPeople.
func (s *Store) MakeStartToken(ctx context.Context) (token string, err error) {
	token, hash := people.NewToken()
	return token, s.write.Do(ctx, func(tx *sql.Tx) error {
		if err := nobody(ctx, tx); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "INSERT INTO start_link (one, hash) VALUES (1, ?) ON CONFLICT DO UPDATE SET hash = excluded.hash", hash)
	})
}

func nobody(ctx context.Context, q sqlite.Querier) error {
	some, err := sqlite.Value[bool](ctx, q, "SELECT EXISTS (SELECT 1 FROM people)")
	if err == nil && some {
		return ErrPeople
	}
	return err
}

// CheckStartToken returns ErrPeople or people.ErrLinkOver if the address of the first run does not work.
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
	if subtle.ConstantTimeCompare(hash, people.HashOf(token)) != 1 {
		return people.ErrLinkOver
	}
	return nil
}

// Start makes the first account, which owns every household of the machine and hears its recordings. The address works once.
func (s *Store) Start(ctx context.Context, token string, n NewPerson) (p people.Person, err error) {
	err = s.Together(ctx, func(ctx context.Context) error {
		if err := startToken(ctx, s.write, token); err != nil {
			return err
		}
		if p, err = s.addPerson(ctx, n); err != nil {
			return err
		}
		return s.write.Do(ctx, func(tx *sql.Tx) error {
			err := sqlite.Exec(ctx, tx, `INSERT INTO own_roles (household_id, person_id, role, hears) SELECT id, ?, 'owner', 1 FROM households;
				DELETE FROM start_link`, p.ID)
			if err == nil {
				_, err = settleRoles(ctx, tx, p.ID, 0)
			}
			return err
		})
	})
	return p, err
}

// expireLinks deletes links that no longer let anybody in, a month later: until then a page shows what happened to them.
func (s *Store) expireLinks(ctx context.Context, now time.Time) error {
	unused := now.AddDate(0, -1, 0).Unix()
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		return sqlite.Exec(ctx, tx, "DELETE FROM invitations WHERE expires_at < ?; DELETE FROM api_tokens WHERE expires_at < ?", unused, unused)
	})
}
