package household

import (
	"context"
	"errors"
	"time"

	"ringfence/accounts"
	"ringfence/store"
	"ringfence/store/people"
)

// What is done with people and their accounts. The words for authenticator codes differ from the hub's, because they are older.
const (
	Invited             Word = "invited"
	InvitationWithdrawn Word = "invitation-withdrawn"
	Joined              Word = "joined"
	MemberSet           Word = "member-set"
	MemberRemoved       Word = "member-removed"

	PersonAdded    accounts.Word = "person-added"
	PersonRenamed  accounts.Word = "person-renamed"
	PersonRemoved  accounts.Word = "person-removed"
	PasskeyAdded   accounts.Word = "passkey-added"
	PasskeyRemoved accounts.Word = "passkey-removed"
	TokenMade      accounts.Word = "token-made"
	TokenRevoked   accounts.Word = "token-revoked"
)

var wordsHere = map[accounts.Word]string{accounts.CodesOn: "totp-on", accounts.CodesOff: "totp-off"}

// People are the accounts of a machine, and what is done with them besides signing in.
type People struct{ *store.Store }

// LogAccount writes what was done with an account into the audit log of each household that the person belongs to, because it opens all of them. If
// they belong to none, it writes into the machine's.
func (p People) LogAccount(ctx context.Context, d accounts.Deed) error {
	households, err := p.householdsOf(ctx, d.About)
	if err != nil {
		return err
	}
	return p.logIn(ctx, households, d)
}

// householdsOf names the households that somebody belongs to; if there are none, only the machine, which is "".
func (p People) householdsOf(ctx context.Context, who people.Person) (names []string, err error) {
	members, err := p.Memberships(ctx, who.ID)
	for _, m := range members {
		names = append(names, m.Household)
	}
	if len(names) == 0 {
		names = []string{""}
	}
	return names, err
}

// logIn writes the same line into the logs of several households.
func (p People) logIn(ctx context.Context, households []string, d accounts.Deed) error {
	word := string(d.Word)
	if here, is := wordsHere[d.Word]; is {
		word = here
	}
	for _, name := range households {
		err := p.AddAuditLine(ctx, &store.AuditLine{
			Household: name, At: d.By.At, Person: d.By.Person, By: d.By.Name, Way: d.By.Way, What: word, Text: d.Sentence,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Add makes an account without a password. The audit logs of households mention it.
func (p People) Add(ctx context.Context, name, email string, households []string, by accounts.By) (who people.Person, err error) {
	err = p.Together(ctx, func(ctx context.Context) error {
		if who, err = p.People.Add(ctx, name, email); err != nil {
			return err
		}
		return p.logIn(ctx, households, accounts.Deed{Word: PersonAdded, Sentence: who.Name + " has an account now.", About: who, By: by})
	})
	if err != nil {
		return people.Person{}, err
	}
	return who, nil
}

// Rename changes somebody's name.
func (p People) Rename(ctx context.Context, who people.Person, name string, by accounts.By) (string, error) {
	name, err := people.CheckName(name)
	if err != nil || name == who.Name {
		return name, err
	}
	return name, accounts.Do(ctx, p, accounts.Deed{Word: PersonRenamed, Sentence: who.Name + " is called " + name + " now.", About: who, By: by}, func(ctx context.Context) error {
		return p.People.Rename(ctx, who.ID, name)
	})
}

// Remove deletes an account, with its memberships. The only owner of a household cannot be removed. The logs of the households that they belonged to
// mention it.
func (p People) Remove(ctx context.Context, who people.Person, by accounts.By) error {
	return p.Together(ctx, func(ctx context.Context) error {
		households, err := p.householdsOf(ctx, who)
		if err == nil {
			err = p.RemovePerson(ctx, who.ID)
		}
		if err != nil {
			return err
		}
		return p.logIn(ctx, households, accounts.Deed{Word: PersonRemoved, Sentence: who.Name + " has no account any more.", About: who, By: by})
	})
}

// AddToken makes a token for one of somebody's programs, and returns what the program has to send, which is shown once.
func (p People) AddToken(ctx context.Context, who people.Person, t store.Token, by accounts.By) (token string, err error) {
	d := accounts.Deed{Word: TokenMade, Sentence: who.Name + " has made a token for programs: " + t.Name + ".", About: who, By: by}
	err = accounts.Do(ctx, p, d, func(ctx context.Context) error {
		token, err = p.Store.AddToken(ctx, who.ID, t, by.At)
		return err
	})
	return token, err
}

// RevokeToken revokes one of somebody's tokens. It returns false if they have no such token.
func (p People) RevokeToken(ctx context.Context, who people.Person, id int64, by accounts.By) (bool, error) {
	return accounts.TakeAway(ctx, p, accounts.Deed{Word: TokenRevoked, Sentence: who.Name + " has revoked a token for programs.", About: who, By: by}, func(ctx context.Context) (bool, error) {
		return p.Store.RevokeToken(ctx, who.ID, id)
	})
}

// AddPasskey stores a passkey for somebody.
func (p People) AddPasskey(ctx context.Context, who people.Person, k store.Passkey, by accounts.By) error {
	return accounts.Do(ctx, p, accounts.Deed{Word: PasskeyAdded, Sentence: who.Name + " has a new passkey.", About: who, By: by}, func(ctx context.Context) error {
		return p.Store.AddPasskey(ctx, who.ID, k, by.At)
	})
}

// RemovePasskey removes one of somebody's passkeys. It returns false if they have no such passkey.
func (p People) RemovePasskey(ctx context.Context, who people.Person, id int64, by accounts.By) (bool, error) {
	return accounts.TakeAway(ctx, p, accounts.Deed{Word: PasskeyRemoved, Sentence: who.Name + " has removed a passkey.", About: who, By: by}, func(ctx context.Context) (bool, error) {
		return p.Store.RemovePasskey(ctx, who.ID, id)
	})
}

// Accept makes an account for somebody who was invited, and brings them into the household.
func (p People) Accept(ctx context.Context, token string, n store.NewPerson, now time.Time) (who people.Person, i store.Invitation, err error) {
	err = p.Together(ctx, func(ctx context.Context) error {
		if who, i, err = p.AcceptInvitation(ctx, token, n, now); err != nil {
			return err
		}
		return p.joined(ctx, who, i, now)
	})
	return who, i, err
}

// Join brings somebody who has an account already into the household that they were invited to.
func (p People) Join(ctx context.Context, token string, who people.Person, now time.Time) (i store.Invitation, err error) {
	err = p.Together(ctx, func(ctx context.Context) error {
		if i, err = p.JoinByInvitation(ctx, token, who.ID, now); err != nil {
			return err
		}
		return p.joined(ctx, who, i, now)
	})
	return i, err
}

func (p People) joined(ctx context.Context, who people.Person, i store.Invitation, now time.Time) error {
	return p.logJoined(ctx, i.Household, who, who.Name+" has come in, invited by "+i.By+".", RoleWords(i.Role, i.Hears), now)
}

func (p People) logJoined(ctx context.Context, household string, who people.Person, sentence, as string, now time.Time) error {
	return p.AddAuditLine(ctx, &store.AuditLine{
		Household: household, At: now, Person: who.ID, By: who.Name, Way: store.WayPage, What: string(Joined), Text: sentence, After: as,
	})
}

// Start makes the first account, which owns every household. The audit logs of households mention it.
func (p People) Start(ctx context.Context, token string, n store.NewPerson, households []string, now time.Time) (who people.Person, err error) {
	err = p.Together(ctx, func(ctx context.Context) error {
		if who, err = p.Store.Start(ctx, token, n); err != nil {
			return err
		}
		for _, h := range households {
			err = errors.Join(err, p.logJoined(ctx, h, who, who.Name+" has made the first account, and owns every household.", RoleWords(store.RoleOwner, true), now))
		}
		return err
	})
	return who, err
}
