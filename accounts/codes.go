package accounts

import (
	"context"

	"ringfence/store/people"
)

// SetUpCodes switches authenticator codes on if code is a valid one, and returns recovery codes, which are shown once.
func (a *Accounts) SetUpCodes(ctx context.Context, p people.Person, secret, code string, by By) (recovery []string, err error) {
	step, right := checkTOTP(code, secret, by.At)
	if !right {
		return nil, people.Refusal("That code isn't right. Please type the one your app shows now. If it's never right, check your device's clock.")
	}
	err = a.do(ctx, Deed{Word: CodesOn, Sentence: p.Name + " now signs in with an authenticator app.", About: p, By: by}, func(ctx context.Context) error {
		recovery, err = a.People.SetTOTP(ctx, p.ID, secret, step)
		return err
	})
	return recovery, err
}

// NewRecoveryCodes replaces somebody's recovery codes with ten new ones.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, p people.Person, by By) (recovery []string, err error) {
	if !p.HasTOTP {
		return nil, people.Refusal("Set up an authenticator app first: recovery codes are for when you have lost it.")
	}
	err = a.do(ctx, Deed{Word: RecoveryMade, Sentence: p.Name + " has new recovery codes.", About: p, By: by}, func(ctx context.Context) error {
		recovery, err = a.People.NewRecoveryCodes(ctx, p.ID)
		return err
	})
	return recovery, err
}

// RemoveCodes switches authenticator codes off.
func (a *Accounts) RemoveCodes(ctx context.Context, p people.Person, by By) error {
	return a.do(ctx, codesOff(p, by), func(ctx context.Context) error { return a.People.RemoveTOTP(ctx, p.ID) })
}

func codesOff(p people.Person, by By) Deed {
	return Deed{Word: CodesOff, Sentence: p.Name + " now signs in without an authenticator app.", About: p, By: by}
}

// ForgetApp helps somebody who has lost the telephone with their authenticator app: codes are no longer asked for, and whoever has found it is signed
// out. It returns the sentence that says it.
func (a *Accounts) ForgetApp(ctx context.Context, p people.Person, by By) (string, error) {
	if !p.HasTOTP {
		return p.Name + " isn't asked for codes.", nil
	}
	err := a.do(ctx, codesOff(p, by), func(ctx context.Context) error {
		if err := a.People.RemoveTOTP(ctx, p.ID); err != nil {
			return err
		}
		_, err := a.People.EndOtherLogins(ctx, p.ID, 0)
		return err
	})
	if err != nil {
		return "", err
	}
	return p.Name + " isn't asked for codes any more, and is signed out everywhere. They can set one up again on the page of their account.", nil
}
