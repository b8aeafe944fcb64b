// Package people keeps accounts: who may sign in, with what, and in which browsers they are signed in. A household's database and a hub's differ
// only in what their tables are called, and in what they leave out. What an account allows is not known here.
package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// People are the accounts of one database.
type People struct {
	Tables
	read  *sql.DB
	write sqlite.Connection
	names *strings.Replacer
}

// Tables are the tables with accounts, and how long somebody stays signed in.
type Tables struct {
	Accounts  string        // the table
	Whose     string        // the column of recovery_codes, logins and password_links that says whose they are
	Sessions  string        // the table of what pages note of their visitors
	Lasts     time.Duration // how long a session lasts
	Handles   bool          // accounts have a handle, by which passkeys name them
	Addresses bool          // the addresses from which people sign in are kept
}

// New returns the accounts in these tables; statements that are part of a transaction are run by write.
func New(read *sql.DB, write sqlite.Connection, t Tables) People {
	person, address := Columns, "l.address"
	if !t.Handles {
		person = strings.Replace(person, "p.handle", "NULL", 1)
	}
	if !t.Addresses {
		address = "''"
	}
	return People{t, read, write, strings.NewReplacer("{accounts}", t.Accounts, "{whose}", t.Whose, "{sessions}", t.Sessions, "{address}", address, "{person}", person)}
}

// sql writes the names of tables and columns into a statement; {person} stands for those of Columns that the table has.
func (p People) sql(query string) string { return p.names.Replace(query) }

// Person is somebody who has an account: a carer, the owner of a household, a moderator of a hub.
type Person struct {
	ID     int64
	Handle []byte // 32 random bytes, by which a passkey names them; nil where there are no passkeys
	Name   string
	Email  string // with which they sign in
	Added  time.Time
	// HasPassword and HasTOTP say how they can sign in.
	HasPassword, HasTOTP bool
}

// Secrets are what a person signs in with. They are for the sign-in alone.
type Secrets struct {
	Password string // hashed; "" is none
	TOTP     string // base32; "" is none
}

// Refusal says in plain words why a change to an account is refused. It may begin with a small letter and end without a full stop.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// Reasons for refusing.
const (
	ErrNobody     Refusal = "there is no such account"
	ErrEmailTaken Refusal = "somebody signs in with this e-mail address already"
	ErrLinkOver   Refusal = "This link has been used, withdrawn, or is too old. Ask for a new one."
	ErrNoLogin    Refusal = "you have been signed out: sign in again"
)

const (
	maxName  = 80  // runes
	maxEmail = 254 // bytes, as SMTP has it (RFC 5321, 4.5.3.1.3)
)

// CheckName returns a name as it is stored, or a Refusal.
func CheckName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case name == "":
		return "", Refusal("a name is needed: write what others call them")
	case utf8.RuneCountInString(name) > maxName:
		return "", Refusal(fmt.Sprintf("this name is longer than %d letters: write a shorter one", maxName))
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return "", Refusal("this name has signs in it that cannot be shown: write it with letters")
	}
	return name, nil
}

// CheckEmail returns an e-mail address as it is stored, or a Refusal.
func CheckEmail(email string) (string, error) {
	email = strings.TrimSpace(email)
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > maxEmail || strings.ContainsFunc(email, unicode.IsSpace) {
		return "", Refusal("this is not an e-mail address: write it like joan@example.org")
	}
	return strings.ToLower(email), nil
}

// Add makes an account without a password. The error is a Refusal for a bad name or address, or an address that somebody has already.
func (p People) Add(ctx context.Context, name, email string) (made Person, err error) {
	if made.Name, err = CheckName(name); err != nil {
		return Person{}, err
	}
	if made.Email, err = CheckEmail(email); err != nil {
		return Person{}, err
	}
	if taken, err := p.whose(ctx, p.write, made.Email); err != nil || taken != 0 {
		return Person{}, cmp.Or[error](err, ErrEmailTaken)
	}
	made.Added = time.Now().Truncate(time.Second)
	names, values, args := "name, email, added_at", "?, ?, ?", []any{made.Name, made.Email, made.Added.Unix()}
	if p.Handles {
		made.Handle = random()
		names, values, args = names+", handle", values+", ?", append(args, made.Handle)
	}
	made.ID, err = sqlite.OneValue[int64](ctx, p.write, ErrEmailTaken,
		p.sql("INSERT INTO {accounts} ("+names+") VALUES ("+values+") ON CONFLICT DO NOTHING RETURNING id"), args...)
	if err != nil {
		return Person{}, err
	}
	return made, nil
}

// Columns are a person's columns, in the table p, for Fields.
const Columns = "p.id, p.handle, p.name, p.email, p.added_at, p.password <> '', p.totp_secret <> ''"

// Fields are where Columns go.
func (p *Person) Fields() []any {
	return []any{&p.ID, &p.Handle, &p.Name, &p.Email, columns.ScanTime(&p.Added), &p.HasPassword, &p.HasTOTP}
}

// find finds one person; the error is none if there is nobody.
func (p People) find(ctx context.Context, from sqlite.Querier, none error, where string, args ...any) (found Person, x Secrets, err error) {
	found, err = sqlite.One(ctx, from, none, func(p *Person) []any { return append(p.Fields(), &x.Password, &x.TOTP) },
		p.sql("SELECT {person}, p.password, p.totp_secret FROM {accounts} p "+where), args...)
	return found, x, err
}

// ByID finds a person by number, with what they sign in with.
func (p People) ByID(ctx context.Context, id int64) (Person, Secrets, error) {
	return p.find(ctx, p.read, ErrNobody, "WHERE p.id = ?", id)
}

// ByEmail finds a person by the address with which they sign in, in any case.
func (p People) ByEmail(ctx context.Context, email string) (Person, Secrets, error) {
	id, err := p.whose(ctx, p.read, email)
	if err != nil {
		return Person{}, Secrets{}, err
	}
	return p.ByID(ctx, id)
}

// whose is the number of who signs in with an e-mail address; 0 for nobody. SQLite knows the case of ASCII alone, and addresses were kept as they
// were typed once, so that all are looked at: there are never many. Of two that differ in their case, the one that was typed counts.
func (p People) whose(ctx context.Context, from sqlite.Querier, email string) (id int64, err error) {
	email = strings.TrimSpace(email)
	return id, sqlite.Each(ctx, from, func(scan func(...any) error) error {
		var one int64
		var kept string
		err := scan(&one, &kept)
		if strings.ToLower(kept) == strings.ToLower(email) && (id == 0 || kept == email) { //nolint:staticcheck // as CheckEmail makes them
			id = one
		}
		return err
	}, p.sql("SELECT id, email FROM {accounts}"))
}

// ByHandle finds a person by the handle in their passkeys.
func (p People) ByHandle(ctx context.Context, handle []byte) (Person, Secrets, error) {
	return p.find(ctx, p.read, ErrNobody, "WHERE p.handle = ?", handle)
}

// All lists everybody by name.
func (p People) All(ctx context.Context) ([]Person, error) {
	return sqlite.Rows(ctx, p.read, (*Person).Fields, p.sql("SELECT {person} FROM {accounts} p ORDER BY p.name COLLATE NOCASE, p.id"))
}

// Any says whether anybody has an account.
func (p People) Any(ctx context.Context) (bool, error) {
	return sqlite.Value[bool](ctx, p.read, p.sql("SELECT EXISTS (SELECT 1 FROM {accounts})"))
}

// Rename gives a person another name.
func (p People) Rename(ctx context.Context, id int64, name string) error {
	name, err := CheckName(name)
	if err != nil {
		return err
	}
	return p.change(ctx, "UPDATE {accounts} SET name = ? WHERE id = ?", name, id)
}

// Remove deletes an account with all that belongs to it.
func (p People) Remove(ctx context.Context, id int64) error {
	return p.change(ctx, "DELETE FROM {accounts} WHERE id = ?", id)
}

// change runs a statement that finds one person, or the error is ErrNobody.
func (p People) change(ctx context.Context, query string, args ...any) error {
	return sqlite.Change(ctx, p.write, ErrNobody, p.sql(query), args...)
}

// run runs a statement, and says whether it has changed anything.
func (p People) run(ctx context.Context, query string, args ...any) (bool, error) {
	return sqlite.Changes(ctx, p.write, p.sql(query), args...)
}

// NewToken makes the token in a one-time address, and its hash, which is all that is kept. The time that looking up a hash takes reveals nothing,
// because nobody can choose the hash of what they try.
func NewToken() (token string, hash []byte) {
	token = base64.RawURLEncoding.EncodeToString(random())
	return token, HashOf(token)
}

// HashOf returns a token, or a recovery code, as it is stored.
func HashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func random() []byte {
	bits := make([]byte, 32)
	_, _ = rand.Read(bits) // which never fails (crypto/rand)
	return bits
}
