package web

import (
	"errors"
	"net/http"
	"strings"

	"ringfence/screening"
)

func (s *Server) carerRoutes() []route {
	return []route{
		{"GET /h/{household}/settings/carer", see, s.carerPage},
		{"POST /h/{household}/settings/carer", change, s.setCarer},
	}
}

type carerPage struct {
	Number, Wrong string
	When          []option
}

func carerOptions(now screening.CarerWhen) []option {
	return choose(now,
		option{Value: "", Words: "None", More: "The telephone at the house is the only one that rings."},
		option{Value: string(screening.CarerNoAnswer), Words: "Calls that nobody answers", More: "Your telephone rings when nobody at the house has picked up."},
		option{Value: string(screening.CarerUnknown), Words: "Calls of people whom the household does not know", More: "You hear who it is, and decide, in place of the household."},
		option{Value: string(screening.CarerAlways), Words: "Every call", More: "Your telephone rings together with those at the house."})
}

func (s *Server) carerPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-carer", "settings", "Calls that go on to you", carerPage{carerNumber(v, house), "", carerOptions(house.CarerWhen)})
}

func carerNumber(v *visit, house screening.Household) string {
	if house.CarerNumber == "" {
		return ""
	}
	return v.National(house.CarerNumber)
}

func (s *Server) setCarer(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	when, err := among(r, "when", screening.CarerOff, screening.CarerNoAnswer, screening.CarerUnknown, screening.CarerAlways)
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(r.FormValue("number"))
	var wrong error
	switch {
	case typed != "":
		house.CarerNumber, wrong = house.ParseCarerNumber(typed)
	case when != screening.CarerOff:
		wrong = errors.New("calls can only go on to a number: type your own")
	default:
		house.CarerNumber = ""
	}
	if wrong != nil {
		return s.showAgain(w, v, "settings-carer", "settings", "Calls that go on to you", carerPage{typed, sentence(wrong), carerOptions(when)}, "Nothing was changed: look at the number below.")
	}
	house.CarerWhen = when
	return s.save(w, r, v, house, carerInWords(v, house), v.Path("settings", "carer"))
}

// carerInWords says which calls go on.
func carerInWords(v *visit, house screening.Household) string {
	to := " go on to " + carerNumber(v, house) + "."
	switch house.CarerWhen {
	case screening.CarerNoAnswer:
		return "Calls that nobody answers" + to
	case screening.CarerUnknown:
		return "Calls of people whom the household does not know" + to
	case screening.CarerAlways:
		return "All calls" + to
	}
	return "No call goes on to another telephone."
}
