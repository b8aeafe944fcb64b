package web

import (
	"net/http"
	"strconv"
	"time"

	"ringfence/screening"
)

func (s *Server) emergencyRoutes() []route {
	return []route{
		{"GET /h/{household}/settings/emergency", see, s.emergencyPage},
		{"POST /h/{household}/settings/emergency", change, s.setEmergency},
	}
}

type emergencyPage struct {
	Hours    []option
	Numbers  []string
	Telecare []string
	Country  string
}

// emergencyHours are those that are offered; one that was set with a command is offered too.
var emergencyHours = []int{4, 12, 24, 48, 72, 168}

func (s *Server) emergencyPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	p := emergencyPage{Numbers: screening.EmergencyNumbers(v.Household.Region), Country: regionName(v.Household.Region)}
	offered := false
	for _, hours := range emergencyHours {
		long := time.Duration(hours) * time.Hour
		p.Hours = append(p.Hours, option{Value: strconv.Itoa(hours), Words: capital(hoursInWords(long)), Chosen: long == house.AfterHelp()})
		offered = offered || long == house.AfterHelp()
	}
	if !offered {
		p.Hours = append(p.Hours, option{Value: "", Words: capital(hoursInWords(house.AfterHelp())) + ", as it is now", Chosen: true})
	}
	for _, n := range v.Household.Telecare {
		p.Telecare = append(p.Telecare, v.National(n))
	}
	return s.show(w, r, v, "settings-emergency", "settings", "Emergencies", p)
}

func (s *Server) setEmergency(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	if typed := r.FormValue("hours"); typed != "" {
		hours, err := strconv.Atoi(typed)
		if err != nil {
			return refused("Please choose for how long.")
		}
		house.Emergency = time.Duration(hours) * time.Hour
		if err := screening.CheckEmergency(house.Emergency); err != nil {
			return refused("%s", sentence(err))
		}
	}
	return s.save(w, r, v, house, "After an emergency call every call rings for "+hoursInWords(house.AfterHelp())+".", v.Path("settings", "emergency"))
}
