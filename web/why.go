package web

import (
	"net/http"
	"net/url"
	"strings"

	"ringfence/screening"
	"ringfence/store"
)

func (s *Server) whyRoutes() []route {
	return []route{
		{"GET /h/{household}/why", see, s.why},
		{"POST /h/{household}/why/allow", change, s.numberAct(s.allowNumber)},
		{"POST /h/{household}/why/block", change, s.numberAct(s.blockNumber)},
		{"POST /h/{household}/why/report", change, s.numberAct(s.reportNumber)},
		{"POST /h/{household}/why/undo", change, s.numberAct(s.undoNumber)},
	}
}

// whyPage is a question and its answer.
type whyPage struct {
	Typed    string
	Answer   *whyAnswer // nil: nothing was asked yet
	Category []option
}

// whyAnswer is what would be done with a call, and why: what `ringfence lookup` says, and what else is known.
type whyAnswer struct {
	store.Lookup
	Sentence string
	Level    string // ok, warn or stop
	Shown    string // the number as people write it; "" for none
	Entries  []entryRow
	Block    *blockRow
}

// entryRow is what one list says of a number.
type entryRow struct {
	screening.Entry
	Category string // in words
	Percent  int
	Turns    bool // sure enough to turn callers away, and of a list that may
}

// CanBlock says whether the number can be blocked here: no contact's, and none that always rings.
func (a whyAnswer) CanBlock() bool { return a.Plain() && (a.Block == nil || a.Block.Prefix) }

// Plain says whether the number is an ordinary stranger's, which can be allowed, blocked and reported.
func (a whyAnswer) Plain() bool {
	if a.Caller.Number == "" || a.Known.Contact != nil {
		return false
	}
	_, never := screening.NeverBlocked(a.Caller.Number, a.House.Region)
	return !never
}

func (s *Server) why(w http.ResponseWriter, r *http.Request, v *visit) error {
	page := whyPage{Typed: strings.TrimSpace(r.FormValue("number")), Category: categories(store.CategoryOther)}
	if page.Typed != "" {
		found, err := s.Store.Lookup(r.Context(), v.Household.Name, v.Household.Line, page.Typed, v.Now)
		if err != nil {
			return err
		}
		page.Answer = v.answer(found)
	}
	return s.show(w, r, v, "why", "blocks", "Why is a number blocked?", page)
}

func (v *visit) answer(found store.Lookup) *whyAnswer {
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
		row := v.blockRow(store.Block{Block: *found.Known.Block})
		a.Block = &row
	}
	return a
}

// numberAct makes a handler of something that is done with a number that was asked about.
func (s *Server) numberAct(do func(*http.Request, *visit, screening.Number) (act, error)) func(http.ResponseWriter, *http.Request, *visit) error {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		n, err := screening.ParseNumber(r.FormValue("number"), v.Household.Region)
		if err != nil {
			return refused("%s", sentence(err))
		}
		a, err := do(r, v, n)
		if err != nil {
			return err
		}
		if a.what != "" {
			if err := s.changed(r.Context(), v, a.what, a.told); err != nil {
				return err
			}
		}
		var back *undo
		if a.undo != nil {
			a.undo["number"] = string(n)
			back = &undo{v.Path("why", "undo"), a.undo}
		}
		return s.done(w, r, v.Path("why")+"?number="+url.QueryEscape(v.National(n)), a.told, back)
	}
}

// lookUp is what the household knows of a number.
func (s *Server) lookUp(r *http.Request, v *visit, n screening.Number) (*whyAnswer, error) {
	found, err := s.Store.Lookup(r.Context(), v.Household.Name, v.Household.Line, string(n), v.Now)
	if err != nil {
		return nil, err
	}
	return v.answer(found), nil
}

func (s *Server) allowNumber(r *http.Request, v *visit, n screening.Number) (act, error) {
	a, err := s.lookUp(r, v, n)
	if err != nil {
		return act{}, err
	}
	who := v.National(n)
	if a.Known.Contact != nil {
		return act{}, fault{http.StatusConflict, a.Known.Contact.Name + " is one of the contacts already, and always rings."}
	}
	name := strings.TrimSpace(r.FormValue("name"))
	if name == "" {
		name = who
	}
	if len(name) > store.MaxContactName {
		return act{}, refused("The name is too long: %d characters are enough.", store.MaxContactName)
	}
	back := map[string]string{"what": "allow"}
	if a.Block != nil && !a.Block.Prefix {
		block, err := s.Store.BlockByID(r.Context(), v.Household.Name, a.Block.ID)
		if err != nil {
			return act{}, gone(err)
		}
		if err := s.remember(r, sessionRemoved, removed{v.Household.Name, block}); err != nil {
			return act{}, err
		}
		back["blocked"] = "yes"
	}
	if err := s.Store.AllowNumber(r.Context(), v.Household.Name, n, name); err != nil {
		return act{}, err
	}
	return act{"caller-allowed", named(name, who) + " is one of the contacts now, and always rings.", back}, nil
}

func (s *Server) blockNumber(r *http.Request, v *visit, n screening.Number) (act, error) {
	b, err := blockForm{Number: string(n), Note: strings.TrimSpace(r.FormValue("note"))}.block(v)
	if err != nil {
		return act{}, refused("%s", sentence(err))
	}
	if _, blocked, err := s.Store.ExactBlock(r.Context(), v.Household.Name, n); err != nil || blocked {
		return act{told: v.National(n) + " is blocked already."}, err
	}
	if err := s.Store.AddBlock(r.Context(), v.Household.Name, b, v.Person.Name); err != nil {
		return act{}, refused("%s", sentence(err))
	}
	return act{"block-added", v.National(n) + " is blocked: it will not ring any more.", map[string]string{"what": "block"}}, nil
}

func (s *Server) reportNumber(r *http.Request, v *visit, n screening.Number) (act, error) {
	before, err := s.standing(r.Context(), v, n)
	if err != nil {
		return act{}, err
	}
	if err := s.file(r.Context(), v, n, r.FormValue("category")); err != nil {
		return act{}, err
	}
	back := map[string]string{"what": "report"}
	if before != "" { // a report that stood is not withdrawn by the undo of its category
		back["category"] = before
	}
	return act{"reported", v.National(n) + " is reported as: " + categoryWords[r.FormValue("category")] + ".", back}, nil
}

func (s *Server) undoNumber(r *http.Request, v *visit, n screening.Number) (act, error) {
	ctx, who := r.Context(), v.National(n)
	switch r.FormValue("what") {
	case "allow":
		if _, err := s.Store.RemoveContactNumber(ctx, v.Household.Name, n); err != nil {
			return act{}, err
		}
		var last removed
		there, err := s.recall(r, sessionRemoved, &last)
		if err != nil || r.FormValue("blocked") == "" || !there || last.Household != v.Household.Name || last.Block.Digits != digits(n) {
			return act{"undone", "Undone: " + who + " is no contact any more.", nil}, err
		}
		if err := s.Store.RestoreBlock(ctx, v.Household.Name, last.Block); err != nil {
			return act{}, refused("%s", sentence(err))
		}
		return act{"undone", "Undone: " + who + " is blocked again.", nil}, nil
	case "block":
		_, err := s.Store.RemoveBlock(ctx, v.Household.Name, digits(n), false)
		return act{"undone", "Undone: " + who + " is not blocked.", nil}, err
	case "report":
		if before := r.FormValue("category"); before != "" {
			return act{"undone", "Undone: " + who + " is reported as before: " + categoryWords[before] + ".", nil}, s.file(ctx, v, n, before)
		}
		_, err := s.Store.WithdrawReport(ctx, v.Household.Name, n)
		return act{"undone", "Undone: " + who + " is not reported.", nil}, err
	default:
		return act{}, refused("There is nothing to undo.")
	}
}
