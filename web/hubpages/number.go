package hubpages

import (
	"net/http"
	"slices"

	"ringfence/screening"
	"ringfence/sharing/hub"
	"ringfence/store"
)

// numberPage is what is known about a number, with a form to decide on it. Nobody knows who reported it.
type numberPage struct {
	hub.Standing
	Counted    []counted
	History    []hub.Decision
	Appeals    []hub.Appeal
	Categories []choice
	// As typed.
	What, Public, Whose, Into, Reason string
}

type counted struct {
	Category   string
	Households int
}

func (s moderatorHandlers) numberPage(r *http.Request, v *visitor, x hub.Subject) (p numberPage, err error) {
	own, err := s.Publishing.Protected()
	if err != nil {
		return p, err
	}
	if p.Standing, err = s.Hub.Standing(r.Context(), x, own, v.Now); err != nil {
		return p, err
	}
	for _, c := range store.Categories() {
		if n := p.Standing.Categories[c]; n > 0 {
			p.Counted = append(p.Counted, counted{c, n})
		}
	}
	slices.SortStableFunc(p.Counted, func(a, b counted) int { return b.Households - a.Households })
	if p.History, err = s.Hub.Decisions(r.Context(), x, logged); err != nil {
		return p, err
	}
	if !x.Prefix {
		if p.Appeals, err = s.Hub.AppealsAbout(r.Context(), x.Number()); err != nil {
			return p, err
		}
	}
	if p.Categories = categoryChoices(p.Category); r.Method == http.MethodPost {
		p.What, p.Public, p.Whose, p.Into, p.Reason = r.PostFormValue("what"), r.PostFormValue("public"), r.PostFormValue("whose"), r.PostFormValue("into"), r.PostFormValue("why")
		p.Categories = categoryChoices(r.PostFormValue("category"))
	}
	return p, nil
}

// numberView is the page of a number, or of a prefix.
func (s moderatorHandlers) numberView(x hub.Subject) view {
	return viewOf("number", "numbers", screening.Capital(shown(x, s.Hub.Group().Region)), func(r *http.Request, v *visitor) (numberPage, error) {
		return s.numberPage(r, v, x)
	})
}

func (s moderatorHandlers) number(w http.ResponseWriter, r *http.Request, v *visitor) error {
	x, err := subjectOf(r, s.Hub.Group().Region)
	if err != nil {
		return err
	}
	return s.serves(s.numberView(x))(w, r, v)
}

// fromNext says when a decision takes effect.
const fromNext = "It applies once the list is published again: “Publish now”, under Numbers, does it at once."

// decide makes a decision.
func (s moderatorHandlers) decide(w http.ResponseWriter, r *http.Request, v *visitor) error {
	region := s.Hub.Group().Region
	x, err := subjectOf(r, region)
	if err != nil {
		return err
	}
	d := hub.Decision{Subject: x, What: r.PostFormValue("what"), Category: r.PostFormValue("category"), Why: r.PostFormValue("why"), Who: v.Moderator.Name, At: v.Now}
	switch d.What {
	case hub.Confirm:
		d.Public = r.PostFormValue("public")
	case hub.Protect:
		d.Public = r.PostFormValue("whose")
	case hub.Merge:
		d.Into, err = hub.ParseSubject(r.PostFormValue("into"), region)
	}
	if err == nil {
		err = s.Hub.Decide(r.Context(), d)
	}
	if err != nil {
		return s.again(w, r, v, s.numberView(x), err)
	}
	if r.PostFormValue("from") == "waiting" { // one click, and the next number
		return s.done(w, r, "/moderate", screening.Capital(shown(x, region))+": "+inWords(d, region)+". "+fromNext)
	}
	return s.done(w, r, "/moderate/numbers/"+address(x), inWords(d, region)+". "+fromNext)
}
