package app

import (
	"context"
	"fmt"
	"strings"

	"ringfence/app/card"
	"ringfence/app/ivrstore"
	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/setup"
	"ringfence/web/backend"
)

// households is what the pages of settings show of a household: what ringfence.toml says, and its phrases.
type households struct {
	current *config.Current
	lines   *ivr.Lines
	sounds  ivrstore.Sounds
}

// House implements backend.Houses. Passwords stay in ringfence.toml.
func (h households) House(household string) backend.House {
	s, of := h.current.Settings(), h.current.Named(household)
	house := backend.House{KeepDays: s.KeepDays, Region: of.FileRegion, Server: s.Asterisk.SIPServer(), Wiring: setup.WiringOf(s, household)}
	lines, _ := card.EnglishLines(of) // a test sees to it that every code has words
	for _, l := range lines {
		house.Codes = append(house.Codes, backend.FeatureCode{Keys: l.Keys, What: l.What})
	}
	for _, p := range of.Phones {
		phone := backend.PhoneDetails{Name: p.Name, Address: p.Address}
		if p.Address == "" {
			phone.User = of.Endpoint(p)
		}
		house.Phones = append(house.Phones, phone)
	}
	if t := h.current.Trunk(of.Trunk); t.Name != "" {
		house.Trunk = backend.TrunkDetails{Name: t.Name, Address: t.Address, How: howKnown(t)}
	}
	return house
}

// howKnown says in a sentence how the two sides of a trunk recognise each other.
func howKnown(t config.Trunk) string {
	switch {
	case t.SRTP:
		return fmt.Sprintf("Ringfence registers there, as %s. Calls and their sound are encrypted on the way (TLS and SRTP).", t.User)
	case t.TLS:
		return fmt.Sprintf("Ringfence registers there, as %s. The connection is encrypted (TLS), the sound is not.", t.User)
	case t.Register:
		return fmt.Sprintf("Ringfence registers there, as %s.", t.User)
	case t.Password != "":
		return fmt.Sprintf("The other side proves itself with a password, as %s.", asterisk.Trunk{Name: t.Name}.Endpoint())
	default:
		return "The other side is known by its address."
	}
}

// Card implements backend.Houses.
func (h households) Card(household string) (string, error) {
	of := h.current.Named(household)
	of.Region = h.lines.Of(household).Region
	return card.Page(of)
}

// Standard implements web.Phrases. There is no standard greeting.
func (h households) Standard(household, phrase string) (words string, wav []byte) {
	language := h.lines.Of(household).Language
	return strings.TrimSpace(prompts.Text(language, prompts.ID(phrase))), prompts.Recording(language, prompts.ID(phrase), prompts.Narrow)
}

// Publish implements web.Phrases.
func (h households) Publish(ctx context.Context, household, phrase string) error {
	return h.sounds.Publish(ctx, household, phrase)
}
