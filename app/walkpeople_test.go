package app

import (
	"time"

	"ringfence/accounts"
	"ringfence/household"
	"ringfence/store"
)

// withMember has somebody who belongs to this household alone.
func (h *house) withMember() {
	h.Helper()
	ben, err := h.db.People.Add(h.Context(), "Ben", h.path("{email}"))
	h.must(err)
	h.must(h.db.SetMembership(h.Context(), h.name, ben.ID, store.RoleCarer, true))
	h.person = ben.ID
}

func (h *house) withInvitation() {
	h.Helper()
	_, _, err := h.db.Invite(h.Context(), store.Invitation{Household: h.name, Name: "Ben", Role: store.RoleCarer, Hears: true, Expires: time.Now().Add(time.Hour)}, time.Now())
	h.must(err)
	all, err := h.db.Invitations(h.Context(), h.name)
	h.must(err)
	h.invitation = all[0].ID
}

// peopleDeeds are those about who belongs to the household.
func peopleDeeds() []deed {
	return []deed{
		{name: "invite somebody", methods: "Invite", word: household.Invited, is: "a carer", owners: true, ways: []way{
			page("people", form("people/invitations", "name", "Ben", "role", "carer", "hears", "yes")).byOwner(),
		}},
		{name: "withdraw an invitation", methods: "WithdrawInvitation", word: household.InvitationWithdrawn, needs: (*house).withInvitation, was: "a carer", final: true, ways: []way{
			page("people", form("people/invitations/{invitation}/withdraw")).byOwner(),
		}},
		{name: "give somebody another place", methods: "SetMember", word: household.MemberSet, needs: (*house).withMember, was: "a carer", is: "a viewer", owners: true, ways: []way{
			page("people", form("people/{person}", "role", "viewer", "hears", "yes")).byOwner(),
			command("user", "add", "{email}", "--role", "viewer"),
		}},
		{name: "take somebody's place", methods: "RemoveMember", word: household.MemberRemoved, needs: (*house).withMember, was: "a carer", owners: true, ways: []way{
			page("people", form("people/{person}/remove")).byOwner(),
			command("user", "remove", "{email}"),
		}},
		{name: "make a link to a password", word: household.Word(accounts.LinkMade), needs: (*house).withMember, final: true, ways: []way{
			page("people", form("people/{person}/password")).byOwner(),
			command("user", "password", "{email}", "--link"),
		}},
	}
}
