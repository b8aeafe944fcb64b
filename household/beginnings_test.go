package household

import (
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// A contact by the beginning of numbers is a contact like another: it is added, seen, undone and removed, and no key pressed in a hurry blocks one of
// its numbers; but the household can, number by number.
func TestContactByTheBeginningOfItsNumbers(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	n, err := a.ReadContactNumber("01753 63*")
	if err != nil || n != "+44175363*" {
		t.Fatal(n, err)
	}
	done, err := a.AddContact(ctx, "Wexham Park hospital", "", n)
	if err != nil || !strings.Contains(done.Sentence, "Wexham Park hospital (0175363*)") || !strings.Contains(done.Sentence, "a fraudster who shows one of these rings") {
		t.Fatalf("%+v %v", done, err)
	}
	const ward = screening.Number("+441753634567")
	known := func() screening.Knowledge {
		_, known, err := a.Store.Situation(ctx, a.Household, ward)
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	if k := known(); k.Contact == nil || k.Contact.Name != "Wexham Park hospital" || k.Contact.Beginning != "44175363" {
		t.Errorf("%+v", k)
	}
	if _, blocked, err := a.SendAway(ctx, ward, "*7"); err != nil || blocked {
		t.Errorf("a key has blocked a hospital's number: %v", err)
	}
	byPhone := a
	byPhone.Actor = Telephone
	if _, err := byPhone.AddBlock(ctx, BlockRequest{Number: string(ward)}); err == nil {
		t.Error("a code has blocked a hospital's number")
	}
	if _, err := a.AddBlock(ctx, BlockRequest{Number: "01753 63", Prefix: true, Sure: true}); err == nil || !strings.Contains(err.Error(), "Wexham Park hospital") {
		t.Errorf("the contact's own beginning can be blocked: %v", err)
	}
	if done, err := a.Allow(ctx, ward, "", ""); err != nil || done.Line != 0 {
		t.Errorf("%+v %v", done, err)
	}
	block, err := a.AddBlock(ctx, BlockRequest{Number: string(ward)})
	if err != nil || known().Contact != nil || known().Block == nil {
		t.Errorf("%+v %v", block, err)
	}
	if _, err := a.RemoveContactNamed(ctx, "01753 63*"); err != nil {
		t.Error(err)
	}
	if all, err := a.Store.Contacts(ctx, a.Household); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	again, err := a.SaveContact(ctx, store.Contact{Name: "Wexham Park hospital", Numbers: []screening.Number{n}}, "", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Undo(ctx, again.Line); err != nil {
		t.Error(err)
	}
	for typed, why := range map[string]string{"0161*": "too many numbers", "+44*": "too many numbers", "07*": "too many"} {
		if _, err := a.ReadContactNumber(typed); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", typed, err)
		}
	}
}
