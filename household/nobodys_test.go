package household

import (
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// refusedSaying says whether a deed was refused with a sentence that has these words.
func refusedSaying(err error, words string) bool {
	return err != nil && strings.Contains(err.Error(), words)
}

// Digits that only stand in a number's place are nobody's, also where an earlier version has logged or blocked them.
func TestWhatOnlyStandsInANumbersPlace(t *testing.T) {
	a, ctx := admin(t), t.Context()
	a.Region = "US"
	const zeros = screening.Number("+10000000000")
	const words = "in place of a number"
	_, err := a.ReadContactNumber("0000000000")
	deeds := map[string]error{"read": err}
	_, deeds["contact"] = a.AddContact(ctx, "Bob", "", zeros)
	_, deeds["saved"] = a.SaveContact(ctx, store.Contact{Name: "Bob", Numbers: []screening.Number{zeros}}, "", true)
	_, deeds["allow"] = a.Allow(ctx, zeros, "Bob", "")
	_, deeds["block"] = a.Block(ctx, zeros, "")
	_, deeds["block, as typed"] = a.AddBlock(ctx, BlockRequest{Number: "1111111111", EvenContact: true})
	_, deeds["report"] = a.Report(ctx, zeros, "bank")
	for deed, err := range deeds {
		if !refusedSaying(err, words) {
			t.Errorf("%s: %v", deed, err)
		}
	}
	if err := a.Store.AddBlock(ctx, a.Household, screening.Block{Digits: "10000000000", Farewell: screening.Inspection}, "an earlier version"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Unblock(ctx, screening.Written("10000000000", false, "US"), false); err != nil {
		t.Errorf("a block of an earlier version cannot be lifted: %v", err)
	}
}

// Scammers show the line's own number: it is nobody's either.
func TestOwnNumberIsNoContact(t *testing.T) {
	a, ctx := admin(t), t.Context()
	_, err := a.ReadContactNumber("020 7946 0100")
	deeds := map[string]error{"read": err}
	_, deeds["contact"] = a.AddContact(ctx, "Me", "", a.Number)
	_, deeds["saved"] = a.SaveContact(ctx, store.Contact{Name: "Me", Numbers: []screening.Number{a.Number}}, "", true)
	_, deeds["allow"] = a.Allow(ctx, a.Number, "Me", "")
	for deed, err := range deeds {
		if !refusedSaying(err, "this household's own number") {
			t.Errorf("%s: %v", deed, err)
		}
	}
}

func TestRoutersPhonesAsContacts(t *testing.T) {
	a, ctx := admin(t), t.Context()
	if _, err := a.ReadContactNumber("**91"); err == nil {
		t.Error("a door bell is a contact on a line without a router")
	}
	a.Router = true
	n, err := a.ReadContactNumber("**91")
	if err != nil || n != "**91" {
		t.Fatalf("%q, %v", n, err)
	}
	if _, err := a.AddContact(ctx, "Door", "", n, "+442079460123"); err != nil {
		t.Fatal(err)
	}
	_, known, err := a.Store.Situation(ctx, a.Household, "**91")
	if err != nil || known.Contact == nil || known.Contact.Name != "Door" {
		t.Errorf("%+v, %v", known, err)
	}
	if _, err := a.Block(ctx, "**610", ""); !refusedSaying(err, "your own router") {
		t.Errorf("it can be blocked: %v", err)
	}
	if _, err := a.Report(ctx, "**610", "bank"); !refusedSaying(err, "your own router") {
		t.Errorf("it can be reported: %v", err)
	}
	if _, blocked, err := a.SendAway(ctx, "**610", ""); blocked || err != nil {
		t.Errorf("it is blocked by a key: %v", err)
	}
	if _, err := a.Allow(ctx, "**610", "Study", ""); err != nil {
		t.Error(err)
	}
	if f, err := a.Forgettable(ctx, "**91"); err != nil || f.Number != "**91" {
		t.Errorf("what is kept of a door bell: %+v, %v", f, err)
	}
	if _, err := a.ForgetDialled(ctx, "**610"); !refusedSaying(err, "**610") {
		t.Errorf("a router's phone that was never rung: %v", err)
	}
	if _, err := a.RemoveContactNamed(ctx, "**91"); err != nil {
		t.Error(err)
	}
	if _, err := a.RemoveContactNamed(ctx, "**610"); err != nil {
		t.Error(err)
	}
}
