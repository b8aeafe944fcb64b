package hubpages

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"

	"ringfence/screening"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
)

// moderatorHandlers are the pages on which moderators decide.
type moderatorHandlers struct{ *Server }

// perPage is how many numbers a page has.
const perPage = 50

// numbersPage is the numbers that moderators look at, by what has to be done about them.
type numbersPage struct {
	Which      []choice
	Shown      hub.Which
	Numbers    []hub.Standing
	Next       int // the next page; 0: there is none
	Households int
	Published  bool
	Manifest   list.Manifest
}

func (s moderatorHandlers) numbersView() view {
	return viewOf("numbers", "numbers", "Numbers", s.numbersPage)
}

func (s moderatorHandlers) numbers(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if typed := r.FormValue("number"); typed != "" {
		return s.find(w, r, v, typed)
	}
	return s.serves(s.numbersView())(w, r, v)
}

func (s moderatorHandlers) numbersPage(r *http.Request, v *visitor) (p numbersPage, err error) {
	p.Shown = hub.Which(r.FormValue("show"))
	if p.Shown == "" {
		p.Shown = hub.Waiting
	}
	p.Which = whichChoices(p.Shown)
	at, err := strconv.Atoi(r.FormValue("page"))
	if err != nil || at < 0 || at > 100_000 {
		at = 0
	}
	own, err := s.Publishing.Protected()
	if err != nil {
		return p, err
	}
	var more bool
	if p.Numbers, more, err = s.Hub.Numbers(r.Context(), p.Shown, perPage, at*perPage, own, v.Now); err != nil {
		return p, err
	}
	if more {
		p.Next = at + 1
	}
	if p.Households, err = s.Hub.Households(r.Context()); err != nil {
		return p, err
	}
	p.Manifest, err = list.OpenDir(s.Folder, s.Key, list.DefaultLimits())
	p.Published = err == nil
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return p, err
}

// find leads to the number that somebody has typed.
func (s moderatorHandlers) find(w http.ResponseWriter, r *http.Request, v *visitor, typed string) error {
	x, err := hub.ParseSubject(typed, s.Hub.Group().Region)
	if err != nil {
		return s.again(w, r, v, s.numbersView(), err)
	}
	http.Redirect(w, r, "/moderate/numbers/"+address(x), http.StatusSeeOther)
	return nil
}

// publish makes the list now.
func (s moderatorHandlers) publish(w http.ResponseWriter, r *http.Request, _ *visitor) error {
	p, err := s.Publishing.Publish(r.Context())
	if err != nil {
		return err
	}
	text := "The list was published, with " + screening.Counted(p.Manifest.Entries, "number", "numbers") + "."
	if p.Refused > 0 {
		text += fmt.Sprintf(" Left out, because they are protected: %d.", p.Refused)
	}
	return s.done(w, r, "/moderate", text)
}

// logged is how many decisions the log shows.
const logged = 500

type logPage struct {
	Decisions  []hub.Decision
	Expulsions []hub.Expulsion
	Journal    []hub.Note
}

// log is who has decided what, and why.
func (s moderatorHandlers) log(r *http.Request, _ *visitor) (logPage, error) {
	decisions, err := s.Hub.Decisions(r.Context(), hub.Subject{}, logged)
	expulsions, err2 := s.Hub.Expulsions(r.Context(), logged)
	journal, err3 := s.Hub.Journal(r.Context(), logged)
	return logPage{decisions, expulsions, journal}, errors.Join(err, err2, err3)
}

type protectedPage struct {
	Decisions        []hub.Decision
	File             []protectedNumber
	Number, Who, Why string // as typed
}

type protectedNumber struct {
	Subject hub.Subject
	Who     string
}

func (s moderatorHandlers) protectedPage(r *http.Request, _ *visitor) (p protectedPage, err error) {
	p.Number, p.Who, p.Why = r.PostFormValue("number"), r.PostFormValue("who"), r.PostFormValue("why")
	if p.Decisions, err = s.Hub.Decided(r.Context(), hub.Protect, logged); err != nil {
		return p, err
	}
	own, err := s.Publishing.Protected()
	if err != nil {
		return p, err
	}
	for _, n := range own.Numbers() {
		p.File = append(p.File, protectedNumber{hub.Subject{Digits: n.Digits, Prefix: n.Prefix}, n.Who})
	}
	return p, nil
}

// protectedView is the numbers that never come onto the list.
func (s moderatorHandlers) protectedView() view {
	return viewOf("protected", "protected", "Protected numbers", s.protectedPage)
}

// protect protects another number.
func (s moderatorHandlers) protect(w http.ResponseWriter, r *http.Request, v *visitor) error {
	x, err := hub.ParseSubject(r.PostFormValue("number"), s.Hub.Group().Region)
	if err == nil {
		err = s.Hub.Decide(r.Context(), hub.Decision{
			Subject: x, What: hub.Protect, Public: r.PostFormValue("who"), Why: r.PostFormValue("why"), Who: v.Moderator.Name, At: v.Now,
		})
	}
	if err != nil {
		return s.again(w, r, v, s.protectedView(), err)
	}
	return s.done(w, r, "/moderate/protected", screening.Capital(shown(x, s.Hub.Group().Region))+" will be left off the list from its next publication.")
}
