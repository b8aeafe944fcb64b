package web

import (
	"net/http"
	"strconv"

	"ringfence/store"
)

func (s *Server) keepingRoutes() []route {
	return []route{
		{"GET /h/{household}/settings/keeping", see, s.keepingPage},
		{"POST /h/{household}/settings/keeping", change, s.setKeeping},
	}
}

type keepingPage struct {
	Days    string
	Words   string // Days, as people say them
	Now     string
	Machine int
	// Asked is what would be deleted at once if Days were chosen; nil where nothing was chosen yet.
	Asked *store.Expiring
}

func (s *Server) keepingPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.keepingData(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-keeping", "settings", "How long calls are kept", p)
}

func (s *Server) keepingData(r *http.Request, v *visit) (keepingPage, error) {
	about, err := s.Store.About(r.Context(), v.Household.Name)
	facts := s.Houses.House(v.Household.Name)
	days := keptDays(about, facts)
	return keepingPage{Days: strconv.Itoa(days), Now: daysInWords(days), Machine: facts.KeepDays}, err
}

// setKeeping keeps for how many days calls are kept. Where that deletes something it asks first, and says what.
func (s *Server) setKeeping(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, home := r.Context(), v.Household.Name
	p, err := s.keepingData(r, v)
	if err != nil {
		return err
	}
	title := "How long calls are kept"
	before, err := s.Store.About(ctx, home)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(r.FormValue("days"))
	var would store.Expiring
	if err == nil {
		would, err = s.Store.WouldExpire(ctx, home, days, v.Now)
	}
	if err != nil {
		p.Days = r.FormValue("days")
		return s.showAgain(w, v, "settings-keeping", "settings", title, p, "Please type a number of days, from 1 to 3650.")
	}
	shorter := days < keptDays(before, s.Houses.House(home))
	if shorter && would != (store.Expiring{}) && r.FormValue("sure") != "yes" {
		p.Days, p.Words, p.Asked = strconv.Itoa(days), daysInWords(days), &would
		return s.show(w, r, v, "settings-keeping", "settings", title, p)
	}
	if err := s.Store.SetKeepDays(ctx, home, days); err != nil {
		return refused("%s", sentence(err))
	}
	return s.saved(w, r, v, "Calls and recordings are kept for "+daysInWords(days)+" from now on.", v.Path("settings", "keeping"), nil)
}
