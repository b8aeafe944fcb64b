package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Person is somebody who may use the pages: a carer, the owner of a household.
type Person struct {
	ID     int64
	Handle []byte // 32 random bytes, by which a passkey names them
	Name   string
	Email  string // with which they sign in
	Added  time.Time
	// HasPassword and HasTOTP say how they can sign in.
	HasPassword, HasTOTP bool
}

// Secrets are what a person signs in with. They are for signing in alone.
type Secrets struct {
	Password string // hashed; "" is none
	TOTP     string // base32; "" is none
}

// Role is what a person may do in a household.
type Role string

// The roles: a contract.
const (
	RoleViewer Role = "viewer" // sees, changes nothing
	RoleCarer  Role = "carer"  // changes
	RoleOwner  Role = "owner"  // also people, backup and restore
)

var rank = map[Role]int{RoleViewer: 1, RoleCarer: 2, RoleOwner: 3}

// Covers says whether somebody with this role may do what needs the other one. An unknown role covers nothing.
func (r Role) Covers(needs Role) bool { return rank[r] >= max(rank[needs], 1) }

func (r Role) check() error {
	if rank[r] == 0 {
		return fmt.Errorf("there is no role %q: it is %s, %s or %s", r, RoleViewer, RoleCarer, RoleOwner)
	}
	return nil
}

// Membership is a person's place in a household.
type Membership struct {
	Household string
	Role      Role
	Hears     bool // may hear recordings
}

// Member is a person of a household.
type Member struct {
	Person
	Role  Role
	Hears bool
}

// Faults of people's accounts. Each is a plain sentence.
var (
	ErrNoPerson   = errors.New("there is nobody of that name: `ringfence user list` shows who there is")
	ErrEmailTaken = errors.New("somebody signs in with this e-mail address already")
	ErrLastOwner  = errors.New("a household keeps at least one owner: make somebody else one first")
)

const (
	maxName  = 80  // runes
	maxEmail = 254 // bytes, as SMTP has it (RFC 5321, 4.5.3.1.3)
)

// PersonName is a name as it is kept, or says what is wrong with it.
func PersonName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", errors.New("a name is needed: write what the household calls them")
	case utf8.RuneCountInString(name) > maxName:
		return "", fmt.Errorf("this name is longer than %d letters: write a shorter one", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return "", errors.New("this name has signs in it that cannot be shown: write it with letters")
	}
	return name, nil
}

// Email is an e-mail address as it is kept, or says what is wrong with it.
func Email(email string) (string, error) {
	email = strings.TrimSpace(email)
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > maxEmail || strings.ContainsFunc(email, unicode.IsSpace) {
		return "", errors.New("this is no e-mail address: write it like joan@example.org")
	}
	return strings.ToLower(email), nil
}

// AddPerson makes an account without a password, in no household. The error is ErrEmailTaken where somebody has the address already.
func (s *Store) AddPerson(ctx context.Context, name, email string) (p Person, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		p, err = addPerson(ctx, tx, NewPerson{Name: name, Email: email})
		return err
	})
	return p, err
}

// NewPerson is what an account is made of.
type NewPerson struct {
	Name, Email string
	Password    string // hashed; "" is none
}

func addPerson(ctx context.Context, tx *sql.Tx, n NewPerson) (p Person, err error) {
	if p.Name, err = PersonName(n.Name); err != nil {
		return Person{}, err
	}
	if p.Email, err = Email(n.Email); err != nil {
		return Person{}, err
	}
	taken, err := sqlite.Value[bool](ctx, tx, "SELECT count(*) FROM people WHERE email = ?", p.Email)
	if err != nil {
		return Person{}, err
	}
	if taken {
		return Person{}, ErrEmailTaken
	}
	p.Handle = make([]byte, 32)
	if _, err := rand.Read(p.Handle); err != nil {
		return Person{}, err
	}
	p.Added, p.HasPassword = time.Now().Truncate(time.Second), n.Password != ""
	p.ID, err = sqlite.Insert(ctx, tx, "INSERT INTO people (handle, name, email, password, added_at) VALUES (?, ?, ?, ?, ?)",
		p.Handle, p.Name, p.Email, n.Password, p.Added.Unix())
	return p, err
}

const personColumns = "p.id, p.handle, p.name, p.email, p.added_at, p.password <> '', p.totp_secret <> ''"

func (p *Person) fields() []any {
	return []any{&p.ID, &p.Handle, &p.Name, &p.Email, columns.ScanTime(&p.Added), &p.HasPassword, &p.HasTOTP}
}

// person finds one; the error is none where there is nobody. more are columns behind a person's own.
func person(ctx context.Context, q sqlite.Querier, none error, more []any, query string, args ...any) (Person, error) {
	return sqlite.One(ctx, q, none, func(p *Person) []any { return append(p.fields(), more...) }, query, args...)
}

// Person finds a person by number.
func (s *Store) Person(ctx context.Context, id int64) (Person, error) {
	return person(ctx, s.read, ErrNoPerson, nil, "SELECT "+personColumns+" FROM people p WHERE p.id = ?", id)
}

// PersonByEmail finds a person by the address with which they sign in, whatever its case, and the secrets with which they do.
func (s *Store) PersonByEmail(ctx context.Context, email string) (Person, Secrets, error) {
	return s.withSecrets(ctx, "email", strings.TrimSpace(email))
}

// PersonByHandle finds a person by the handle in a passkey, and the secrets with which they sign in.
func (s *Store) PersonByHandle(ctx context.Context, handle []byte) (Person, Secrets, error) {
	return s.withSecrets(ctx, "handle", handle)
}

// SecretsOf are the secrets with which a person signs in.
func (s *Store) SecretsOf(ctx context.Context, id int64) (Secrets, error) {
	_, secrets, err := s.withSecrets(ctx, "id", id)
	return secrets, err
}

func (s *Store) withSecrets(ctx context.Context, column string, value any) (p Person, x Secrets, err error) {
	p, err = person(ctx, s.read, ErrNoPerson, []any{&x.Password, &x.TOTP},
		"SELECT "+personColumns+", p.password, p.totp_secret FROM people p WHERE p."+column+" = ?", value)
	return p, x, err
}

// People lists everybody by name.
func (s *Store) People(ctx context.Context) ([]Person, error) {
	return sqlite.Rows(ctx, s.read, (*Person).fields, "SELECT "+personColumns+" FROM people p ORDER BY p.name COLLATE NOCASE, p.id")
}

// HasPeople says whether anybody has an account.
func (s *Store) HasPeople(ctx context.Context) (bool, error) {
	return sqlite.Value[bool](ctx, s.read, "SELECT EXISTS (SELECT 1 FROM people)")
}

// RenamePerson gives a person another name.
func (s *Store) RenamePerson(ctx context.Context, id int64, name string) error {
	name, err := PersonName(name)
	if err != nil {
		return err
	}
	return sqlite.Change(ctx, s.write, ErrNoPerson, "UPDATE people SET name = ? WHERE id = ?", name, id)
}

// RemovePerson deletes an account with all that belongs to it: memberships, logins, passkeys, tokens. The only owner of a household is not
// removed: the error is ErrLastOwner, and names it.
func (s *Store) RemovePerson(ctx context.Context, id int64) error {
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := sqlite.Value[string](ctx, tx, `SELECT h.name FROM memberships m JOIN households h ON h.id = m.household_id
			WHERE m.person_id = ? AND m.role = 'owner' AND NOT EXISTS (SELECT 1 FROM memberships o
			WHERE o.household_id = m.household_id AND o.role = 'owner' AND o.person_id <> m.person_id) ORDER BY h.name`, id)
		if err == nil && home != "" {
			err = fmt.Errorf("%s: %w", home, ErrLastOwner)
		}
		if err != nil {
			return err
		}
		if err := dropLinks(ctx, tx, 0, id); err != nil {
			return err
		}
		return sqlite.Change(ctx, tx, ErrNoPerson, "DELETE FROM people WHERE id = ?", id)
	})
}
