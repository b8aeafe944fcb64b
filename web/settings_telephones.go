package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"ringfence/web/backend"
)

type telephonesPage struct {
	State  backend.LineState
	House  backend.House
	Fault  string
	Phones []telephone
	Line   backend.PartState
}

// telephone is a phone: its state, and how it reaches Ringfence.
type telephone struct {
	backend.PhoneDetails
	State backend.PartState
}

// telephonesPage shows everything about phones and line but their passwords, which are only in ringfence.toml.
func (s settingsHandlers) telephonesPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	house := s.Houses.House(v.Household.Name)
	p := telephonesPage{State: s.Switchboard.Line(v.Household.Name).State(), House: house, Fault: s.Regions.Fault()}
	part := func(what string) backend.PartState {
		for _, part := range p.State.Parts {
			if part.What == what {
				return part
			}
		}
		return backend.PartState{Level: "warn", Words: "can't be checked at the moment"}
	}
	p.Line = part("The line")
	for _, phone := range house.Phones {
		p.Phones = append(p.Phones, telephone{phone, part("Phone " + phone.Name)})
	}
	return s.show(w, r, v, "settings-telephones", "settings", "Phones and line", p)
}

func (s settingsHandlers) cardPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.show(w, r, v, "settings-card", "settings", "The card", s.Houses.House(v.Household.Name).Codes)
}

// printCard is the card itself, to be printed. Its style is inside it, because `ringfence card` writes one file; a policy of its own allows
// that style, by its hash, and nothing else.
func (s settingsHandlers) printCard(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	card, err := s.Houses.Card(v.Household.Name)
	if err != nil {
		return err
	}
	_, after, _ := strings.Cut(card, "<style>")
	style, _, _ := strings.Cut(after, "</style>")
	sum := sha256.Sum256([]byte(style))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(card))
	return nil
}
