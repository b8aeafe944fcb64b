package accounts

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
)

// ErrTooMany says that there were too many tries. It does not reveal whether there is such an account.
var ErrTooMany = errors.New("there have been too many tries")

// The answers to a wrong password.
const (
	ErrNotTogether people.Refusal = "That e-mail address and password don't match. Please try again."
	ErrNotYours    people.Refusal = "Your password isn't right, so nothing has changed. Please try again."
)

// Try is one try to sign in with a password.
type Try struct {
	Email    string // as typed
	Password string
	Address  string // where it comes from
	At       time.Time
}

// SignIn finds the person with this e-mail address and password; the error is ErrNotTogether or ErrTooMany. It does the same work whether or not
// there is such an account, because neither the answer nor the time taken may reveal that. If the person uses authenticator codes, the caller has to
// ask for one next.
func (a *Accounts) SignIn(ctx context.Context, t Try) (people.Person, error) {
	p, secrets, err := a.People.ByEmail(ctx, t.Email)
	if err != nil && !errors.Is(err, people.ErrNobody) {
		return p, err
	}
	familiar, err := a.familiar(ctx, p.ID, t.Address)
	if err != nil {
		return p, err
	}
	may, back := a.passwordTries.Try(strings.ToLower(columns.Bounded(strings.TrimSpace(t.Email))), t.Address, familiar, t.At)
	if !may {
		a.log.Warn("too many tries to sign in; they are refused for a while")
		return p, ErrTooMany
	}
	right, stale, err := a.passwords.Match(ctx, t.Password, secrets.Password)
	switch {
	case err != nil:
		return p, err
	case !right:
		return p, ErrNotTogether
	}
	back()
	if !stale {
		return p, nil
	}
	hash, err := a.passwords.Hash(ctx, t.Password)
	if err != nil {
		return p, err
	}
	return p, a.People.UpgradePassword(ctx, p.ID, secrets.Password, hash)
}

// familiar says whether somebody has signed in from the same address before.
func (a *Accounts) familiar(ctx context.Context, person int64, address string) (bool, error) {
	logins, err := a.People.Logins(ctx, person)
	return slices.ContainsFunc(logins, func(l people.Login) bool { return l.Address == address }), err
}

// MayAsk counts an attempt to sign in without a password, and says whether it is allowed.
func (a *Accounts) MayAsk(address string, now time.Time) bool {
	may, _ := a.passwordTries.Try("\x00"+address, address, false, now)
	return may
}

// Confirm asks for the password, where there is one, so that it is the person themselves who changes how they sign in, and not somebody who has found
// a telephone lying about. The error is ErrNotYours or ErrTooMany.
func (a *Accounts) Confirm(ctx context.Context, p people.Person, password, address string, now time.Time) error {
	if !p.HasPassword {
		return nil
	}
	_, err := a.SignIn(ctx, Try{Email: p.Email, Password: password, Address: address, At: now})
	if errors.Is(err, ErrNotTogether) {
		return ErrNotYours
	}
	return err
}

// SignOut ends somebody's present login. Like signing in, it isn't logged: it is their own device.
func (a *Accounts) SignOut(ctx context.Context, p people.Person, login int64) error {
	_, err := a.People.EndLogin(ctx, p.ID, login)
	return err
}

// SignDeviceOut ends one of a person's logins. It returns false if they have no such login.
func (a *Accounts) SignDeviceOut(ctx context.Context, p people.Person, login int64, by By) (bool, error) {
	return TakeAway(ctx, a.keeper, Deed{Word: SignedOut, Sentence: p.Name + " has signed a device out.", About: p, By: by}, func(ctx context.Context) (bool, error) {
		return a.People.EndLogin(ctx, p.ID, login)
	})
}

// SignOtherDevicesOut ends all of a person's logins but one. It returns false if there is no other.
func (a *Accounts) SignOtherDevicesOut(ctx context.Context, p people.Person, keep int64, by By) (bool, error) {
	return TakeAway(ctx, a.keeper, Deed{Word: SignedOut, Sentence: p.Name + " has signed all other devices out.", About: p, By: by}, func(ctx context.Context) (bool, error) {
		return a.People.EndOtherLogins(ctx, p.ID, keep)
	})
}

// CodeTry is one attempt at a code, by somebody whose password was right.
type CodeTry struct {
	Person   int64
	Code     string
	Recovery string // a recovery code in place of a code, or ""
	Address  string // where it comes from
	At       time.Time
}

// TryCode checks an authenticator code, or a recovery code if there is one; the error is a people.Refusal for a wrong code, or ErrTooMany.
func (a *Accounts) TryCode(ctx context.Context, t CodeTry) error {
	p, secrets, err := a.People.ByID(ctx, t.Person)
	if err != nil {
		return err
	}
	familiar, err := a.familiar(ctx, p.ID, t.Address)
	if err != nil {
		return err
	}
	may, back := a.codeTries.Try(strconv.FormatInt(p.ID, 10), t.Address, familiar, t.At)
	if !may {
		a.log.Warn("too many tries of codes; they are refused for a while", "person", p.ID)
		return ErrTooMany
	}
	if t.Recovery != "" {
		err = a.useRecovery(ctx, p, t)
	} else {
		err = a.useCode(ctx, p.ID, secrets.TOTP, t)
	}
	if err == nil {
		back()
	}
	return err
}

func (a *Accounts) useRecovery(ctx context.Context, p people.Person, t CodeTry) error {
	return a.do(ctx, Deed{Word: RecoveryUsed, Sentence: p.Name + " has signed in with a recovery code.", About: p, By: Themselves(p, t.At)}, func(ctx context.Context) error {
		used, err := a.People.UseRecoveryCode(ctx, p.ID, t.Recovery)
		if err == nil && !used {
			err = people.Refusal("That isn't one of your recovery codes, or it has been used: each works once.")
		}
		return err
	})
}

func (a *Accounts) useCode(ctx context.Context, person int64, secret string, t CodeTry) error {
	step, right := checkTOTP(t.Code, secret, t.At)
	if !right {
		return people.Refusal("That code isn't right, or is too old. Please type the one your app shows now.")
	}
	fresh, err := a.People.UseTOTPStep(ctx, person, step)
	if err == nil && !fresh {
		err = people.Refusal("That code has been used already. Please wait for the next one.")
	}
	return err
}
