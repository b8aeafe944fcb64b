package web

import (
	"net/http"
	"strings"

	"ringfence/screening"
)

func (s *Server) checksRoutes() []route {
	return []route{
		{"GET /h/{household}/settings/checks", see, s.checksPage},
		{"POST /h/{household}/settings/checks", change, s.setChecks},
	}
}

// kind is a kind of callers for which something else than the mode can be chosen.
type kind struct {
	Name, Words, More string
	Options           []option
	field             func(*screening.Policy) *screening.Action
}

func kinds() []kind {
	return []kind{
		{Name: "withheld", Words: "Callers who hide their number", More: "Hospitals and surgeries often do; so do many scammers.", field: func(p *screening.Policy) *screening.Action { return &p.Withheld }},
		{Name: "unavailable", Words: "Calls without a number", More: "The network does not know it: some calls from abroad, and from old exchanges.", field: func(p *screening.Policy) *screening.Action { return &p.Unavailable }},
		{Name: "international", Words: "Calls from other countries", More: "Family abroad rings in any case if they are contacts.", field: func(p *screening.Policy) *screening.Action { return &p.International }},
		{Name: "premium-rate", Words: "Calls from premium-rate numbers", More: "To ring such a number back is expensive.", field: func(p *screening.Policy) *screening.Action { return &p.PremiumRate }},
	}
}

// actionWords are what can be done with a kind of callers.
var actionWords = []option{
	{Value: "", Words: "Like other unknown callers"}, {Value: string(screening.Ring), Words: "Let them ring"},
	{Value: string(screening.Screen), Words: "Ask who it is"}, {Value: string(screening.Message), Words: "Let them leave a message"},
	{Value: string(screening.TurnAway), Words: "Turn them away"},
}

type checksPage struct {
	Kinds       []kind
	HumanCheck  []option
	RingDialled bool
	DialGuard   bool
}

func (s *Server) checksPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	check := house.HumanCheck
	if check == "" {
		check = screening.CheckOff
	}
	p := checksPage{Kinds: kinds(), RingDialled: house.RingDialled, DialGuard: house.DialGuard, HumanCheck: choose(check,
		option{Value: string(screening.CheckOff), Words: "Nobody", More: "To say who they are is enough."},
		option{Value: string(screening.CheckHidden), Words: "Those who show no number of this country", More: "Hidden numbers, missing ones, and calls from abroad."},
		option{Value: string(screening.CheckAlways), Words: "All unknown callers", More: "Most recorded calls end here. It is one step more for a genuine stranger."})}
	for i, k := range p.Kinds {
		p.Kinds[i].Options = choose(*k.field(&house.Policy), append([]option{}, actionWords...)...)
	}
	return s.show(w, r, v, "settings-checks", "settings", "Kinds of callers", p)
}

func (s *Server) setChecks(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	for _, k := range kinds() {
		if *k.field(&house.Policy), err = among(r, k.Name, "", screening.Ring, screening.Screen, screening.Message, screening.TurnAway); err != nil {
			return err
		}
	}
	if house.HumanCheck, err = among(r, "human-check", screening.CheckOff, screening.CheckHidden, screening.CheckAlways); err != nil {
		return err
	}
	house.RingDialled, house.DialGuard = r.FormValue("ring-dialled") == "on", r.FormValue("dial-guard") == "on"
	return s.save(w, r, v, house, "Kept. "+checksInWords(house), v.Path("settings", "checks"))
}

// checksInWords is what is chosen for kinds of callers, in short.
func checksInWords(house screening.Household) string {
	var all []string
	for _, k := range kinds() {
		if a := *k.field(&house.Policy); a != "" {
			all = append(all, k.Words+": "+map[screening.Action]string{
				screening.Ring: "ring", screening.Screen: "are asked who it is", screening.Message: "can leave a message", screening.TurnAway: "are turned away",
			}[a]+".")
		}
	}
	switch house.HumanCheck {
	case screening.CheckAlways:
		all = append(all, "Unknown callers must press a key, which a recording cannot.")
	case screening.CheckHidden:
		all = append(all, "Callers without a number of this country must press a key, which a recording cannot.")
	}
	if house.RingDialled {
		all = append(all, "Numbers that the household rang within a year ring.")
	}
	if house.DialGuard {
		all = append(all, "The household is warned before it rings a scam number.")
	}
	if len(all) == 0 {
		return "All unknown callers are treated alike."
	}
	return strings.Join(all, " ")
}
