package addressbook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// served is a card as servers have them.
func served(name string, numbers ...string) People {
	text := "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:" + name + "\r\nFN:" + name + "\r\n"
	for _, n := range numbers {
		text += "TEL;TYPE=HOME:" + n + "\r\n"
	}
	return ReadCard(text + "END:VCARD\r\n")
}

func cardsBook(t *testing.T, cards ...People) Book {
	t.Helper()
	book, err := BookOf(cards)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// made is a contact that follows the address book as it is.
func made(id int64, name string, numbers ...screening.Number) store.SyncedContact {
	c := store.Contact{Name: name, Numbers: numbers}
	now := c
	now.ID = 100 + id
	return store.SyncedContact{ID: id, Was: c, Contact: now}
}

func (k Kept) told() string {
	var all []string
	for _, c := range k.New {
		all = append(all, fmt.Sprint("+", c.Name, c.Numbers))
	}
	for _, c := range k.Changed {
		all = append(all, fmt.Sprint("~", c.Was.Name, "=", c.To.Name, c.To.Numbers))
	}
	for _, c := range k.Gone {
		all = append(all, "-"+c.Was.Name)
	}
	for _, c := range k.Forgotten {
		all = append(all, "forgotten "+c.Was.Name)
	}
	for _, c := range k.Left {
		all = append(all, "left "+c.Was.Name)
	}
	for _, s := range k.Existing {
		all = append(all, s.Name+" is "+s.Into)
	}
	all = append(all, k.Remarks...)
	for _, r := range k.Refused {
		all = append(all, "refused "+r.Why)
	}
	return strings.Join(all, "; ")
}

// Long: one table.
func TestKeep(t *testing.T) {
	const a, b, c, d = "+442079460101", "+442079460102", "+442079460103", "+442079460104"
	hand := store.Contact{ID: 7, Name: "Mum", Numbers: []screening.Number{a}}
	changed := made(1, "Anna", b)
	changed.Contact.Notes = "door code with Ben"
	more := made(1, "Anna", b)
	more.Contact.Numbers = []screening.Number{b, c}
	removed := made(1, "Anna", b)
	removed.Contact = store.Contact{}
	coded := made(1, "Anna", b)
	coded.Contact.PassCode.Code = "4711"
	for name, test := range map[string]struct {
		cards    []People
		contacts []store.Contact // made by hand
		synced   []store.SyncedContact
		want     string
	}{
		"the first time":            {cards: []People{served("Anna", "020 7946 0102"), served("Ben", "020 7946 0103", "020 7946 0104")}, want: "+Anna[+442079460102]; +Ben[+442079460103 +442079460104]"},
		"nothing has changed":       {cards: []People{served("Anna", b)}, synced: []store.SyncedContact{made(1, "Anna", b)}},
		"another number":            {cards: []People{served("Anna", c)}, synced: []store.SyncedContact{made(1, "Anna", b)}, want: "~Anna=Anna[+442079460103]"},
		"another name":              {cards: []People{served("Anna Taylor", b)}, synced: []store.SyncedContact{made(1, "Anna", b)}, want: "~Anna=Anna Taylor[+442079460102]"},
		"gone":                      {cards: []People{served("Ben", c)}, synced: []store.SyncedContact{made(1, "Anna", b), made(2, "Ben", c)}, want: "-Anna"},
		"no number any more":        {cards: []People{served("Anna")}, synced: []store.SyncedContact{made(1, "Anna", b)}, want: "-Anna"},
		"two swap their numbers":    {cards: []People{served("Anna", c), served("Ben", b)}, synced: []store.SyncedContact{made(1, "Anna", b), made(2, "Ben", c)}, want: "~Anna=Anna[+442079460103]; ~Ben=Ben[+442079460102]"},
		"two cards of one name":     {cards: []People{served("Anna", b), served("ANNA", c)}, want: "+Anna[+442079460102 +442079460103]"},
		"a couple with one number":  {cards: []People{served("Anna", b), served("Ben", b, c)}, want: "+Anna[+442079460102]; +Ben[+442079460103]"},
		"ours has the number":       {cards: []People{served("Mother", a)}, contacts: []store.Contact{hand}, want: "Mother is Mum"},
		"ours has one of them":      {cards: []People{served("Mum", a, d)}, contacts: []store.Contact{hand}, want: "+Mum[+442079460104]; Mum: 020 7946 0101 is the number of Mum, and stays there."},
		"ours has the name":         {cards: []People{served("Mum", d)}, contacts: []store.Contact{hand}, want: "+Mum[+442079460104]"},
		"ours, and the book has it": {cards: []People{served("Anna", b)}, contacts: []store.Contact{hand}, synced: []store.SyncedContact{made(1, "Anna", b)}},
		"ours has taken the number": {cards: []People{served("Anna", a)}, contacts: []store.Contact{hand}, synced: []store.SyncedContact{made(1, "Anna", b)}, want: "-Anna; Anna is Mum"},
		"changed here":              {cards: []People{served("Anna", d)}, synced: []store.SyncedContact{changed}, want: "left Anna"},
		"changed here, book drops":  {synced: []store.SyncedContact{changed}, want: "forgotten Anna"},
		"a number was added here":   {cards: []People{served("Anna", b, d)}, synced: []store.SyncedContact{more}, want: "left Anna"},
		"added here is in the book": {cards: []People{served("Anna", b), served("Ben", c)}, synced: []store.SyncedContact{more}, want: "left Anna; Ben is Anna"},
		"has a pass code":           {cards: []People{served("Anna", d)}, synced: []store.SyncedContact{coded}, want: "left Anna"},
		"removed here":              {cards: []People{served("Anna", b)}, synced: []store.SyncedContact{removed}, want: "left Anna"},
		"removed here, other name":  {cards: []People{served("Anna Taylor", b)}, synced: []store.SyncedContact{removed}, want: "left Anna"},
		"removed here, book drops":  {synced: []store.SyncedContact{removed}, want: "forgotten Anna"},
		"the line's own number":     {cards: []People{served("Home", "020 7946 0999"), served("Anna", b)}, want: "+Anna[+442079460102]; refused Home: 020 7946 0999 is this household's own number: whoever shows it is not calling from there"},
		"no number at all":          {cards: []People{served("Zero", "0000000000"), served("Anna", b)}, want: "+Anna[+442079460102]; refused Zero: "},
		"emergency":                 {cards: []People{served("Police", "999"), served("Anna", b)}, want: "+Anna[+442079460102]; refused Police: "},
		"blocked":                   {cards: []People{served("Bob", "020 7946 0666"), served("Anna", b)}, want: "+Anna[+442079460102]; refused Bob: 020 7946 0666 is blocked by this household"},
		"not wanted":                {cards: []People{served("SCAM do not answer", d), served("Anna", b)}, want: "+Anna[+442079460102]; refused \"SCAM do not answer\" sounds like"},
		"no card":                   {cards: []People{ReadCard("<html>"), ReadCard(""), served("Anna", b)}, want: "+Anna[+442079460102]; refused what the server sends in place of a card is none; refused what"},
		"a damaged card":            {cards: []People{ReadCard("BEGIN:VCARD\nFN:Anna\nTEL:020 7946 0102\n")}, want: "+Anna[+442079460102]; refused the file ends in the middle"},
	} {
		house := Household{Region: "GB", Own: "+442079460999", Blocks: []screening.Block{{Digits: "442079460666"}}, Contacts: slices.Clone(test.contacts)}
		for _, s := range test.synced {
			if !s.Removed() {
				house.Contacts = append(house.Contacts, s.Contact)
			}
		}
		k := Keep(cardsBook(t, test.cards...), house, test.synced)
		if got := k.told(); !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: %s, not %s", name, got, test.want)
		}
		if again := Keep(cardsBook(t, test.cards...), house, test.synced); again.Mark() != k.Mark() {
			t.Errorf("%s: the mark is another one the second time", name)
		}
	}
}

// More than a tenth that goes has to be looked at, by people or by numbers.
func TestJumpsOfAnAddressBook(t *testing.T) {
	var cards []People
	var synced []store.SyncedContact
	var contacts []store.Contact
	for i := range 20 {
		name, first, second := fmt.Sprintf("Person %d", i), fmt.Sprintf("+4420794601%02d", i), fmt.Sprintf("+4420794602%02d", i)
		cards = append(cards, served(name, first, second))
		one := made(int64(i+1), name, screening.Number(first), screening.Number(second))
		synced, contacts = append(synced, one), append(contacts, one.Contact)
	}
	house := Household{Region: "GB", Contacts: contacts}
	for name, test := range map[string]struct {
		cards []People
		jumps bool
	}{
		"nothing":             {cards, false},
		"a tenth":             {cards[2:], false},
		"more":                {cards[3:], true},
		"all":                 {nil, true},
		"a number of many":    {slices.Concat(cards[5:], halves(5)), true},
		"a number of a few":   {slices.Concat(cards[4:], halves(4)), false},
		"many more are added": {slices.Concat(cards, []People{served("Zed", "+442079460300"), served("Zoe", "+442079460301"), served("Zac", "+442079460302")}), false},
	} {
		if k := Keep(cardsBook(t, test.cards...), house, synced); k.Jumps() != test.jumps {
			t.Errorf("%s: %v (%s)", name, k.Jumps(), k.Words())
		}
	}
}

// halves are the first people, with one number each.
func halves(n int) (cards []People) {
	for i := range n {
		cards = append(cards, served(fmt.Sprintf("Person %d", i), fmt.Sprintf("+4420794601%02d", i)))
	}
	return cards
}

// Nothing that a card has may end the program, and what is kept of it can be put together again.
func FuzzReadCard(f *testing.F) {
	f.Add("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nTEL:020 7946 0102\r\nEND:VCARD\r\n")
	f.Add("BEGIN:VCARD\nVERSION:4.0\nFN:Anna\nTEL;VALUE=uri:tel:+44-20-7946-0102\nEND:VCARDBEGIN:VCARD\nFN:Ben\nEND:VCARD")
	f.Add("\x1f\x8b")
	f.Add("Name,Phone\nAnna,020 7946 0102\n")
	f.Fuzz(func(t *testing.T, text string) {
		p := ReadCard(text)
		if len(p.Rows) == 0 && len(p.Refused) == 0 {
			t.Error("neither a person nor why there is none")
		}
		book, err := BookOf([]People{p, p})
		if err != nil {
			t.Skip(err)
		}
		Keep(book, Household{Region: "GB"}, nil)
	})
}
