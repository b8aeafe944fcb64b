package household

import (
	"reflect"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// Allowing a caller who is a contact already changes nothing, whatever name the network shows.
func TestAllowingAContactChangesNothing(t *testing.T) {
	f := newFilled(t)
	saved, err := f.Store.SaveContact(t.Context(), "home", store.Contact{
		Name: "Joan", Numbers: []screening.Number{stranger}, Notes: "sister", PassCode: store.PassCode{Code: "48213375"},
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Allow(t.Context(), stranger, "", "SMITH J"); err != nil {
		t.Fatal(err)
	}
	if now, is, err := f.Store.ContactByNumber(t.Context(), "home", stranger); err != nil || !is || !reflect.DeepEqual(now, saved) {
		t.Errorf("%+v became %+v (%v)", saved, now, err)
	}
}

// Blocking a contact's last number removes the contact; allowing the number again lifts the block, and the number is its name.
func TestAContactIsBlockedAndAllowedAgain(t *testing.T) {
	f := newFilled(t)
	if err := f.Store.AddContact(t.Context(), "home", "Joan", stranger); err != nil {
		t.Fatal(err)
	}
	if _, err := f.AddBlock(t.Context(), BlockRequest{Number: string(stranger)}); err == nil {
		t.Error("a contact was blocked without anybody's word")
	}
	if _, err := f.AddBlock(t.Context(), BlockRequest{Number: string(stranger), EvenContact: true}); err != nil {
		t.Fatal(err)
	}
	if _, known, err := f.Store.Situation(t.Context(), "home", stranger); err != nil || known.Contact != nil || known.Block == nil {
		t.Errorf("blocked: %+v (%v)", known, err)
	}
	if _, err := f.Allow(t.Context(), stranger, "", ""); err != nil {
		t.Fatal(err)
	}
	if _, known, err := f.Store.Situation(t.Context(), "home", stranger); err != nil || known.Block != nil || known.Contact == nil || known.Contact.Name != string(stranger) {
		t.Errorf("allowed again: %+v (%v)", known, err)
	}
}
