package web

import "net/http"

type telephonesPage struct {
	State  lineState
	House  House
	Fault  string
	Phones []telephone
	Line   partState
}

// telephone is one with how it is and how it reaches Ringfence.
type telephone struct {
	PhoneFacts
	State partState
}

// telephonesPage shows everything about telephones and line but their passwords, which stand in ringfence.toml alone.
func (s settingsHandlers) telephonesPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	facts := s.Houses.House(v.Household.Name)
	p := telephonesPage{State: stateOf(s.Switchboard.Line(v.Household.Name)), House: facts, Fault: s.Regions.Fault()}
	part := func(what string) partState {
		for _, part := range p.State.Parts {
			if part.What == what {
				return part
			}
		}
		return partState{Level: "warn", Words: "can't be checked at the moment"}
	}
	p.Line = part("The line")
	for _, phone := range facts.Phones {
		p.Phones = append(p.Phones, telephone{phone, part("Telephone " + phone.Name)})
	}
	return s.show(w, r, v, "settings-telephones", "settings", "Telephones and line", p)
}
