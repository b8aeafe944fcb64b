package web

import (
	"net/http"
	"net/url"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// whyPage is a question and its answer.
type whyPage struct {
	Typed    string
	Wrong    string     // why there is no answer to that; "" where there is
	Answer   *whyAnswer // nil: nothing has been asked yet
	Category []option
}

// whyAnswer is what would happen to a call, and why: what `ringfence lookup` says, and what else is known.
type whyAnswer struct {
	store.Lookup
	Sentence string
	Level    string // ok, warn or stop
	Shown    string // the number as people write it; "" for none
	Entries  []entryRow
	Block    *blockRow
}

// entryRow is what one list says about a number.
type entryRow struct {
	screening.Entry
	Category string // in words
	Percent  int
	Turns    bool // it turns callers away
}

// CanBlock says whether the number can be blocked on this page.
func (a whyAnswer) CanBlock() bool { return a.Plain() && (a.Block == nil || a.Block.Prefix) }

// Plain says whether the number is an ordinary stranger's, which can be allowed, blocked and reported.
func (a whyAnswer) Plain() bool {
	if a.Caller.Number == "" || a.Known.Contact != nil {
		return false
	}
	_, never := screening.NeverBlocked(a.Caller.Number, a.House.Region)
	return !never && !a.Caller.Internal
}

func (s blockHandlers) why(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	const title = "Why is a number blocked?"
	page := whyPage{Typed: strings.TrimSpace(r.FormValue("number")), Category: categories(store.CategoryOther)}
	if page.Typed != "" {
		found, err := s.Store.Lookup(r.Context(), v.Household.Name, v.Household.Line, page.Typed, v.Now)
		switch {
		case err == nil:
			page.Answer = toAnswer(v, found)
		case household.IsTechnical(err):
			return err
		default:
			page.Wrong = screening.Sentence(err)
		}
	}
	if page.Wrong != "" {
		return s.showAgain(w, v, "why", "blocks", title, page)
	}
	return s.show(w, r, v, "why", "blocks", title, page)
}

func toAnswer(v *backend.Visitor, found store.Lookup) *whyAnswer {
	a := &whyAnswer{Lookup: found, Sentence: found.Verdict.Sentence(found.Caller, v.Household.Region), Shown: v.National(found.Caller.Number)}
	a.Level = map[screening.Action]string{screening.Ring: "ok", screening.TurnAway: "stop"}[found.Verdict.Action]
	if a.Level == "" {
		a.Level = "warn"
	}
	for _, e := range found.Known.Entries {
		if e.Counts(v.Now) {
			a.Entries = append(a.Entries, entryRow{e, strings.ReplaceAll(e.Category, "-", " "), screening.Percent(e.Confidence), e.TurnsAway(found.House, v.Now)})
		}
	}
	if found.Known.Block != nil {
		row := toBlockRow(v, store.Block{Block: *found.Known.Block})
		a.Block = &row
	}
	return a
}

// numberDeed serves a form that runs a deed about the number that was looked up.
func (s blockHandlers) numberDeed(deed func(*http.Request, household.Admin, screening.Number) (household.Done, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		n, err := v.Household.ParseNumber(r.FormValue("number"))
		if err != nil {
			return backend.Because(err)
		}
		done, err := deed(r, s.Admin(v), n)
		return s.finish(w, r, v, v.Path("why")+"?number="+url.QueryEscape(v.National(n)), done, err)
	}
}

func allowNumber(r *http.Request, a household.Admin, n screening.Number) (household.Done, error) {
	return a.Allow(r.Context(), n, r.FormValue("name"), "")
}

func blockNumber(r *http.Request, a household.Admin, n screening.Number) (household.Done, error) {
	return a.Block(r.Context(), n, r.FormValue("note"))
}

func reportNumber(r *http.Request, a household.Admin, n screening.Number) (household.Done, error) {
	category := r.FormValue("category")
	if category == "" {
		return household.Done{}, backend.Refuse("Choose what they do.")
	}
	return a.Report(r.Context(), n, category)
}
