// Package accounts lets people sign in, to a household's pages and to a hub's, and look after their own account: passwords, authenticator codes, how
// often anybody may try, and how long links work. It knows no page. Package people keeps the accounts; each deed here is one transaction with its
// line in the log of its database.
//
// What people may do once they are signed in is not decided here: package household knows roles, and the hub's pages know moderators.
package accounts

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"ringfence/store"
	"ringfence/store/people"
)

// How long links open.
const (
	InvitationLasts   = 7 * 24 * time.Hour
	passwordLinkLasts = 24 * time.Hour
)

// Accounts are the accounts in one database.
type Accounts struct {
	People people.People

	keeper        Keeper
	passwords     *Passwords
	passwordTries *tries
	codeTries     *tries
	log           *slog.Logger
}

// Keeper is a database that holds accounts: a household's or a hub's.
type Keeper interface {
	// Together runs f in one transaction, whole or not at all.
	Together(ctx context.Context, f func(ctx context.Context) error) error
	// LogAccount writes into its log what was done with an account.
	LogAccount(ctx context.Context, d Deed) error
}

// New returns the accounts of a database, with no attempts counted yet.
func New(p people.People, keeper Keeper, log *slog.Logger) *Accounts {
	return &Accounts{People: p, keeper: keeper, passwords: NewPasswords(), passwordTries: newTries(passwordRate), codeTries: newTries(codeRate), log: log}
}

// Word is what a log calls a deed. Programs read it: a word is never renamed.
type Word string

// The words.
const (
	LinkMade     Word = "password-link"
	PasswordSet  Word = "password-set"
	CodesOn      Word = "codes-on"
	CodesOff     Word = "codes-off"
	RecoveryMade Word = "recovery-codes"
	RecoveryUsed Word = "recovery-code-used"
	SignedOut    Word = "devices-signed-out"
)

// Deed is what was done with an account.
type Deed struct {
	Word     Word
	Sentence string // for logs that people read as they stand
	About    people.Person
	By       By
}

// By is who does something, by what way and when.
type By struct {
	Person int64 // 0: nobody's account
	Name   string
	Way    store.Way
	At     time.Time
}

// Themselves is by somebody on a page.
func Themselves(p people.Person, now time.Time) By {
	return By{Person: p.ID, Name: p.Name, Way: store.WayPage, At: now}
}

// Do does something with an account and logs it, in one transaction.
func Do(ctx context.Context, keeper Keeper, d Deed, f func(ctx context.Context) error) error {
	return keeper.Together(ctx, func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return keeper.LogAccount(ctx, d)
	})
}

// errNothing ends a deed in which nothing was changed.
var errNothing = errors.New("nothing was changed")

// TakeAway is Do for deeds that remove something. If there was nothing to remove, it returns false and logs nothing.
func TakeAway(ctx context.Context, keeper Keeper, d Deed, f func(ctx context.Context) (bool, error)) (bool, error) {
	err := Do(ctx, keeper, d, func(ctx context.Context) error {
		gone, err := f(ctx)
		if err == nil && !gone {
			err = errNothing
		}
		return err
	})
	if errors.Is(err, errNothing) {
		return false, nil
	}
	return err == nil, err
}

func (a *Accounts) do(ctx context.Context, d Deed, f func(ctx context.Context) error) error {
	return Do(ctx, a.keeper, d, f)
}

// Hash returns a new password as it is stored. The error is a people.Refusal if the password is not good enough; personal is as in CheckPassword.
func (a *Accounts) Hash(ctx context.Context, password string, personal ...string) (string, error) {
	if err := CheckPassword(password, personal...); err != nil {
		return "", err
	}
	return a.passwords.Hash(ctx, password)
}

// SetPassword gives somebody a new password. Links to choose one stop working, and every login except keep is ended; keep 0 ends them all.
func (a *Accounts) SetPassword(ctx context.Context, p people.Person, password string, keep int64, by By) error {
	hash, err := a.Hash(ctx, password, p.Name, p.Email)
	if err != nil {
		return err
	}
	return a.do(ctx, Deed{Word: PasswordSet, Sentence: p.Name + " has a new password.", About: p, By: by}, func(ctx context.Context) error {
		return a.People.SetPassword(ctx, p.ID, hash, keep)
	})
}

// MakePasswordLink returns the token of a link with which somebody can choose a new password, once, and when the link expires.
func (a *Accounts) MakePasswordLink(ctx context.Context, p people.Person, by By) (token string, until time.Time, err error) {
	until = by.At.Add(passwordLinkLasts)
	err = a.do(ctx, Deed{Word: LinkMade, Sentence: "A link to choose a new password was made for " + p.Name + ".", About: p, By: by}, func(ctx context.Context) error {
		token, err = a.People.MakePasswordLink(ctx, p.ID, until)
		return err
	})
	return token, until, err
}

// UsePasswordLink sets a new password for the person whom the link is for. They are signed out everywhere.
func (a *Accounts) UsePasswordLink(ctx context.Context, token, password string, now time.Time) (people.Person, error) {
	p, err := a.People.PasswordLink(ctx, token, now)
	if err != nil {
		return p, err
	}
	hash, err := a.Hash(ctx, password, p.Name, p.Email)
	if err != nil {
		return p, err
	}
	return p, a.do(ctx, Deed{Word: PasswordSet, Sentence: p.Name + " has chosen a new password by a link.", About: p, By: Themselves(p, now)}, func(ctx context.Context) error {
		_, err := a.People.UsePasswordLink(ctx, token, hash, now)
		return err
	})
}
