package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ringfence/screening"
	"ringfence/store"
)

// blockForm is a block as somebody types it.
type blockForm struct {
	Number, Note, Wrong string
	Prefix, NotWanted   bool
}

func readBlockForm(r *http.Request) blockForm {
	return blockForm{
		Number: strings.TrimSpace(r.FormValue("number")), Note: strings.TrimSpace(r.FormValue("note")),
		Prefix: r.FormValue("which") == "prefix", NotWanted: r.FormValue("farewell") == string(screening.NotWanted),
	}
}

// block reads what was typed; the error is a sentence for people.
func (f blockForm) block(v *visit) (b screening.Block, err error) {
	b = screening.Block{Prefix: f.Prefix, Note: f.Note, Farewell: screening.Inspection}
	if f.NotWanted {
		b.Farewell = screening.NotWanted
	}
	if f.Prefix {
		b.Digits, err = screening.ParsePrefix(f.Number, v.Household.Region)
		return b, err
	}
	n, err := screening.ParseNumber(f.Number, v.Household.Region)
	if err != nil {
		return b, err
	}
	if whose, never := screening.NeverBlocked(n, v.Household.Region); never {
		return b, errors.New(v.National(n) + " cannot be blocked: it is " + whose)
	}
	b.Digits = digits(n)
	return b, nil
}

// addBlock makes a block of a number at once. Before it makes one of a beginning, it says how far that reaches.
func (s *Server) addBlock(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := readBlockForm(r)
	b, err := form.block(v)
	if err != nil {
		return s.blockAgain(w, r, v, form, err)
	}
	what := v.written(b.Digits)
	if b.Prefix {
		reach := screening.ReachOf(b.Digits, v.Household.Complete(screening.Household{}))
		if reach.Nothing {
			return s.blockAgain(w, r, v, form, errors.New(strings.TrimSuffix(reach.Warning(), ".")))
		}
		if r.FormValue("sure") != "yes" {
			return s.askBlock(w, r, v, form, b.Digits, reach)
		}
		what = "Every number that begins " + reach.Written
	}
	there, err := s.blockedAlready(r, v, b)
	if err != nil {
		return err
	}
	if there {
		return s.done(w, r, v.Path("blocks"), what+" is blocked already. Its note and what callers hear can be changed below.", nil)
	}
	if err := s.Store.AddBlock(r.Context(), v.Household.Name, b, v.Person.Name); err != nil {
		return s.blockAgain(w, r, v, form, err)
	}
	told := what + " is blocked: it will not ring any more."
	if err := s.changed(r.Context(), v, "block-added", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("blocks"), told, &undo{v.Path("blocks", "undo"), map[string]string{
		"what": "added", "digits": b.Digits, "prefix": strconv.FormatBool(b.Prefix),
	}})
}

// blockedAlready says whether there is the very same block. Made once more, it would lose another carer's note, and its undo would
// lift what stood before.
func (s *Server) blockedAlready(r *http.Request, v *visit, b screening.Block) (bool, error) {
	blocks, err := s.Store.Blocks(r.Context(), v.Household.Name)
	return slices.ContainsFunc(blocks, func(one store.Block) bool { return one.Digits == b.Digits && one.Prefix == b.Prefix }), err
}

func (s *Server) blockAgain(w http.ResponseWriter, r *http.Request, v *visit, form blockForm, wrong error) error {
	data, err := s.blocksOf(r, v)
	if err != nil {
		return err
	}
	form.Wrong = sentence(wrong)
	data.Form = form
	return s.showAgain(w, v, "blocks", "blocks", "Blocks", data, form.Wrong)
}

// blockQuestion is what somebody is asked who is about to block many numbers at once.
type blockQuestion struct {
	Form     blockForm
	Reach    screening.Reach
	Contacts []string   // who have such numbers, and ring all the same
	Calls    store.Hits // that would have been turned away, or nearly: within what the log keeps
}

func (s *Server) askBlock(w http.ResponseWriter, r *http.Request, v *visit, form blockForm, digits string, reach screening.Reach) error {
	q := blockQuestion{Form: form, Reach: reach}
	contacts, err := s.Store.Contacts(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		for _, n := range c.Numbers {
			if strings.HasPrefix(string(n), "+"+digits) {
				q.Contacts = append(q.Contacts, c.Name)
				break
			}
		}
	}
	if q.Calls, err = s.Store.CallsWithin(r.Context(), v.Household.Name, digits); err != nil {
		return err
	}
	return s.show(w, r, v, "block-many", "blocks", "Block many numbers?", q)
}

// reach says how far a beginning reaches that is being typed: a plain text, "" where nothing can be said of it yet.
func (s *Server) reach(w http.ResponseWriter, r *http.Request, v *visit) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	digits, err := screening.ParsePrefix(r.FormValue("number"), v.Household.Region)
	if err != nil {
		return nil
	}
	warning := screening.ReachOf(digits, v.Household.Complete(screening.Household{})).Warning()
	_, _ = w.Write([]byte(warning)) //nolint:gosec // plain text, and the browser may have left
	return nil
}
