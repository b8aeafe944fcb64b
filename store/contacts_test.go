package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/storetest"
)

const (
	arthur = screening.Number("+447700900123")
	ward   = screening.Number("+441164960123")
)

func saved(t *testing.T, s *Store, c Contact) Contact {
	t.Helper()
	c, err := s.SaveContact(t.Context(), "home", c, false)
	must(t, err)
	return c
}

func TestSavingAContact(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	c := saved(t, s, Contact{
		Name: "  Joan\x00 Smith\u202e ", Numbers: []screening.Number{joan, arthur, joan}, Language: "fr-FR",
		Notes: "\r\nSister.\r\n\r\n\r\nRings on Sundays \n", PassCode: PassCode{Code: "48 213 375"},
	})
	if c.ID == 0 || c.Name != "Joan Smith" || !slices.Equal(c.Numbers, []screening.Number{joan, arthur}) || c.Language != "fr-FR" ||
		c.Notes != "Sister.\n\nRings on Sundays" || c.PassCode.Code != "48213375" || time.Since(c.Added) > time.Minute {
		t.Errorf("%+v", c)
	}
	if again, err := s.Contact(ctx, "home", c.ID); err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("%+v %v", again, err)
	}
	// All of it can change at once; a pass code that stays is not made anew.
	_, err := s.write.Exec("UPDATE pass_codes SET uses = 3")
	must(t, err)
	c.Name, c.Numbers, c.Language, c.Notes = "Joan Brown", []screening.Number{ward}, "", ""
	if c = saved(t, s, c); c.Name != "Joan Brown" || !slices.Equal(c.Numbers, []screening.Number{ward}) || c.PassCode.Uses != 3 || c.PassCode.Name != "Joan Brown" {
		t.Errorf("%+v", c)
	}
	if _, known, _ := s.Situation(ctx, "home", joan); known.Contact != nil {
		t.Error("a number that was taken away still rings")
	}
	for what, wrong := range map[string]Contact{
		"needs a name":              {Name: " \u202e ", Numbers: []screening.Number{joan}},
		"at most 100 characters":    {Name: strings.Repeat("x", 4000), Numbers: []screening.Number{joan}},
		"at most 2000 characters":   {Name: "x", Notes: strings.Repeat("é", 2001), Numbers: []screening.Number{joan}},
		"needs a number":            {Name: "x"},
		"isn't a phone number":      {Name: "x", Numbers: []screening.Number{"0x"}},
		"at most 50 numbers":        {Name: "x", Numbers: many(51)},
		"has only digits":           {Name: "x", Numbers: []screening.Number{joan}, PassCode: PassCode{Code: "12a4"}},
		"no such contact":           {ID: 4711, Name: "x", Numbers: []screening.Number{joan}},
		"is in use already, by Joa": {Name: "x", Numbers: []screening.Number{joan}, PassCode: PassCode{Code: "48213375"}},
	} {
		if _, err := s.SaveContact(ctx, "home", wrong, true); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if all, _ := s.Contacts(ctx, "home"); len(all) != 1 || !reflect.DeepEqual(all[0], c) {
		t.Errorf("what was refused has left something: %+v", all)
	}
}

// Who was allowed by telephone has their number for a name, which people read as they write numbers.
func TestContactsWithoutAName(t *testing.T) {
	for name, want := range map[string]string{"+442079460123": "020 7946 0123", "+442079460124": "+442079460124", "Anna": "Anna"} {
		c := Contact{Name: name, Numbers: []screening.Number{"+441214960001", "+442079460123"}}
		if got := c.Called("GB"); got != want || c.Nameless() != (name != want) {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

func many(n int) (numbers []screening.Number) {
	for i := range n {
		numbers = append(numbers, screening.Number(fmt.Sprintf("+4420794%05d", i)))
	}
	return numbers
}

// A number that is another's or blocked is not taken without asking, nor is a name.
func TestCollisionsOfContacts(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	first := saved(t, s, Contact{Name: "Joan", Numbers: []screening.Number{joan}})
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: steve.Digits(), Note: "says Microsoft"}, ""))
	second := Contact{Name: "JOAN", Numbers: []screening.Number{joan, steve, arthur}}
	_, err := s.SaveContact(ctx, "home", second, false)
	var collision *CollisionError
	if !errors.As(err, &collision) {
		t.Fatal(err)
	}
	same := Contact{ID: first.ID, Name: "Joan"}
	want := []Collision{{Contact: same}, {Number: joan, Contact: same}, {Number: steve, Blocked: true, Note: "says Microsoft"}}
	if !reflect.DeepEqual(collision.Collisions, want) {
		t.Errorf("%+v", collision.Collisions)
	}
	if all, _ := s.Contacts(ctx, "home"); len(all) != 1 || len(all[0].Numbers) != 1 {
		t.Errorf("%+v", all)
	}
	if _, err := s.SaveContact(ctx, "home", second, true); err != nil {
		t.Fatal(err)
	}
	// The first had no other number.
	if all, _ := s.Contacts(ctx, "home"); len(all) != 1 || all[0].Name != "JOAN" || len(all[0].Numbers) != 3 {
		t.Errorf("%+v", all)
	}
	if _, known, _ := s.Situation(ctx, "home", steve); known.Block != nil || known.Contact == nil {
		t.Errorf("%+v", known)
	}
	// One's own number and name are in nobody's way.
	all, _ := s.Contacts(ctx, "home")
	all[0].Notes = "hello"
	saved(t, s, all[0])
}

// A contact's pass code is made, changed, renamed and removed with the contact, and the commands see the same one.
func TestPassCodeOfAContact(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	code := func(want string) PassCode {
		t.Helper()
		codes, err := s.PassCodes(ctx, "home")
		must(t, err)
		if want == "" && len(codes) == 0 {
			return PassCode{}
		}
		if len(codes) != 1 || codes[0].Name != want {
			t.Fatalf("%+v, not one of %q", codes, want)
		}
		return codes[0]
	}
	// One that was there first is theirs.
	made, err := s.AddPassCode(ctx, "home", "dr patel", "")
	must(t, err)
	c := saved(t, s, Contact{Name: "Dr Patel", Numbers: []screening.Number{ward}})
	if c.PassCode.Code != made || code("Dr Patel").Contact != c.ID {
		t.Errorf("%+v", c)
	}
	c.PassCode.Code = MakePassCode
	if c = saved(t, s, c); c.PassCode.Code == made || len(c.PassCode.Code) != madeDigits {
		t.Errorf("%+v", c.PassCode)
	}
	c.Name = "Dr Mehta"
	c = saved(t, s, c)
	if code("Dr Mehta").Code != c.PassCode.Code {
		t.Error("another one")
	}
	c.PassCode.Code = ""
	saved(t, s, c)
	code("")
	// One that is made by a command is theirs too, and goes with them.
	_, err = s.AddPassCode(ctx, "home", "DR MEHTA", "48213375")
	must(t, err)
	removed, err := s.RemoveContactByID(ctx, "home", c.ID)
	if err != nil || removed.PassCode.Code != "48213375" {
		t.Errorf("%+v %v", removed, err)
	}
	code("")
	back, err := s.RestoreContact(ctx, "home", removed)
	if removed.PassCode.Name = back.PassCode.Name; err != nil || !reflect.DeepEqual(back, removed) {
		t.Errorf("%+v, not %+v, %v", back, removed, err)
	}
	code("Dr Mehta")
	if gone, err := s.WithdrawPassCode(ctx, "home", "dr mehta"); !gone || err != nil {
		t.Error(gone, err)
	}
	// A name that has a code of somebody else's is refused, not taken over.
	_, err = s.AddPassCode(ctx, "home", "Ward 7", "")
	must(t, err)
	c.Name, c.PassCode.Code = "Ward 7", MakePassCode
	if _, err := s.SaveContact(ctx, "home", c, true); err == nil || !strings.Contains(err.Error(), "Ward 7 has a pass code already") {
		t.Error(err)
	}
}

// What others have got meanwhile stays theirs when a contact comes back.
func TestRestoringAContact(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	c := saved(t, s, Contact{Name: "Joan", Numbers: []screening.Number{joan, arthur, steve}, PassCode: PassCode{Code: "48213375"}})
	removed, err := s.RemoveContactByID(ctx, "home", c.ID)
	must(t, err)
	if _, err := s.RemoveContactByID(ctx, "home", c.ID); !errors.Is(err, ErrNoContact) {
		t.Errorf("removed twice: %v", err)
	}
	other := saved(t, s, Contact{Name: "Arthur", Numbers: []screening.Number{arthur}, PassCode: PassCode{Code: "48213375"}})
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: steve.Digits()}, ""))
	back, err := s.RestoreContact(ctx, "home", removed)
	if err != nil || !slices.Equal(back.Numbers, []screening.Number{joan}) || back.PassCode.Code != "" || back.ID == 0 {
		t.Errorf("%+v %v", back, err)
	}
	if now, err := s.Contact(ctx, "home", other.ID); err != nil || !reflect.DeepEqual(now, other) {
		t.Errorf("%+v %v", now, err)
	}
	if _, err := s.RestoreContact(ctx, "home", removed); err == nil || !strings.Contains(err.Error(), "Joan cannot come back") {
		t.Errorf("brought back twice: %v", err)
	}
	if all, _ := s.Contacts(ctx, "home"); len(all) != 2 {
		t.Errorf("%+v", all)
	}
}

// No ID leads to another household's contact.
func TestContactsOfAnotherHousehold(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	c := saved(t, s, Contact{Name: "Joan", Numbers: []screening.Number{joan}})
	imported, err := s.ImportContacts(ctx, "home", "phone.vcf", []Contact{{Name: "Arthur", Numbers: []screening.Number{arthur}}})
	must(t, err)
	before, _ := s.Contacts(ctx, "home")
	if _, err := s.Contact(ctx, "other", c.ID); !errors.Is(err, ErrNoContact) {
		t.Error(err)
	}
	if _, err := s.Contact(ctx, "home", 0); !errors.Is(err, ErrNoContact) { // 0 is not all of them
		t.Error(err)
	}
	c.Name = "Steve"
	if _, err := s.SaveContact(ctx, "other", c, true); !errors.Is(err, ErrNoContact) {
		t.Error(err)
	}
	if _, err := s.RemoveContactByID(ctx, "other", c.ID); !errors.Is(err, ErrNoContact) {
		t.Error(err)
	}
	if _, err := s.ImportContacts(ctx, "other", "", []Contact{{ID: c.ID, Name: "Steve", Numbers: []screening.Number{steve}}}); !errors.Is(err, ErrContactsChanged) {
		t.Error(err)
	}
	if _, err := s.UndoContactImport(ctx, "other", imported.ID); err == nil {
		t.Error("undone from another household")
	}
	if after, _ := s.Contacts(ctx, "home"); !reflect.DeepEqual(before, after) {
		t.Errorf("%+v", after)
	}
	if theirs, _ := s.Contacts(ctx, "other"); len(theirs) != 0 {
		t.Errorf("%+v", theirs)
	}
}

func TestImportingContactsAndUndoingIt(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	c := saved(t, s, Contact{Name: "Joan", Numbers: []screening.Number{joan}, Notes: "sister"})
	must(t, s.AddContact(ctx, "home", string(steve), steve))
	_, err := s.AddPassCode(ctx, "home", "ward", "")
	must(t, err)
	_, known, _ := s.Situation(ctx, "home", steve)
	batch := []Contact{
		{ID: c.ID, Numbers: []screening.Number{arthur}},
		{ID: known.Contact.ID, Name: "Steven", Numbers: []screening.Number{"+442079460667"}},
		{Name: "Ward", Notes: "visiting 2 to 4", Numbers: []screening.Number{ward}},
		{Name: "Vet", Numbers: []screening.Number{"+442079460668"}},
	}
	done, err := s.ImportContacts(ctx, "home", "phone.vcf", batch)
	if err != nil || done.Contacts != 4 || done.Numbers != 4 {
		t.Fatalf("%+v %v", done, err)
	}
	all, _ := s.Contacts(ctx, "home")
	if names(all) != "Joan Steven Vet Ward" || all[0].Notes != "sister" || len(all[0].Numbers) != 2 || all[3].Notes != "visiting 2 to 4" || all[3].PassCode.Code == "" {
		t.Errorf("%+v", all)
	}
	if _, err := s.ImportContacts(ctx, "home", "phone.vcf", batch); !errors.Is(err, ErrContactsChanged) {
		t.Errorf("a number that is somebody's by now: %v", err)
	}
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: "442079460669"}, ""))
	if _, err := s.ImportContacts(ctx, "home", "", []Contact{{Name: "x", Numbers: []screening.Number{"+442079460670"}}, {Name: "y", Numbers: []screening.Number{"+442079460669"}}}); !errors.Is(err, ErrContactsChanged) {
		t.Errorf("a number that is blocked by now: %v", err)
	}
	imports, err := s.ContactImports(ctx, "home")
	if err != nil || len(imports) != 1 || imports[0].Source != "phone.vcf" || imports[0].Contacts != 4 || imports[0].ID != done.ID {
		t.Errorf("%+v %v", imports, err)
	}
	// The vet has been changed by hand: he stays.
	all[2].Notes = "for the cat"
	saved(t, s, all[2])
	undone, err := s.UndoContactImport(ctx, "home", done.ID)
	if err != nil || undone.Contacts != 1 || undone.Numbers != 3 {
		t.Errorf("%+v %v", undone, err)
	}
	if left, _ := s.Contacts(ctx, "home"); names(left) != "Joan Steven Vet" || len(left[0].Numbers) != 1 {
		t.Errorf("%+v", left)
	}
	if _, err := s.UndoContactImport(ctx, "home", done.ID); err == nil {
		t.Error("undone twice")
	}
	// The ward's pass code was there before the import, and so it is after it: whoever has it relies on it.
	if codes, err := s.PassCodes(ctx, "home"); err != nil || len(codes) != 1 || !strings.EqualFold(codes[0].Name, "ward") || codes[0].Contact != 0 {
		t.Errorf("the pass codes are %+v %v", codes, err)
	}
}

func names(contacts []Contact) string {
	var all []string
	for _, c := range contacts {
		all = append(all, c.Name)
	}
	return strings.Join(all, " ")
}

// A whole address book goes in at once. How long it holds the writer, for which calls wait, is in the log of the test: it was 20
// ms when this was written.
func TestImportingAWholeAddressBook(t *testing.T) {
	s, _ := open(t)
	var batch []Contact
	for i, n := range many(5000) {
		batch = append(batch, Contact{Name: fmt.Sprintf("Somebody %d", i), Notes: "from the telephone", Numbers: []screening.Number{n}})
	}
	began := time.Now()
	if _, err := s.ImportContacts(t.Context(), "home", "", batch); err != nil {
		t.Fatal(err)
	}
	t.Logf("5,000 contacts took %v", time.Since(began))
	if all, err := s.Contacts(t.Context(), "home"); err != nil || len(all) != 5000 {
		t.Errorf("%d contacts, %v", len(all), err)
	}
}

// Who is known, blocked, or was sent away is not offered as a contact.
func TestRecentStrangers(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Millisecond)
	rang := func(household string, n screening.Number, name string, ago time.Duration, outcome calllog.Outcome) int64 {
		t.Helper()
		id, err := s.CallArrived(ctx, household, fmt.Sprint(n, ago), now.Add(-ago), screening.Identity{}, screening.Caller{Number: n, Name: name}, screening.Verdict{Action: screening.Screen}, outcome)
		must(t, err)
		return id
	}
	saved(t, s, Contact{Name: "Joan", Numbers: []screening.Number{joan}})
	rang("home", joan, "", time.Minute, "talked")
	rang("home", arthur, "old name", 3*time.Hour, "sent-away")
	last := rang("home", arthur, "Arthur", 2*time.Hour, "accepted")
	rang("home", ward, "", time.Hour, "message-left")
	rang("home", steve, "", time.Minute, "sent-away")
	rang("home", "+442079460009", "", 100*time.Hour, "talked")
	rang("home", "", "", time.Minute, "talked")
	rang("other", "+442079460002", "", time.Minute, "talked")
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: "442079460003"}, ""))
	rang("home", "+442079460003", "", time.Minute, "talked")
	callers, err := s.RecentStrangers(ctx, "home", now.Add(-24*time.Hour), 10)
	if err != nil || len(callers) != 2 || callers[0].Number != ward || callers[1] != (RecentCaller{arthur, "Arthur", now.Add(-2 * time.Hour), last, 2}) {
		t.Errorf("%+v %v", callers, err)
	}
}

// Pass codes from before a contact could have one of their own are theirs by name; all else is as it was.
func TestPassCodesFromBeforeTheUpgrade(t *testing.T) {
	path := madeBefore(t, 7, `INSERT INTO households (id, name) VALUES (1, 'home'), (2, 'other');
		INSERT INTO contacts (id, household_id, name, added_at) VALUES (3, 2, 'Joan', 0), (4, 1, 'JOAN', 0), (5, 1, 'Joan', 0), (6, 1, 'Arthur', 0);
		INSERT INTO contact_numbers (household_id, number, contact_id) VALUES (2, 442079460001, 3), (1, 442079460001, 4), (1, 442079460002, 5), (1, 442079460003, 6);
		INSERT INTO pass_codes (household_id, name, code, added_at, uses) VALUES (1, 'joan', '48213375', 0, 2), (1, 'Ward 7', '48213376', 0, 0)`)
	s, err := Open(t.Context(), path)
	must(t, err)
	codes, err := s.PassCodes(t.Context(), "home")
	if err != nil || len(codes) != 2 || codes[0].Contact+codes[1].Contact != 4 {
		t.Errorf("%+v %v", codes, err)
	}
	c, err := s.Contact(t.Context(), "home", 4)
	if err != nil || c.PassCode.Code != "48213375" || c.PassCode.Uses != 2 || c.Notes != "" {
		t.Errorf("%+v %v", c, err)
	}
	must(t, s.Close())
	must(t, storetest.GoBackTo(t.Context(), path, migrations, 7))
	if s, err = Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if all, err := s.Contacts(t.Context(), "home"); err != nil || names(all) != "Arthur JOAN Joan" || all[1].PassCode.Code == "" {
		t.Errorf("%+v %v", all, err)
	}
	must(t, s.Close())
}
