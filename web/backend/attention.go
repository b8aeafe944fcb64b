package backend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/subscribe"
	"ringfence/store"
)

// Attention is a household with what somebody should look at there, the most urgent first.
type Attention struct {
	Place
	Items []AttentionItem
}

// AttentionItem is one thing that somebody should look at, with its page.
type AttentionItem struct {
	What     string // a word for programs: line, phone, or one of store's kinds of findings
	Level    string // ok, warn, stop or message, as the classes in style.css
	Sentence string
	Path     string
	Since    time.Time // of an emergency call and a scam call the latest; zero where it is not known
	rank     int
}

// Overview is what a person finds who looks after many households.
type Overview struct {
	Machine   LineState   // what is wrong for all of them alike; its level is ok if nothing is
	Attention []Attention // the most urgent first
	Well      []Place     // those in which nothing is wrong, by name
}

// emergencyLately is for how long a call to an emergency number is something to look at.
const emergencyLately = 24 * time.Hour

// Overview looks at several of a visitor's households at once: at what the running program knows of their lines, and with one query at all else.
func (b *Backend) Overview(ctx context.Context, v *Visitor, places []Place) (o Overview, err error) {
	now := v.In(v.Now)
	found, err := b.Store.Findings(ctx, v.Person.ID, store.FindingsSince{
		Scam: store.DayStart(now.Year(), now.Month(), now.Day(), v.Zone()), Emergency: v.Now.Add(-emergencyLately), Unreached: v.Now.Add(-subscribe.Unreached),
	}, v.Now)
	if err != nil {
		return o, err
	}
	of := map[string][]store.Finding{}
	for _, f := range found {
		of[f.Household] = append(of[f.Household], f)
	}
	for i, p := range places {
		line := b.Switchboard.Line(p.Name)
		if i == 0 {
			o.Machine = line.forAll()
		}
		a := Attention{Place: p}
		a.addLine(line)
		for _, f := range of[p.Name] {
			a.Items = append(a.Items, v.itemOf(p, f))
		}
		if len(a.Items) == 0 {
			o.Well = append(o.Well, p)
			continue
		}
		slices.SortStableFunc(a.Items, AttentionItem.compare)
		o.Attention = append(o.Attention, a)
	}
	slices.SortStableFunc(o.Attention, func(a, b Attention) int {
		return cmp.Or(a.Items[0].compare(b.Items[0]), cmp.Compare(len(b.Items), len(a.Items)), strings.Compare(a.Title, b.Title))
	})
	slices.SortStableFunc(o.Well, func(a, b Place) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
	return o, nil
}

// compare puts the more urgent first, and of the same what has lasted longer.
func (i AttentionItem) compare(other AttentionItem) int {
	return cmp.Or(cmp.Compare(i.rank, other.rank), i.Since.Compare(other.Since))
}

// forAll is what is wrong with a line that is wrong with all lines of the machine.
func (l Line) forAll() LineState {
	l.Trunk, l.Phones = Part{Known: true, Up: true}, nil
	return l.State()
}

// The order of what somebody should look at.
const (
	rankLine = iota
	rankEmergency
	rankPhone
	rankMessage
	rankAlert
	rankScam
	rankList
)

// addLine adds what is wrong with the line or the phones. Without Asterisk nothing is known of them.
func (a *Attention) addLine(l Line) {
	if !l.Asterisk.Up || l.SIP != "" {
		return
	}
	l.Machine, l.Open = nil, nil
	state := l.State()
	if state.Level == "ok" {
		return
	}
	item := AttentionItem{What: "line", Level: state.Level, Sentence: state.Sentence, Path: a.Path(), rank: rankLine, Since: l.Trunk.Since}
	if state.Level == "warn" {
		item.What, item.rank, item.Since = "phone", rankPhone, time.Time{}
	}
	a.Items = append(a.Items, item)
}

// itemOf puts a finding into words.
func (v *Visitor) itemOf(p Place, f store.Finding) AttentionItem {
	at := *v
	at.Household = p.Household // its clocks
	item := AttentionItem{What: string(f.What), Level: "warn", Since: f.At}
	switch f.What {
	case store.FoundEmergency:
		item.rank, item.Level, item.Path = rankEmergency, "stop", p.Path("calls")
		item.Sentence = fmt.Sprintf("An emergency number was dialled %s.", at.When(f.At))
	case store.FoundUnheard:
		item.rank, item.Level, item.Path = rankMessage, "message", p.Path("calls")+"?kind=left-message"
		item.Sentence = fmt.Sprintf("A new message, left %s.", at.When(f.At))
		if f.Count > 1 {
			item.Sentence = fmt.Sprintf("%d new messages, the first left %s.", f.Count, at.When(f.At))
		}
	case store.FoundAlert:
		item.rank, item.Path = rankAlert, p.Path("alerts")
		item.Sentence = fmt.Sprintf("Alerts don't reach %s, since %s.", f.Name, at.When(f.At))
	case store.FoundScam:
		item.rank, item.Path = rankScam, p.Path("calls")+"?kind=scam"
		item.Sentence = fmt.Sprintf("%s today, the last at %s.", screening.Counted(f.Count, "scam call", "scam calls"), at.Clock(f.At))
	case store.FoundListOld:
		item.rank, item.Path = rankList, p.Path("lists", f.Name)
		item.Sentence = fmt.Sprintf("The list %s is out of date. It was last updated %s.", f.Name, at.When(f.At))
	case store.FoundListWaits:
		item.rank, item.Path = rankList, p.Path("lists", f.Name)
		item.Sentence = fmt.Sprintf("New numbers of the list %s wait for somebody to look at them.", f.Name)
	}
	return item
}

// Find keeps the households that somebody means by a part of the title, of the name in ringfence.toml, of the line's number in any form, or of the name
// of somebody who belongs to it.
func (b *Backend) Find(ctx context.Context, v *Visitor, text string) ([]Place, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return v.Households, nil
	}
	people, err := b.Store.PeopleOf(ctx, v.Person.ID)
	if err != nil {
		return nil, err
	}
	var found []Place
	for _, p := range v.Households {
		if p.means(text) || slices.ContainsFunc(people[p.Name], func(name string) bool { return strings.Contains(strings.ToLower(name), text) }) {
			found = append(found, p)
		}
	}
	return found, nil
}

// means says whether somebody means the household by a part of what it is called, or of its number.
func (p Place) means(text string) bool {
	if strings.Contains(strings.ToLower(p.Title), text) || strings.Contains(strings.ToLower(p.Name), text) {
		return true
	}
	digits := onlyDigits(text)
	if len(digits) < 3 || strings.Trim(text, "+0123456789 ()-/.") != "" {
		return false
	}
	return strings.Contains(onlyDigits(string(p.Number)), digits) || strings.Contains(onlyDigits(p.Number.National(p.Region)), digits)
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// Admins returns an Admin for each of some of the visitor's households, to change them in their name.
func (b *Backend) Admins(v *Visitor, places []Place) (all []household.Admin) {
	for _, p := range places {
		one := *v
		one.Household, one.Title, one.Role, one.Hears = p.Household, p.Title, p.Role, p.Hears
		all = append(all, b.Admin(&one))
	}
	return all
}
