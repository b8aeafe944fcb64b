package main

import (
	"context"
	"fmt"
	"strings"

	"ringfence/asterisk"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/web"
)

// facts are what ringfence.toml says of households, and their phrases, for the settings' pages.
type facts struct {
	settings settings
	lines    *ivr.Lines
	book     choices
}

// House implements web.Houses. Passwords stay in ringfence.toml.
func (f facts) House(household string) web.House {
	h := f.settings.named(household)
	house := web.House{KeepDays: f.settings.KeepDays, Region: h.inFile, Server: f.settings.Asterisk.server()}
	words := englishCodes()
	for _, c := range h.codes() {
		house.Codes = append(house.Codes, web.FeatureCode{Keys: c.Keys, What: words[c.Name]})
	}
	for _, p := range h.Phones {
		phone := web.PhoneFacts{Name: p.Name, Address: p.Address}
		if p.Address == "" {
			phone.User = asterisk.Household{Name: h.Name}.Endpoint(asterisk.Phone{Name: p.Name})
		}
		house.Phones = append(house.Phones, phone)
	}
	for _, t := range f.settings.Trunks {
		if t.Name == h.Trunk {
			house.Trunk = web.TrunkFacts{Name: t.Name, Address: t.Address, How: t.how()}
		}
	}
	return house
}

// how says in a sentence how the two sides of a trunk know each other.
func (t trunkSettings) how() string {
	switch {
	case t.Register:
		return fmt.Sprintf("Ringfence registers there, as %s.", t.User)
	case t.Password != "":
		return fmt.Sprintf("The other side proves itself with a password, as %s.", asterisk.Trunk{Name: t.Name}.Endpoint())
	default:
		return "The other side is known by its address."
	}
}

// Card implements web.Houses.
func (f facts) Card(household string) (string, error) {
	h := f.settings.named(household)
	h.Region = f.lines.Of(household).Region
	return h.card()
}

// Standard implements web.Phrases. A greeting has no usual words.
func (f facts) Standard(household, phrase string) (words string, wav []byte) {
	language := f.lines.Of(household).Language
	return strings.TrimSpace(prompts.Text(language, prompts.ID(phrase))), prompts.Recording(language, prompts.ID(phrase), prompts.Narrow)
}

// Set implements web.Phrases.
func (f facts) Set(ctx context.Context, household, phrase string, wav []byte) error {
	return f.book.SetPhrase(ctx, household, prompts.ID(phrase), wav)
}

// Remove implements web.Phrases.
func (f facts) Remove(ctx context.Context, household, phrase string) error {
	return f.book.RemovePhrase(ctx, household, prompts.ID(phrase))
}
