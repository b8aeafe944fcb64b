package web

import (
	"net/http"

	"ringfence/web/backend"
)

type telephonesPage struct {
	State  backend.LineState
	House  backend.House
	Fault  string
	Phones []telephone
	Line   backend.PartState
}

// telephone is one with how it is and how it reaches Ringfence.
type telephone struct {
	backend.PhoneFacts
	State backend.PartState
}

// telephonesPage shows everything about telephones and line but their passwords, which stand in ringfence.toml alone.
func (s settingsHandlers) telephonesPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	facts := s.Houses.House(v.Household.Name)
	p := telephonesPage{State: s.Switchboard.Line(v.Household.Name).State(), House: facts, Fault: s.Regions.Fault()}
	part := func(what string) backend.PartState {
		for _, part := range p.State.Parts {
			if part.What == what {
				return part
			}
		}
		return backend.PartState{Level: "warn", Words: "can't be checked at the moment"}
	}
	p.Line = part("The line")
	for _, phone := range facts.Phones {
		p.Phones = append(p.Phones, telephone{phone, part("Telephone " + phone.Name)})
	}
	return s.show(w, r, v, "settings-telephones", "settings", "Telephones and line", p)
}
