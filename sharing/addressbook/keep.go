package addressbook

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/filekind"
	"ringfence/store"
)

// An address book that a household is kept in step with arrives as cards, each of which is read by itself, kept without what contacts do not need, and put
// together to a book again. Its rows have the positions of their cards in place of lines.

// People is what contacts need of one card, which may have several people in it, or none.
type People struct {
	Rows    []Row    `json:"rows,omitempty"`
	Refused []string `json:"refused,omitempty"` // why the card or a part of it could not be read
}

// ReadCard reads a card from a server.
func ReadCard(text string) People {
	var p People
	if filekind.Of([]byte(text[:min(len(text), filekind.Beginning)])) != filekind.VCard {
		p.Refused = append(p.Refused, "what the server sends in place of a card is none")
		return p
	}
	book, err := Read(strings.NewReader(text), Options{})
	if p.Rows = book.Rows; err != nil && len(book.Refused) == 0 {
		p.Refused = append(p.Refused, "this card can't be read: open it in the address book, and save it again")
	}
	for _, r := range book.Refused {
		p.Refused = append(p.Refused, r.Why)
	}
	return p
}

// BookOf puts cards together. The error says that they are too many.
func BookOf(cards []People) (Book, error) {
	book := Book{Form: "vCard"}
	line := 0
	for _, card := range cards {
		for _, why := range card.Refused {
			book.refuse(line+1, why)
		}
		for _, row := range card.Rows {
			line++
			row.Line = line
			row.Numbers = slices.Clone(row.Numbers)
			for i := range row.Numbers {
				row.Numbers[i].Line = line
			}
			if err := book.add(row); err != nil {
				return book, err
			}
		}
	}
	return book, nil
}

// Kept is what an address book that a household is kept in step with would change.
type Kept struct {
	store.ContactSyncChanges
	People   int // in the address book
	Existing []Step
	Remarks  []string // worth knowing of everybody else
	NoNumber int
	Refused  []sharing.Refusal     // what can be nobody's contact; the lines mean nothing
	Left     []store.SyncedContact // that somebody has changed or removed here, and the address book still has
	Follow   int                   // contacts that follow the address book now
	had      int                   // their numbers
	lost     int                   // how many of these would go; one that is replaced by another does not
}

// jump is the part of what follows an address book that may go without anybody looking: a tenth, as with lists.
const jump = 10

// Jumps says whether so much would go that somebody has to look at it first.
func (k Kept) Jumps() bool {
	return jump*len(k.Gone) > k.Follow || jump*k.lost > k.had
}

// Nothing says that all is as the address book has it.
func (k Kept) Nothing() bool { return len(k.New)+len(k.Changed)+len(k.Gone) == 0 }

// Mark is a hash of what would change, so that only that is done which somebody has seen.
func (k Kept) Mark() string {
	text, err := json.Marshal([]any{k.New, k.Changed, k.Gone})
	if err != nil {
		return "" // texts and numbers can always be encoded
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Words says what would change, or has: "2 new contacts, 1 changed, none removed".
func (k Kept) Words() string {
	return fmt.Sprintf("%s new, %s changed, %s removed", screening.Thousands(len(k.New)), screening.Thousands(len(k.Changed)), screening.Thousands(len(k.Gone)))
}

// Keep compares an address book with what was made of it before. It changes nothing, and is pure.
//
//   - A contact that somebody has made, changed or removed here stays as it is, whatever the address book has.
//   - A number of such a contact stays there; who else has it in the address book gets the other numbers.
//   - Otherwise rows become contacts as in an import into an empty household, but for people whose name shows that they are not wanted.
func Keep(book Book, house Household, synced []store.SyncedContact) Kept {
	k := Kept{People: len(book.Rows)}
	own, follow := ours(house.Contacts, synced)
	house.Contacts = nil
	whole, unwanted := Make(book, house).WithoutUnwanted(book, house)
	for _, s := range unwanted {
		k.Refused = append(k.Refused, s)
		book = book.Without(map[int]bool{s.Line: true})
	}
	was := match(whole, synced)
	left := map[int]bool{}
	for _, one := range synced {
		switch name, still := was.names[one.ID]; {
		case !one.ByHand():
		case !still:
			k.Forgotten = append(k.Forgotten, one)
		default:
			k.Left = append(k.Left, one)
			for _, line := range was.lines[name] {
				left[line] = true
			}
		}
	}
	house.Contacts, house.Apart = own, true
	plan := Make(book.Without(left), house)
	k.compare(plan, was, follow)
	for _, s := range plan.Steps {
		if s.Kind == Existing {
			k.Existing = append(k.Existing, s)
			continue
		}
		for _, r := range s.Remarks {
			k.Remarks = append(k.Remarks, s.Name+": "+r)
		}
	}
	k.NoNumber = plan.Count(NoNumber)
	k.Refused = append(k.Refused, plan.Refusals()...)
	return k
}

// ours are the contacts that somebody has made or changed here, and those that follow the address book, by their IDs.
func ours(all []store.Contact, synced []store.SyncedContact) (own []store.Contact, follow map[int64]store.SyncedContact) {
	follow = map[int64]store.SyncedContact{}
	for _, one := range synced {
		if !one.ByHand() {
			follow[one.Contact.ID] = one
		}
	}
	for _, c := range all {
		if _, follows := follow[c.ID]; !follows {
			own = append(own, c)
		}
	}
	return own, follow
}

// matched is which people of an address book were which before.
type matched struct {
	names map[int64]string               // what people are called now who were made into something before, by its ID
	of    map[string]store.SyncedContact // the other way round
	lines map[string][]int               // the rows of everybody, by their names
}

// match finds out who was who: by name, and otherwise by a number. Nobody has two names in an address book, as Make joins them.
func match(whole Plan, synced []store.SyncedContact) matched {
	m := matched{names: map[int64]string{}, of: map[string]store.SyncedContact{}, lines: map[string][]int{}}
	owner := map[screening.Number]string{}
	for _, s := range whole.Steps {
		name := key(cmp.Or(s.Into, s.Name))
		m.lines[name] = append(m.lines[name], s.Line)
	}
	for _, p := range whole.people {
		for _, n := range p.contact.Numbers {
			owner[n] = key(p.name)
		}
	}
	found := func(one store.SyncedContact, name string) bool {
		if _, taken := m.of[name]; taken || name == "" || m.lines[name] == nil {
			return false
		}
		m.names[one.ID], m.of[name] = name, one
		return true
	}
	var others []store.SyncedContact
	for _, one := range synced {
		if !found(one, key(one.Was.Name)) {
			others = append(others, one)
		}
	}
	for _, one := range others {
		for _, n := range one.Was.Numbers {
			if found(one, owner[n]) {
				break
			}
		}
	}
	return m
}

// compare says what changes for those who follow the address book.
func (k *Kept) compare(plan Plan, was matched, follow map[int64]store.SyncedContact) {
	has := map[int64]int{} // how many numbers those have that the address book still has
	for _, p := range plan.people {
		c := p.contact
		c.Numbers = slices.Sorted(slices.Values(c.Numbers))
		one, was := was.of[key(p.name)]
		switch {
		case !was || one.ByHand():
			k.New = append(k.New, c)
		default:
			has[one.Contact.ID] = len(c.Numbers)
			if c.ID = one.Contact.ID; !c.Same(one.Was) {
				k.Changed = append(k.Changed, store.SyncedChange{SyncedContact: one, To: c})
			}
		}
	}
	for _, one := range follow {
		k.Follow++
		k.had += len(one.Was.Numbers)
		still := has[one.Contact.ID]
		k.lost += max(0, len(one.Was.Numbers)-still)
		if still == 0 {
			k.Gone = append(k.Gone, one)
		}
	}
	slices.SortFunc(k.Gone, func(a, b store.SyncedContact) int {
		return cmp.Or(strings.Compare(a.Was.Name, b.Was.Name), int(a.ID-b.ID))
	})
}
