package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"ringfence/screening"
	"ringfence/store"
)

// callerRoutes are what can be done with a caller, one tap each, and how it is undone.
func (s *Server) callerRoutes() []route {
	return []route{
		{"POST /h/{household}/calls/{call}/allow", change, s.caller(s.allow)},
		{"POST /h/{household}/calls/{call}/block", change, s.caller(s.block)},
		{"POST /h/{household}/calls/{call}/report", change, s.caller(s.report)},
		{"POST /h/{household}/calls/{call}/name", change, s.caller(s.name)},
		{"POST /h/{household}/calls/{call}/undo", change, s.caller(s.takeBack)},
	}
}

// act is something done with a caller: what the next page and the log of changes say, and how it is undone.
type act struct {
	what, told string
	undo       map[string]string // nil: there is nothing to undo
}

// caller makes a handler of something that is done with the caller of a call.
func (s *Server) caller(do func(context.Context, *visit, store.LoggedCall, *http.Request) (act, error)) func(http.ResponseWriter, *http.Request, *visit) error {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		call, err := s.callOf(r, v)
		if err != nil {
			return err
		}
		if call.Number == "" {
			return fault{http.StatusConflict, "This caller showed no number, so nobody could know them again."}
		}
		a, err := do(r.Context(), v, call, r)
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
			back = &undo{callPath(v, call) + "/undo", a.undo}
		}
		return s.done(w, r, backTo(r, v), a.told, back)
	}
}

// backTo is the page of the household that a form was sent from; Today where that is not known.
func backTo(r *http.Request, v *visit) string {
	from, err := url.Parse(r.Referer())
	if err != nil || !strings.HasPrefix(from.Path, v.Path()) || from.Host != r.Host {
		return v.Path()
	}
	return from.RequestURI()
}

// allow makes the caller a contact.
func (s *Server) allow(ctx context.Context, v *visit, c store.LoggedCall, _ *http.Request) (act, error) {
	who := v.National(c.Number)
	if c.Contact != "" {
		return act{told: c.Contact + " is one of the contacts already, and always rings."}, nil
	}
	if whose, never := screening.NeverBlocked(c.Number, v.Household.Region); never {
		return act{}, fault{http.StatusConflict, screening.NoContact(who, whose) + "."}
	}
	block, blocked, err := s.Store.ExactBlock(ctx, v.Household.Name, c.Number)
	if err != nil {
		return act{}, err
	}
	names, err := s.Store.CallerNames(ctx, v.Household.Name)
	if err != nil {
		return act{}, err
	}
	name := cmp.Or(names[c.Number], c.Name, who)
	if err := s.Store.AllowNumber(ctx, v.Household.Name, c.Number, name); err != nil {
		return act{}, err
	}
	back := map[string]string{"what": "allow"}
	if blocked {
		kept, err := json.Marshal(block)
		if err != nil {
			return act{}, err
		}
		back["block"] = string(kept)
	}
	return act{"caller-allowed", named(name, who) + " is one of the contacts now, and always rings.", back}, nil
}

// block blocks the caller's number. A contact is not blocked by one tap: anybody can show a daughter's number.
func (s *Server) block(ctx context.Context, v *visit, c store.LoggedCall, _ *http.Request) (act, error) {
	who := v.National(c.Number)
	if c.Contact != "" {
		return act{}, fault{http.StatusConflict, c.Contact + " is one of the contacts, who always ring. To block " + who + ", take the number away from the contact first."}
	}
	if whose, never := screening.NeverBlocked(c.Number, v.Household.Region); never {
		return act{}, fault{http.StatusConflict, who + " can't be blocked: it is " + whose + "."}
	}
	if _, blocked, err := s.Store.ExactBlock(ctx, v.Household.Name, c.Number); err != nil || blocked {
		return act{told: who + " is blocked already."}, err
	}
	if err := s.Store.AddBlock(ctx, v.Household.Name, screening.Block{Digits: digits(c.Number)}, v.Person.Name); err != nil {
		return act{}, refused("%s", err)
	}
	return act{"caller-blocked", who + " is blocked: it will not ring any more.", map[string]string{"what": "block"}}, nil
}

// report says that a caller is a scam.
func (s *Server) report(ctx context.Context, v *visit, c store.LoggedCall, _ *http.Request) (act, error) {
	who := v.National(c.Number)
	if before, err := s.standing(ctx, v, c.Number); err != nil || before != "" { // whose category another carer may have chosen
		return act{told: who + " is reported already."}, err
	}
	if err := s.file(ctx, v, c.Number, store.CategoryOther); err != nil {
		return act{}, err
	}
	return act{"caller-reported", who + " is reported as a scam. The report stays in this house.", map[string]string{"what": "report"}}, nil
}

// name gives somebody who is no contact a name.
func (s *Server) name(ctx context.Context, v *visit, c store.LoggedCall, r *http.Request) (act, error) {
	name := strings.TrimSpace(r.FormValue("name"))
	before, err := s.Store.NameCaller(ctx, v.Household.Name, c.Number, name)
	if err != nil {
		return act{}, refused("%s", err)
	}
	back := map[string]string{"what": "name", "name": before}
	if name == "" {
		return act{"caller-named", v.National(c.Number) + " has no name any more.", back}, nil
	}
	return act{"caller-named", v.National(c.Number) + " is called " + name + " from now on.", back}, nil
}

// takeBack undoes one of the above. What it gets is no secret and need not be true: whoever may undo may do all of it anyway.
func (s *Server) takeBack(ctx context.Context, v *visit, c store.LoggedCall, r *http.Request) (act, error) {
	who := v.National(c.Number)
	switch r.FormValue("what") {
	case "allow":
		if _, err := s.Store.RemoveContactNumber(ctx, v.Household.Name, c.Number); err != nil {
			return act{}, err
		}
		if r.FormValue("block") == "" {
			return act{"undone", "Undone: " + who + " is no contact any more.", nil}, nil
		}
		var block store.Block
		if err := json.Unmarshal([]byte(r.FormValue("block")), &block); err != nil {
			return act{}, refused("There is nothing to undo.")
		}
		block.Digits, block.Prefix = digits(c.Number), false
		if err := s.Store.RestoreBlock(ctx, v.Household.Name, block); err != nil {
			return act{}, refused("%s", err)
		}
		return act{"undone", "Undone: " + who + " is blocked again.", nil}, nil
	case "block":
		_, err := s.Store.RemoveBlock(ctx, v.Household.Name, digits(c.Number), false)
		return act{"undone", "Undone: " + who + " is not blocked any more.", nil}, err
	case "report":
		_, err := s.Store.WithdrawReport(ctx, v.Household.Name, c.Number)
		return act{"undone", "Undone: " + who + " is not reported any more.", nil}, err
	case "name":
		if _, err := s.Store.NameCaller(ctx, v.Household.Name, c.Number, r.FormValue("name")); err != nil {
			return act{}, refused("%s", err)
		}
		return act{"undone", "Undone: " + who + " has the name that it had before.", nil}, nil
	default:
		return act{}, refused("There is nothing to undo.")
	}
}

func digits(n screening.Number) string { return strings.TrimPrefix(string(n), "+") }

// named is a name with the number, unless they are the same.
func named(name, number string) string {
	if name == number {
		return number
	}
	return name + " (" + number + ")"
}
