package hubpages

import (
	"errors"
	"net/http"
	"strings"

	"ringfence/screening"
	"ringfence/sharing/hub"
)

// appealForm is for somebody whose number is wrongly listed. First they ask whether it is listed.
type appealForm struct {
	Number string // as typed; "" asks for it
	Known  screening.Number
	Listed bool
	Why    string // in words, if it is not listed
	Text   string
	Reach  string
}

// ask checks whether the number is on the list.
func (s publicHandlers) ask(r *http.Request, v *visitor, f *appealForm) error {
	if !s.asking.Allow(s.address(r), v.Now) {
		return errTooMany
	}
	g := s.Hub.Group()
	if strings.Contains(f.Number, "*") {
		return &hub.Refused{Sentence: "Please write one number in full."}
	}
	x, err := hub.ParseSubject(f.Number, g.Region)
	if err != nil {
		return err
	}
	f.Known = x.Number()
	covering, err := s.listedAs(r, x, v)
	f.Listed = len(covering) > 0
	return err
}

// appealView is the page with what is known about the number so far.
func appealView(f *appealForm) view {
	return viewOf("appeal", "appeal", "Is your number on this list?", func(*http.Request, *visitor) (*appealForm, error) { return f, nil })
}

func (s publicHandlers) appealPage(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f := &appealForm{Number: strings.TrimSpace(r.FormValue("number"))}
	if f.Number != "" {
		if err := s.ask(r, v, f); err != nil {
			return s.again(w, r, v, appealView(f), err)
		}
	}
	return s.serves(appealView(f))(w, r, v)
}

// appeal takes an appeal. Programs that fill in every field also fill in one that people do not see: they are thanked, and nothing is kept.
func (s publicHandlers) appeal(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f := &appealForm{Number: strings.TrimSpace(r.PostFormValue("number")), Text: r.PostFormValue("text"), Reach: r.PostFormValue("reach")}
	if r.PostFormValue("website") != "" {
		s.Log.Info("an appeal was dropped, because a field was filled in that people do not see")
		return s.done(w, r, "/appeal", "Thank you. Your message has been sent.")
	}
	err := s.ask(r, v, f)
	if err == nil && !f.Listed {
		return s.serves(appealView(f))(w, r, v)
	}
	if err == nil && !s.appealing.Allow(s.neighbourhood(r), v.Now) {
		err = errTooMany
	}
	var secret string
	if err == nil {
		secret, err = s.Hub.Appeal(r.Context(), hub.Appeal{Number: f.Known, Text: f.Text, Reach: f.Reach}, v.Now)
	}
	if errors.Is(err, hub.ErrCrowded) {
		return fault{http.StatusServiceUnavailable, screening.Sentence(err)}
	}
	if err != nil {
		return s.again(w, r, v, appealView(f), err)
	}
	return s.done(w, r, "/appeal/"+secret, "Your message has been sent. Keep the address of this page: the answer will appear here.")
}

// appealState shows an appeal to the person who sent it.
func (s publicHandlers) appealState(w http.ResponseWriter, r *http.Request, v *visitor) error {
	a, err := s.Hub.AppealOf(r.Context(), r.PathValue("secret"))
	if errors.Is(err, hub.ErrNoAppeal) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	return s.show(w, r, v, "appealed", "appeal", "Your message about "+a.Number.National(s.Hub.Group().Region), a)
}

// listedAs are the listed subjects that cover a number: the number itself, and prefixes of it.
func (s *Server) listedAs(r *http.Request, x hub.Subject, v *visitor) ([]hub.Standing, error) {
	own, err := s.Publishing.Protected()
	if err != nil {
		return nil, err
	}
	return s.Hub.Covering(r.Context(), x, own, v.Now)
}
