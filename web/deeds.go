package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"ringfence/household"
	"ringfence/store"
)

// What somebody does to a household stands in the room household. Here is how pages and programs call it.

// admin changes the visit's household in the name of whoever makes the visit.
func (s *Server) admin(v *visit) household.Admin {
	actor := household.Actor{Person: v.Person.ID, Name: v.Person.Name, Way: store.WayPage}
	if v.token != nil {
		actor.Way, actor.Program = store.WayProgram, v.token.Name
	}
	h := v.Household
	file := s.Houses.House(h.Name)
	a := household.Admin{
		Store: s.Store, Household: h.Name, Line: h.Line, Actor: actor, Now: v.Now,
		FromFile: household.FromFile{
			Region: file.Region, KeepDays: file.KeepDays, Fits: func(region string) error { return s.Regions.Fits(h.Name, region) },
		},
	}
	a.Zone = v.zone()
	for _, l := range s.Languages {
		a.Languages = append(a.Languages, l.Code)
	}
	return a
}

// asFault makes an answer of a refusal, and leaves every other error as it is.
func asFault(err error) error {
	var refusal *household.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	status := map[household.Kind]int{
		household.Unfit: http.StatusUnprocessableEntity, household.Conflict: http.StatusConflict,
		household.Gone: http.StatusNotFound, household.NotSure: http.StatusConflict,
	}[refusal.Kind]
	return fault{status, refusal.Sentence}
}

// refusedAs tells whether a deed was refused for such a reason.
func refusedAs(err error, kind household.Kind) bool {
	var refusal *household.Refusal
	return errors.As(err, &refusal) && refusal.Kind == kind
}

// refusalOf is the sentence of a refusal, for the form that somebody has filled in, and whether they can say that they are sure; err is any
// other error.
func refusalOf(failed error) (sentence string, notSure bool, err error) {
	var refusal *household.Refusal
	if !errors.As(failed, &refusal) || refusal.Kind == household.Gone {
		return "", false, failed
	}
	return refusal.Sentence, refusal.Kind == household.NotSure, nil
}

// tell ends a form with what a deed has come to: the next page says it, and offers its undo.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, v *visit, to string, done household.Done, err error) error {
	if err != nil {
		return asFault(err)
	}
	var back *undo
	if done.CanUndo {
		back = &undo{v.Path("undo", strconv.FormatInt(done.Line, 10)), nil}
	}
	return s.done(w, r, to, done.Sentence, back)
}

// undo takes back what was done, by its line in the audit log.
func (s *Server) undo(w http.ResponseWriter, r *http.Request, v *visit) error {
	line, err := strconv.ParseInt(r.PathValue("line"), 10, 64)
	if err != nil {
		return errNotThere
	}
	done, err := s.admin(v).Undo(r.Context(), line)
	return s.tell(w, r, v, backTo(r, v), done, err)
}

// changed writes what else has been changed into the audit log.
func (s *Server) changed(ctx context.Context, v *visit, what, text string) error {
	a := s.admin(v)
	return s.Store.AddAuditLine(ctx, &store.AuditLine{
		Household: a.Household, Person: a.Actor.Person, By: a.Actor.String(), Way: a.Actor.Way, At: v.Now, What: what, Text: text,
	})
}
