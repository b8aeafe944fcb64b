package household

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"ringfence/screening"
	"ringfence/store"
)

var errNoNumber = refuseAs(Conflict, "This caller showed no number, so Ringfence couldn't recognise them next time.")

// Allow makes a caller a contact. The contact's name is what somebody has typed, or else what the carers call them, or what the network shows.
func (a Admin) Allow(ctx context.Context, n screening.Number, typed, shown string) (Done, error) {
	if n == "" {
		return Done{}, errNoNumber
	}
	return a.do(ctx, func(ctx context.Context) (change, error) {
		c, is, err := a.contactOf(ctx, n)
		if err != nil {
			return change{}, err
		}
		if is {
			return change{sentence: a.called(c) + " is one of your contacts already, and always gets through."}, nil
		}
		names, err := a.Store.CallerNames(ctx, a.Household)
		if err != nil {
			return change{}, err
		}
		name := cmp.Or(strings.TrimSpace(typed), names[n], screening.CleanLine(shown, store.MaxContactName), string(n))
		return a.addToContact(ctx, name, "", n)
	})
}

// contactOf finds the contact as whom a caller would ring: by the number, or by its beginning if the household has not blocked it more exactly.
func (a Admin) contactOf(ctx context.Context, n screening.Number) (store.Contact, bool, error) {
	_, known, err := a.Store.Situation(ctx, a.Household, n)
	if err != nil || known.Contact == nil {
		return store.Contact{}, false, err
	}
	c, err := a.Store.Contact(ctx, a.Household, known.Contact.ID)
	return c, err == nil, err
}

// NameCaller gives somebody who is no contact a name; "" takes it away.
func (a Admin) NameCaller(ctx context.Context, n screening.Number, name string) (Done, error) {
	if n == "" {
		return Done{}, errNoNumber
	}
	return a.do(ctx, func(ctx context.Context) (change, error) {
		return a.nameCaller(ctx, n, name)
	})
}

func (a Admin) nameCaller(ctx context.Context, n screening.Number, name string) (change, error) {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ") // as the store keeps it
	before, err := a.Store.NameCaller(ctx, a.Household, n, name)
	if errors.Is(err, store.ErrLongName) {
		return change{}, because(Unfit, err)
	}
	who := a.national(n)
	c := change{
		word: CallerNamed, sentence: who + " is called " + name + " from now on.", before: before, after: name,
		undo: &undo{What: CallerNamed, Number: n, Name: before, Named: name},
	}
	switch {
	case name == "" && before == "":
		c = unchanged(who + " had no name")
	case name == before:
		c = unchanged(who + " was called " + name + " already")
	case name == "":
		c.sentence = who + " has no name any more."
	}
	return c, err
}

func (a Admin) undoName(ctx context.Context, u undo) (change, error) {
	names, err := a.Store.CallerNames(ctx, a.Household)
	if err != nil {
		return change{}, err
	}
	if names[u.Number] != u.Named {
		return change{}, refuseAs(Conflict, "That can't be undone any more: %s has been given another name since.", a.national(u.Number))
	}
	return a.nameCaller(ctx, u.Number, u.Name)
}

// categories are what callers can be reported as, in words.
var categories = map[string]string{
	"tech-support": "“Your computer has a problem”", "bank": "“Your bank”", "courier": "A parcel or courier", "prize": "A prize or lottery",
	"tax": "“The tax office”", "silent": "Silent call", "sales": "Sales", "survey": "A survey", "other": "Something else",
}

// CategoryInWords is a category that callers can be reported as, for people.
func CategoryInWords(category string) string { return categories[category] }

// Report reports a caller as a scam of a category; "" if nobody can say which, which leaves that of an existing report.
func (a Admin) Report(ctx context.Context, n screening.Number, category string) (Done, error) {
	switch whose, never := screening.NeverBlocked(n, a.Region); {
	case n == "":
		return Done{}, errNoNumber
	case never:
		return Done{}, refuseAs(Conflict, "%s is the number of %s. A caller may have faked it, so it isn't reported.", a.national(n), whose)
	case n.IsInternal():
		return Done{}, refuseAs(Conflict, "%s is a phone or a door bell of your own router, so it isn't reported.", n)
	case category != "" && !slices.Contains(store.Categories(), category):
		return Done{}, refuse("A report must be one of %s, not %s.", strings.Join(store.Categories(), ", "), category)
	}
	if err := screening.NobodysNumber(n, a.Region); err != nil {
		return Done{}, because(Unfit, err)
	}
	return a.do(ctx, func(ctx context.Context) (change, error) {
		before, err := a.reportedAs(ctx, n)
		if err != nil {
			return change{}, err
		}
		if before != "" && (category == "" || category == before) {
			return change{sentence: a.national(n) + " is reported already."}, nil
		}
		return a.report(ctx, n, before, cmp.Or(category, store.CategoryOther))
	})
}

func (a Admin) report(ctx context.Context, n screening.Number, before, category string) (change, error) {
	err := a.Store.ReportNumber(ctx, a.Household, n, category, a.Actor.String())
	return a.reported(n, before, category, err)
}

// reported is the change of a report, or why it could not be made.
func (a Admin) reported(n screening.Number, before, category string, err error) (change, error) {
	if errors.Is(err, store.ErrContact) {
		return change{}, refuseAs(Conflict, "%s is the number of one of your contacts, so it isn't reported.", a.national(n))
	}
	c := change{
		word: Reported, sentence: a.national(n) + " is reported as: " + categories[category] + ".", before: categories[before], after: categories[category],
		undo: &undo{What: Reported, Number: n, Category: before, Reported: category},
	}
	if category == store.CategoryOther {
		c.sentence = a.national(n) + " is reported as a scam."
	}
	return c, err
}

// reportedAs is the category of the report of a number; "" if there is none.
func (a Admin) reportedAs(ctx context.Context, n screening.Number) (category string, err error) {
	reports, err := a.Store.Reports(ctx, a.Household)
	for _, r := range reports {
		if r.Number == n {
			category = r.Category
		}
	}
	return category, err
}

// WithdrawReport takes a report back.
func (a Admin) WithdrawReport(ctx context.Context, n screening.Number) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		before, err := a.reportedAs(ctx, n)
		if err != nil {
			return change{}, err
		}
		if before == "" {
			return change{}, refuseAs(Gone, "This report isn't there any more. Somebody may have withdrawn it.")
		}
		_, err = a.Store.WithdrawReport(ctx, a.Household, n)
		return change{
			word: ReportWithdrawn, sentence: "The report of " + a.national(n) + " is withdrawn.", before: categories[before],
			undo: &undo{What: ReportWithdrawn, Number: n, Category: before},
		}, err
	})
}

// undoReport restores the report of a number to what it was before it was filed, changed or withdrawn.
func (a Admin) undoReport(ctx context.Context, u undo) (change, error) {
	now, err := a.reportedAs(ctx, u.Number)
	switch {
	case err != nil:
		return change{}, err
	case now != u.Reported:
		return change{}, refuseAs(Conflict, "That can't be undone any more: the report of %s has been changed since.", a.national(u.Number))
	case now == "":
		return a.reported(u.Number, now, u.Category, a.Store.RestoreReport(ctx, a.Household, u.Number))
	case u.Category != "":
		return a.report(ctx, u.Number, now, u.Category)
	}
	_, err = a.Store.WithdrawReport(ctx, a.Household, u.Number)
	return change{sentence: a.national(u.Number) + " isn't reported any more."}, err
}

// SendAway blocks and reports a caller who was sent away as a scam, while they rang or in the conversation. why is the block's note. A
// contact is neither blocked nor reported, and the answer is false: one key pressed in a hurry must not keep a daughter out.
func (a Admin) SendAway(ctx context.Context, n screening.Number, why string) (done Done, blocked bool, err error) {
	done, err = a.do(ctx, func(ctx context.Context) (change, error) {
		c := change{word: SentAway, sentence: a.national(n) + " was sent away as a scam, blocked and reported.", after: "blocked and reported"}
		contact, is, err := a.contactOf(ctx, n)
		switch _, never := screening.NeverBlocked(n, a.Region); {
		case err != nil:
			return c, err
		case n == "":
			c.sentence, c.after = "A caller who showed no number was sent away as a scam.", ""
			return c, nil
		case never:
			c.sentence, c.after = "A caller was sent away as a scam. They showed "+a.national(n)+", which can't be blocked: anyone can show it.", ""
			return c, nil
		case n.IsInternal():
			c.sentence, c.after = "A caller was sent away as a scam. They rang from "+string(n)+", a phone or a door bell of your own router, so it isn't blocked.", ""
			return c, nil
		case is:
			c.sentence, c.after = "A caller was sent away as a scam. The number is "+a.called(contact)+"’s, a contact’s, so it isn't blocked.", ""
			return c, nil
		}
		blocked = true
		c.undo, err = a.blockAndReport(ctx, n, why)
		return c, err
	})
	return done, blocked && err == nil, err
}

// blockAndReport leaves an existing block or report as it is; the undo is nil if both exist.
func (a Admin) blockAndReport(ctx context.Context, n screening.Number, why string) (*undo, error) {
	u := undo{What: SentAway, Number: n}
	_, there, err := a.Store.BlockOf(ctx, a.Household, n.Digits(), false)
	if err == nil && !there {
		u.Made = &screening.Block{Digits: n.Digits(), Note: screening.CleanLine(why, screening.LongestNote), Farewell: screening.Inspection}
		err = a.Store.AddBlock(ctx, a.Household, *u.Made, a.Actor.String())
	}
	if err != nil {
		return nil, err
	}
	reported, err := a.reportedAs(ctx, n)
	if err == nil && reported == "" {
		u.Reported = store.CategoryOther
		err = a.Store.ReportNumber(ctx, a.Household, n, u.Reported, a.Actor.String())
	}
	if u.Made == nil && u.Reported == "" {
		return nil, err
	}
	return &u, err
}

func (a Admin) undoSentAway(ctx context.Context, u undo) (change, error) {
	if u.Made != nil {
		if c, err := a.undoBlockAdded(ctx, u); err != nil {
			return c, err
		}
	}
	if u.Reported != "" {
		if c, err := a.undoReport(ctx, u); err != nil {
			return c, err
		}
	}
	return change{sentence: a.national(u.Number) + " is neither blocked nor reported any more."}, nil
}
