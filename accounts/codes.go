package accounts

import (
	"context"

	"ringfence/store/people"
)

// SetUpCodes switches codes of an app on, if code is one of them, and returns recovery codes, which are shown once.
func (a *Accounts) SetUpCodes(ctx context.Context, p people.Person, secret, code string, by By) (recovery []string, err error) {
	step, right := checkTOTP(code, secret, by.At)
	if !right {
		return nil, people.Refusal("That code is not right. Please type the one that your app shows now; if it never is right, look at your device's clock.")
	}
	err = a.do(ctx, Deed{Word: CodesOn, Sentence: p.Name + " signs in with codes of an app now.", About: p, By: by}, func(ctx context.Context) error {
		recovery, err = a.People.SetTOTP(ctx, p.ID, secret, step)
		return err
	})
	return recovery, err
}

// NewRecoveryCodes replaces somebody's recovery codes by ten new ones.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, p people.Person, by By) (recovery []string, err error) {
	if !p.HasTOTP {
		return nil, people.Refusal("Switch codes of an app on first: recovery codes take their place where the app is lost.")
	}
	err = a.do(ctx, Deed{Word: RecoveryMade, Sentence: p.Name + " has new recovery codes.", About: p, By: by}, func(ctx context.Context) error {
		recovery, err = a.People.NewRecoveryCodes(ctx, p.ID)
		return err
	})
	return recovery, err
}

// RemoveCodes switches codes of an app off.
func (a *Accounts) RemoveCodes(ctx context.Context, p people.Person, by By) error {
	return a.do(ctx, codesOff(p, by), func(ctx context.Context) error { return a.People.RemoveTOTP(ctx, p.ID) })
}

func codesOff(p people.Person, by By) Deed {
	return Deed{Word: CodesOff, Sentence: p.Name + " signs in without codes of an app now.", About: p, By: by}
}

// ForgetApp helps somebody whose telephone with the app is gone: no code is asked for any more, and whoever has found it is signed out. It returns
// the sentence that says it.
func (a *Accounts) ForgetApp(ctx context.Context, p people.Person, by By) (string, error) {
	if !p.HasTOTP {
		return p.Name + " is asked for no code of an app.", nil
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
	return p.Name + " is asked for no code of an app any more, and is signed out everywhere. They can set one up again on the page of their account.", nil
}
