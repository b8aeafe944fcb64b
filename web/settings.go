package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// The settings: a page for each job. What holds now stands on the first one, so that somebody who looks what is set need not
// open any other.

func (s *Server) settingsRoutes() []route {
	return slices.Concat(
		[]route{{"GET /h/{household}/settings", see, s.settings}},
		s.modeRoutes(), s.weekRoutes(), s.checksRoutes(), s.carerRoutes(), s.emergencyRoutes(),
		s.phrasesRoutes(), s.houseRoutes(), s.telephonesRoutes(), s.cardRoutes(), s.keepingRoutes(), s.backupRoutes(), s.startRoutes(),
	)
}

// setting is a page of the settings, with what holds now.
type setting struct{ Path, Title, Now string }

type settingGroup struct {
	Title    string
	Settings []setting
}

type settingsPage struct {
	Groups   []settingGroup
	Finished bool
}

func (s *Server) settings(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, home := r.Context(), v.Household.Name
	house, err := s.house(ctx, v)
	if err != nil {
		return err
	}
	about, err := s.Store.About(ctx, home)
	if err != nil {
		return err
	}
	own, err := s.ownPhrases(ctx, home)
	if err != nil {
		return err
	}
	at := func(page, title, now string) setting { return setting{v.Path("settings", page), title, now} }
	facts := s.Houses.House(home)
	groups := []settingGroup{
		{"When somebody rings", []setting{
			at("mode", "How strict Ringfence is", modeNow(v, house)),
			at("week", "The week", weekInWords(house.Times.Week)),
			at("checks", "Kinds of callers", checksInWords(house)),
			at("carer", "Calls that go on to you", carerInWords(v, house)),
		}},
		{"What callers hear", []setting{at("phrases", "Greeting and phrases", own)}},
		{"To be on the safe side", []setting{
			at("emergency", "Emergencies", fmt.Sprintf("After an emergency call every call rings for %s.", hoursInWords(house.AfterHelp()))),
			{Path: v.Path("being-told"), Title: "Being told", Now: "Of what, how and when Ringfence tells you what happens here."},
			at("card", "The card for beside the telephone", "What the keys do, in large type, to print."),
		}},
		{"This household", []setting{
			at("house", "Name and country", about.Called()+", "+regionName(v.Household.Region)+"."),
			at("telephones", "Telephones and line", stateOf(s.Switchboard.Line(home)).Sentence),
			at("keeping", "How long calls are kept", "For "+daysInWords(keptDays(about, facts))+"."),
		}},
	}
	if v.Owns() {
		last := &groups[len(groups)-1]
		last.Settings = append(last.Settings, at("backup", "Backup", "One file with everything, to download or put back."))
	}
	return s.show(w, r, v, "settings", "settings", "Settings", settingsPage{groups, !about.Finished.IsZero()})
}

// house is what the household has chosen, with what is needed to know what holds now.
func (s *Server) house(ctx context.Context, v *visit) (screening.Household, error) {
	house, err := s.Store.Household(ctx, v.Household.Name)
	return v.Household.Complete(house), err
}

// save keeps what a page has changed of a household's choices, and writes down who did. back is the address of the page.
func (s *Server) save(w http.ResponseWriter, r *http.Request, v *visit, house screening.Household, told, back string) error {
	if err := s.Store.SaveHousehold(r.Context(), v.Household.Name, house); err != nil {
		return refused("%s", sentence(err))
	}
	return s.saved(w, r, v, told, back, nil)
}

// saved ends a form of the settings; was is what undoes it, nil for nothing.
func (s *Server) saved(w http.ResponseWriter, r *http.Request, v *visit, told, back string, was *undo) error {
	if err := s.changed(r.Context(), v, "settings", told); err != nil {
		return err
	}
	return s.done(w, r, back, told, was)
}

// option is one of several words of which one is chosen.
type option struct {
	Value, Words, More string
	Chosen             bool
}

// optionField are options in a form, for the shared parts "options" and "select".
type optionField struct {
	Name, Described string
	Options         []option
}

// newOptions is the template's function "options".
func newOptions(name string, options []option) optionField {
	return optionField{Name: name, Options: options}
}

// choose marks the option that holds.
func choose[T ~string](now T, options ...option) []option {
	for i := range options {
		options[i].Chosen = options[i].Value == string(now)
	}
	return options
}

// among is a value that a form has sent, where it is one of those that were offered.
func among[T ~string](r *http.Request, name string, offered ...T) (T, error) {
	typed := T(r.FormValue(name))
	if !slices.Contains(offered, typed) {
		return "", refused("%q is nothing that can be chosen there. Please choose one of those on the page.", string(typed))
	}
	return typed, nil
}

// hoursInWords is a time of some hours as people say it.
func hoursInWords(d time.Duration) string {
	switch hours := int(d.Round(time.Hour) / time.Hour); {
	case hours == 1:
		return "an hour"
	case hours%24 == 0 && hours > 24:
		return daysInWords(hours / 24)
	default:
		return fmt.Sprintf("%d hours", hours)
	}
}

func daysInWords(days int) string {
	if days == 1 {
		return "one day"
	}
	return fmt.Sprintf("%d days", days)
}

func keptDays(about store.About, facts House) int {
	if about.KeepDays > 0 {
		return about.KeepDays
	}
	return facts.KeepDays
}
