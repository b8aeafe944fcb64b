package addressbook

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/sharing"
	"ringfence/sharing/columns"
	"ringfence/store"
)

// Household is what a household has already.
type Household struct {
	Region   string
	Own      screening.Number // the line's; "" if it is not known
	Router   bool             // the line's: its own phones can be contacts
	Contacts []store.Contact
	Blocks   []screening.Block
	// Language is the household's own, and Languages are all that a contact can be spoken to in, such as "en-GB". If there are none, no row
	// gets one.
	Language  string
	Languages []string
	// Apart leaves the contacts as they are: a row gets only what none of them has, and becomes a contact of its own. It is for an address book that is kept in step.
	Apart bool
}

// Kind says what happens to a row.
type Kind string

const (
	New      Kind = "new"       // a new contact
	Added    Kind = "added"     // an existing contact gets numbers, or a name
	Existing Kind = "there"     // the household has everything in it already
	Joined   Kind = "joined"    // it belongs to an earlier row
	Nothing  Kind = "nothing"   // none of its numbers can belong to a contact
	NoNumber Kind = "no-number" // it has no telephone number at all
)

// Step is what happens to one row.
type Step struct {
	Line     int
	Name     string
	Kind     Kind
	Into     string             // for Added, Existing and Joined: the name of the contact, or of the earlier row
	IntoLine int                // for Joined: the line of that row
	Numbers  []screening.Number // that it brings
	Notes    string
	Language string            // of a new contact, if it is not the household's
	Remarks  []string          // things worth knowing, one sentence each
	Refused  []sharing.Refusal // numbers that are not imported
	Unwanted bool              // its name shows that the household does not want to hear from it
}

// Plan is what would happen to an address book. Steps are in the order of the file, one for each row.
type Plan struct {
	Steps   []Step
	Refused []sharing.Refusal // lines that could not be read at all
	people  []*person         // new contacts, and those that get something
}

// Count is how many steps are of a kind.
func (p Plan) Count(kind Kind) int {
	n := 0
	for _, s := range p.Steps {
		if s.Kind == kind {
			n++
		}
	}
	return n
}

// Numbers is how many numbers the plan adds.
func (p Plan) Numbers() int {
	n := 0
	for _, person := range p.people {
		n += len(person.contact.Numbers)
	}
	return n
}

// Refusals are all lines that are not imported, or only in part, in order, with whom they are about.
func (p Plan) Refusals() []sharing.Refusal {
	all := slices.Clone(p.Refused)
	for _, s := range p.Steps {
		for _, r := range s.Refused {
			if s.Name != "" {
				r.Why = s.Name + ": " + r.Why
			}
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b sharing.Refusal) int { return a.Line - b.Line })
	return all
}

// WithoutUnwanted is the plan for the same book without the people whose names show that they are not wanted, and why each was left out.
func (p Plan) WithoutUnwanted(book Book, house Household) (Plan, []sharing.Refusal) {
	out := map[int]bool{}
	var why []sharing.Refusal
	for _, s := range p.Steps {
		if s.Unwanted && len(s.Numbers) > 0 {
			out[s.Line] = true
			why = append(why, sharing.Refusal{Line: s.Line, Why: fmt.Sprintf("%q sounds like somebody who is not wanted: add them by hand if they are", s.Name)})
		}
	}
	if len(out) == 0 {
		return p, nil
	}
	return Make(book.Without(out), house), why
}

// Contacts are what store.ImportContacts is given.
func (p Plan) Contacts() []store.Contact {
	var all []store.Contact
	for _, person := range p.people {
		if len(person.contact.Numbers) > 0 || person.contact.Name != "" {
			all = append(all, person.contact)
		}
	}
	return all
}

// person is a contact, existing or new.
type person struct {
	contact store.Contact // for an existing contact only what it gets: ID, numbers, and Name if it had none
	name    string
	line    int // of a new one
	has     int // numbers in all
}

func (p *person) there() bool { return p.contact.ID != 0 }

// planner puts a plan together.
type planner struct {
	zeros  bool // the file has kept the zeros that numbers begin with
	apart  bool
	line   screening.Line
	fit    *fitness
	spoken *spoken
	owner  map[screening.Number]*person
	named  map[string]*person
	plan   Plan
}

// Make says what would happen to an address book in a household. It changes nothing, and is pure.
//
//   - A row with the name of a contact (in upper or lower case), or else with a number of one, is merged into that contact, which keeps its name, notes and
//     language; a contact that only had its number for a name gets the row's.
//   - Rows of the same name are one contact. Two names with one number are two people, such as a couple: the number stays with the first.
//   - A number that the household blocks, its own line's, and one that is never blocked are not imported.
func Make(book Book, house Household) Plan {
	p := planner{
		zeros: book.zeros, apart: house.Apart, line: screening.Line{Region: house.Region, Router: house.Router}, fit: newFitness(house), spoken: newSpoken(house),
		owner: map[screening.Number]*person{}, named: map[string]*person{},
	}
	p.plan.Refused = book.Refused
	for _, c := range house.Contacts {
		known := &person{contact: store.Contact{ID: c.ID}, name: c.Name, has: len(c.Numbers)}
		for _, n := range c.Numbers {
			p.owner[n] = known
		}
		if _, twice := p.named[key(c.Name)]; !twice && !p.apart {
			p.named[key(c.Name)] = known
		}
	}
	for _, row := range book.Rows {
		p.plan.Steps = append(p.plan.Steps, p.step(row))
	}
	return p.plan
}

func key(name string) string { return strings.ToLower(name) }

func (p *planner) step(row Row) Step {
	s := Step{Line: row.Line}
	s.Name, s.Notes = p.texts(row, &s)
	if len(row.Numbers) == 0 {
		s.Kind = NoNumber
		return s
	}
	s.Unwanted = Unwanted(s.Name)
	good := p.numbers(row, &s)
	if len(good) == 0 {
		s.Kind = Nothing
		return s
	}
	nameless := s.Name == ""
	if nameless {
		s.Name = string(good[0]) // as for a caller without a name who is allowed
	}
	who := p.find(s.Name, good)
	if who == nil {
		s.Language = p.language(row, &s)
		who = &person{contact: store.Contact{Name: s.Name, Notes: s.Notes, Language: s.Language}, name: s.Name, line: row.Line}
		s.Kind = New
		p.named[key(s.Name)] = who
		p.plan.people = append(p.plan.people, who)
	}
	p.give(who, good, &s)
	switch {
	case s.Kind == New:
	case who.there():
		s.Into, s.Kind = who.name, Existing
		if renamed := p.rename(who, s.Name, nameless); renamed {
			s.Remarks = append(s.Remarks, "The contact gets this name; until now it had only its number.")
			s.Kind = Added
		}
		if len(s.Numbers) > 0 {
			s.Kind = Added
		}
		if s.Kind == Added && !slices.Contains(p.plan.people, who) {
			p.plan.people = append(p.plan.people, who)
		}
	default:
		s.Into, s.IntoLine, s.Kind = who.name, who.line, Joined
		if s.Notes != "" && !strings.Contains(who.contact.Notes, s.Notes) {
			who.contact.Notes = cut(join("\n", who.contact.Notes, s.Notes), store.MaxContactNotes)
		}
	}
	return s
}

// texts are a row's name and notes, as far as a contact can have them.
func (p *planner) texts(row Row, s *Step) (name, notes string) {
	name = screening.CleanLine(row.Name, store.MaxContactName+1)
	if utf8.RuneCountInString(name) > store.MaxContactName {
		name = strings.TrimSpace(cut(name, store.MaxContactName))
		s.Remarks = append(s.Remarks, fmt.Sprintf("The name is cut after %d characters.", store.MaxContactName))
	}
	notes = store.CleanNotes(row.Notes)
	if utf8.RuneCountInString(notes) > store.MaxContactNotes {
		notes = strings.TrimSpace(cut(notes, store.MaxContactNotes))
		s.Remarks = append(s.Remarks, fmt.Sprintf("The notes are cut after %d characters.", store.MaxContactNotes))
	}
	return name, notes
}

// language is the language of a row's new contact.
func (p *planner) language(row Row, s *Step) string {
	written := screening.CleanLine(row.Language, store.MaxContactLanguage)
	code, known := p.spoken.of(written)
	if !known {
		s.Remarks = append(s.Remarks, fmt.Sprintf("Nobody can be spoken to in %q here, only in %s: they hear the household's language.",
			written, strings.Join(p.spoken.codes, ", ")))
	}
	return code
}

func cut(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	return string([]rune(text)[:runes])
}

// numbers are the numbers of a row that can belong to a contact.
func (p *planner) numbers(row Row, s *Step) (good []screening.Number) {
	refuse := func(line int, why string) { s.Refused = append(s.Refused, sharing.Refusal{Line: line, Why: why}) }
	for _, written := range row.Numbers {
		read, err := written.read(p.line, p.zeros)
		if err != nil {
			refuse(written.Line, err.Error())
			continue
		}
		for _, n := range read {
			advice := p.fit.of(n)
			switch {
			case slices.Contains(good, n):
			case advice.Refused != "":
				refuse(written.Line, advice.Refused)
			default:
				good = append(good, n)
				if advice.Warning != "" {
					s.Remarks = append(s.Remarks, advice.Warning)
				}
			}
		}
	}
	return good
}

// read reads the numbers in a field. People write several into one. zeros says that the file has kept the zeros that numbers begin with.
func (n Number) read(line screening.Line, zeros bool) ([]screening.Number, error) {
	if columns.Shortened(n.Text) {
		return nil, fmt.Errorf("%q %s", screening.CleanLine(n.Text, 40), columns.WhyShortened)
	}
	if screening.IsBeginning(n.Text) {
		beginning, err := screening.ParseBeginning(n.Text, line.Region)
		return []screening.Number{beginning}, err
	}
	if one, err := line.ParseNumber(n.Text); err == nil && one.IsInternal() {
		return []screening.Number{one}, nil
	}
	numbers, err := screening.NewNumberReader(line.Region)
	if err == nil {
		err = numbers.Unmarked(n.Text, zeros)
	}
	if err != nil {
		return nil, err
	}
	return screening.ParseNumbers(n.Text, line.Region)
}

// find finds the person that a row belongs to; nil if they are new.
func (p *planner) find(name string, numbers []screening.Number) *person {
	if who := p.named[key(name)]; who != nil {
		return who
	}
	for _, n := range numbers {
		if who := p.owner[n]; who != nil && who.there() && !p.apart {
			return who
		}
	}
	// Otherwise it belongs to an earlier row only if nothing makes it a person of its own.
	who := p.owner[numbers[0]]
	for _, n := range numbers {
		if p.owner[n] == nil {
			return nil
		}
	}
	return who
}

// give gives somebody the numbers that nobody has yet.
func (p *planner) give(who *person, numbers []screening.Number, s *Step) {
	for _, n := range numbers {
		switch other := p.owner[n]; {
		case other == who:
		case other != nil:
			s.Remarks = append(s.Remarks, fmt.Sprintf("%s is the number of %s, and stays there.", n.National(p.line.Region), other.name))
		case who.has == store.MaxContactNumbers:
			s.Refused = append(s.Refused, sharing.Refusal{Line: s.Line, Why: fmt.Sprintf("%s has %d numbers already, and no contact has more", who.name, who.has)})
		default:
			p.owner[n] = who
			who.has++
			who.contact.Numbers = append(who.contact.Numbers, n)
			s.Numbers = append(s.Numbers, n)
		}
	}
}

// rename gives a name to a contact that only has a number for one.
func (p *planner) rename(who *person, name string, nameless bool) bool {
	n := screening.Number(who.name)
	if nameless || p.apart || p.owner[n] != who || n.Key() == 0 {
		return false
	}
	who.contact.Name, who.name = name, name
	p.named[key(name)] = who
	return true
}
