package hubpages

import (
	"errors"
	"net/http"

	"ringfence/sharing/hub"
)

func (s moderatorHandlers) appeals(w http.ResponseWriter, r *http.Request, v *visitor) error {
	all, err := s.Hub.Appeals(r.Context(), logged)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "appeals", "appeals", "Appeals", all)
}

// answerForm is an appeal, with what is known about its number.
type answerForm struct {
	hub.Appeal
	Subject  hub.Subject
	Listed   []hub.Standing
	Decision hub.Decision
	Typed    string
}

func (s moderatorHandlers) answerForm(r *http.Request, v *visitor) (f answerForm, err error) {
	f.Typed = r.PostFormValue("answer")
	id, err := number(r)
	if err != nil {
		return f, err
	}
	if f.Appeal, err = s.Hub.AppealByID(r.Context(), id); errors.Is(err, hub.ErrNoAppeal) {
		return f, errNotFound
	} else if err != nil {
		return f, err
	}
	f.Subject = hub.Subject{Digits: f.Number.Digits()}
	if f.Listed, err = s.listedAs(r, f.Subject, v); err != nil {
		return f, err
	}
	history, err := s.Hub.Decisions(r.Context(), f.Subject, 1)
	if len(history) > 0 && history[0].What != hub.Undo {
		f.Decision = history[0]
	}
	return f, err
}

// answerView is the page of an appeal. Its title names the number.
func (s moderatorHandlers) answerView(f answerForm) view {
	return viewOf("answer", "appeals", "An appeal about "+f.Number.National(s.Hub.Group().Region), func(*http.Request, *visitor) (answerForm, error) { return f, nil })
}

func (s moderatorHandlers) answerPage(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f, err := s.answerForm(r, v)
	if err != nil {
		return err
	}
	return s.serves(s.answerView(f))(w, r, v)
}

func (s moderatorHandlers) answer(w http.ResponseWriter, r *http.Request, v *visitor) error {
	f, err := s.answerForm(r, v)
	if err != nil {
		return err
	}
	if err := s.Hub.Answer(r.Context(), f.ID, f.Typed, v.Moderator.Name, v.Now); err != nil {
		return s.again(w, r, v, s.answerView(f), err)
	}
	return s.done(w, r, "/moderate/appeals", "They can read your answer at the address of their appeal. If you promised to ring or write, please do.")
}
