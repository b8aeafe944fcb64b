package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// blockForm is a block as somebody types it.
type blockForm struct {
	Number, Note, Wrong string
	Prefix              bool
	Farewell            screening.Farewell
}

func readBlockForm(r *http.Request) blockForm {
	return blockForm{
		Number: strings.TrimSpace(r.FormValue("number")), Note: strings.TrimSpace(r.FormValue("note")),
		Prefix: r.FormValue("which") == "prefix", Farewell: screening.Farewell(r.FormValue("farewell")),
	}
}

// Unusual says whether callers hear something other than the inspection message.
func (f blockForm) Unusual() bool { return f.Farewell != "" && f.Farewell != screening.Inspection }

// addBlock blocks a number at once. Before it blocks a prefix, it says how many numbers that would be.
func (s blockHandlers) addBlock(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := readBlockForm(r)
	wanted := household.BlockRequest{Number: form.Number, Prefix: form.Prefix, Note: form.Note, Farewell: form.Farewell, Sure: r.FormValue("sure") == "yes"}
	if digits, err := screening.ParsePrefix(form.Number, v.Household.Region); form.Prefix && !wanted.Sure && err == nil {
		if reach := screening.ReachOf(digits, v.Household.Complete(screening.Household{})); !reach.Nothing {
			return s.askBlock(w, r, v, form, digits, reach)
		}
	}
	done, shown, err := s.doOrTry(w, r, v, false, func(r *http.Request, a household.Admin) (household.Done, error) {
		return a.AddBlock(r.Context(), wanted)
	})
	if shown {
		return err
	}
	if why, _, _ := backend.RefusalOf(err); why != "" {
		form.Wrong = why
		return s.again(w, r, v, viewOf("blocks", "blocks", "Blocks", func(r *http.Request, v *backend.Visitor) (blocksPage, error) {
			data, err := s.blocksOf(r, v)
			data.Form = form
			return data, err
		}), err)
	}
	return s.finish(w, r, v, v.Path("blocks"), done, err)
}

// blockQuestion is the question to somebody who is about to block many numbers at once.
type blockQuestion struct {
	Form     blockForm
	Reach    screening.Reach
	Contacts []string   // with such numbers, who get through all the same
	Calls    store.Hits // in the log from such numbers
	Would    *wouldPart // nil where it could not be found out
}

func (s blockHandlers) askBlock(w http.ResponseWriter, r *http.Request, v *backend.Visitor, form blockForm, digits string, reach screening.Reach) error {
	q := blockQuestion{Form: form, Reach: reach}
	contacts, err := s.Store.Contacts(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	for _, c := range contacts {
		if slices.ContainsFunc(c.Numbers, func(n screening.Number) bool { return strings.HasPrefix(string(n), "+"+digits) }) {
			q.Contacts = append(q.Contacts, c.Called(v.Household.Region))
		}
	}
	if q.Calls, err = s.Store.CallsWithin(r.Context(), v.Household.Name, digits); err != nil {
		return err
	}
	if result, err := s.try(r.Context(), v, s.unaskedTime(), func(ctx context.Context, a household.Admin) error {
		_, err := a.AddBlock(ctx, household.BlockRequest{Number: form.Number, Prefix: true, Sure: true})
		return err
	}); err == nil && len(result.Changes) > 0 {
		would := wouldOf(v, result)
		q.Would = &would
	}
	return s.show(w, r, v, "block-many", "blocks", "Block many numbers?", q)
}

// reach says, as plain text, how many numbers a prefix blocks that is being typed; "" if nothing can be said yet.
func (s blockHandlers) reach(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	number, region := r.FormValue("number"), v.Household.Region
	if codes, is := screening.CallingCode(number, region); is && !slices.Contains(codes, region) {
		_, _ = w.Write([]byte("This turns away calls from " + household.InCountries(codes) + ".")) //nolint:gosec // as below
		return nil
	}
	digits, err := screening.ParsePrefix(number, region)
	if err != nil {
		return nil
	}
	warning := screening.ReachOf(digits, v.Household.Complete(screening.Household{})).Warning()
	_, _ = w.Write([]byte(warning)) //nolint:gosec // plain text, and the browser may have left
	return nil
}
