package household

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/accounts"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/people"
)

// RoleWords is a role in words, for the middle of a sentence.
func RoleWords(r store.Role, hears bool) string {
	words := map[store.Role]string{store.RoleOwner: "an owner", store.RoleCarer: "a carer", store.RoleViewer: "a viewer"}[r]
	if !hears {
		words += " who hears no recordings"
	}
	return words
}

// RoleName is a role by itself, such as "Owner".
func RoleName(r store.Role) string {
	_, name, _ := strings.Cut(RoleWords(r, true), " ")
	return screening.Capital(name)
}

// asRefusal turns what package accounts refuses into a Refusal, and returns every other error unchanged.
func asRefusal(err error) error {
	var refused people.Refusal
	if errors.As(err, &refused) {
		return because(Unfit, refused)
	}
	return err
}

// Invite invites somebody to the household, and returns the token of the link, and when it expires.
func (a Admin) Invite(ctx context.Context, name string, role store.Role, hears bool) (token string, until time.Time, err error) {
	if name, err = people.CheckName(name); err != nil {
		return "", until, asRefusal(err)
	}
	until = a.Now.Add(accounts.InvitationLasts)
	_, err = a.do(ctx, func(ctx context.Context) (change, error) {
		var id int64
		token, id, err = a.Store.Invite(ctx, store.Invitation{Household: a.Household, Name: name, Role: role, Hears: hears, By: a.Actor.String(), Expires: until}, a.Now)
		return change{
			word: Invited, sentence: name + " was invited as " + RoleWords(role, hears) + ".", after: RoleWords(role, hears), undo: &undo{What: Invited, ID: id},
		}, asRefusal(err)
	})
	return token, until, err
}

// WithdrawInvitation withdraws an invitation that nobody has used. It cannot be undone: a link that may be in the wrong hands must not open again.
func (a Admin) WithdrawInvitation(ctx context.Context, id int64) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) { return a.withdraw(ctx, id) })
}

func (a Admin) undoInvited(ctx context.Context, u undo) (change, error) { return a.withdraw(ctx, u.ID) }

func (a Admin) withdraw(ctx context.Context, id int64) (change, error) {
	all, err := a.Store.Invitations(ctx, a.Household)
	if err != nil {
		return change{}, err
	}
	at := slices.IndexFunc(all, func(i store.Invitation) bool { return i.ID == id })
	gone, err := a.Store.WithdrawInvitation(ctx, a.Household, id)
	if err == nil && (at < 0 || !gone) {
		err = refuseAs(Gone, "There is no such invitation any more.")
	}
	if err != nil {
		return change{}, err
	}
	return change{word: InvitationWithdrawn, sentence: "The invitation of " + all[at].Name + " was withdrawn.", before: RoleWords(all[at].Role, all[at].Hears)}, nil
}

// linksOver is added to the sentence when somebody stops being an owner: owners know the links.
const linksOver = " Invitations and password links that were still open are withdrawn: make new ones if you still need them."

// standing is what somebody is in the household, in words too: "" where they do not belong to it.
func (a Admin) standing(ctx context.Context, who people.Person) (r store.Roles, words string, err error) {
	r, err = a.Store.RolesIn(ctx, a.Household, who.ID)
	return r, standingWords(r.Standing()), err
}

func standingWords(s store.Standing) string {
	if s.Role == "" {
		return ""
	}
	return RoleWords(s.Role, s.Hears)
}

// SeenMember is what the page shows of what somebody is in the household, for its form.
func SeenMember(role store.Role, hears bool) string {
	return written(map[string]string{"role": string(role), "hears": strconv.FormatBool(hears)})
}

// byArea says that somebody is what they are for an area, which nobody changes in one of its households.
func (a Admin) byArea(who people.Person, r store.Roles) error {
	return refuseAs(Conflict, "%s is %s of every household in %s. Only an owner of all households on this machine can change that.",
		who.Name, standingWords(r.ByArea), areasInWords(r.Areas))
}

// SetMember gives somebody a role in the household, or changes it. seen is what the form showed, "" without a form.
func (a Admin) SetMember(ctx context.Context, who people.Person, seen string, role store.Role, hears bool) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		given, before, err := a.standing(ctx, who)
		if err != nil {
			return change{}, err
		}
		own, was, now := given.Own, given.Standing(), store.Standing{Role: role, Hears: hears}
		if err := fresh(seen, SeenMember(was.Role, was.Hears), who.Name+" is "+cmp.Or(before, "nobody of this household")); err != nil {
			return change{}, err
		}
		if now == was {
			return unchanged(who.Name + " was " + before + " already"), nil
		}
		given.Own = now
		if given.ByArea.Role != "" && given.Standing() != now {
			return change{}, a.byArea(who, given)
		}
		c := change{word: MemberSet, sentence: who.Name + " is " + RoleWords(role, hears) + " now.", before: before, after: RoleWords(role, hears)}
		if was.Role == store.RoleOwner && role != store.RoleOwner {
			c.sentence += linksOver
		}
		c.undo = a.undoOfMember(who, own, now)
		return c, asRefusal(a.Store.SetMembership(ctx, a.Household, who.ID, role, hears))
	})
}

// RemoveMember takes somebody out of the household.
func (a Admin) RemoveMember(ctx context.Context, who people.Person) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		given, before, err := a.standing(ctx, who)
		if err == nil && given.ByArea.Role != "" {
			err = a.byArea(who, given)
		}
		if err != nil {
			return change{}, err
		}
		c := change{word: MemberRemoved, sentence: who.Name + " does not belong to this household any more.", before: before}
		if given.Own.Role == store.RoleOwner {
			c.sentence += linksOver
		}
		c.undo = a.undoOfMember(who, given.Own, store.Standing{})
		removed, err := a.Store.RemoveMembership(ctx, a.Household, who.ID)
		if err == nil && !removed {
			err = refuseAs(Gone, "%s does not belong to %s.", who.Name, a.Household)
		}
		return c, asRefusal(err)
	})
}

// memberUndo is what somebody was given for the household alone before, and what they could do there afterwards, each with an empty role if nothing.
type memberUndo struct {
	Person int64            `json:"person"`
	Before store.Membership `json:"before"`
	After  store.Membership `json:"after"`
}

// undoOfMember gives somebody back what they were, but neither links nor alerts and tokens that went with it. Those who have left by themselves are brought
// back by nobody's undo.
func (a Admin) undoOfMember(who people.Person, before, after store.Standing) *undo {
	if who.ID == a.Actor.Person {
		return nil
	}
	membership := func(s store.Standing) store.Membership { return store.Membership{Role: s.Role, Hears: s.Hears} }
	return &undo{What: MemberSet, Member: &memberUndo{who.ID, membership(before), membership(after)}}
}

func (a Admin) undoMember(ctx context.Context, u undo) (change, error) {
	who, _, err := a.Store.People.ByID(ctx, u.Member.Person)
	if errors.Is(err, people.ErrNobody) {
		err = refuseAs(Gone, "They have no account any more.")
	}
	if err != nil {
		return change{}, err
	}
	given, words, err := a.standing(ctx, who)
	if err != nil {
		return change{}, err
	}
	now := given.Standing()
	if now.Role != u.Member.After.Role || now.Hears != u.Member.After.Hears {
		return change{}, tooLate(who.Name + " is " + cmp.Or(words, "nobody of this household") + " now.")
	}
	before := u.Member.Before
	given.Own = store.Standing{Role: before.Role, Hears: before.Hears}
	again, over := given.Standing(), ""
	if now.Role == store.RoleOwner && again.Role != store.RoleOwner {
		over = linksOver
	}
	sentence := who.Name + " does not belong to this household any more."
	if again.Role != "" {
		sentence = who.Name + " is " + standingWords(again) + " again."
	}
	if before.Role == "" {
		_, err = a.Store.RemoveMembership(ctx, a.Household, who.ID)
		return change{sentence: sentence + over}, asRefusal(err)
	}
	return change{sentence: sentence + over}, asRefusal(a.Store.SetMembership(ctx, a.Household, who.ID, before.Role, before.Hears))
}

// PasswordLink makes a link with which somebody of the household chooses a new password. The owner of one household must not get into another by it.
func (a Admin) PasswordLink(ctx context.Context, of *accounts.Accounts, who people.Person) (token string, until time.Time, err error) {
	err = a.Store.Together(ctx, func(ctx context.Context) error {
		may, err := a.Store.MayReset(ctx, a.Actor.Person, who.ID)
		if err == nil && !may {
			err = refuseAs(NotAllowed, "%s belongs to another household as well, so you can't make this link. Ask whoever looks after this Ringfence.", who.Name)
		}
		if err != nil {
			return err
		}
		token, until, err = of.MakePasswordLink(ctx, who, accounts.By{Person: a.Actor.Person, Name: a.Actor.String(), Way: a.Actor.Way, At: a.Now})
		return err
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return token, until, nil
}
