package web

import (
	"net/http"
	"slices"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/web/backend"
)

// settingsHandlers are for what a household chooses: a page for each job, and a first page that says what is set, so that nobody has to
// open the others to see it.
type settingsHandlers struct{ *Server }

func (s settingsHandlers) routes() []route {
	week, toWeek := viewOf("settings-week", "settings", "The week", s.weekData), at("settings", "week")
	return slices.Concat([]route{
		{"GET /h/{household}/settings", backend.See, s.settings},
		{"GET /h/{household}/settings/mode", backend.See, s.page(s.modeView(false))},
		{"POST /h/{household}/settings/mode", backend.Change, s.setMode},
		{"POST /h/{household}/settings/mode/expect", backend.Change, s.do(at("settings", "mode"), expect)},
		{"GET /h/{household}/settings/week", backend.See, s.page(week)},
		{"POST /h/{household}/settings/week", backend.Change, s.tryOn(week, toWeek, paintWeek)},
		{"POST /h/{household}/settings/week/add", backend.Change, s.tryOn(week, toWeek, addTime)},
		{"POST /h/{household}/settings/week/remove", backend.Change, s.doOn(week, toWeek, removeTime)},
		{"POST /h/{household}/settings/week/clear", backend.Change, s.doOn(week, toWeek, clearWeek)},
		{"POST /h/{household}/settings/week/contacts", backend.Change, s.tryOn(week, toWeek, setOptions(optionsOf(household.PageWeek)...))},
		{"GET /h/{household}/settings/phrases", backend.See, s.page(s.phrasesView())},
		{"GET /h/{household}/settings/phrases/{phrase}/own.wav", backend.See, s.ownPhrase},
		{"GET /h/{household}/settings/phrases/{phrase}/standard.wav", backend.See, s.standardPhrase},
		{"POST /h/{household}/settings/phrases/{phrase}", backend.Change, s.setPhrase},
		{"POST /h/{household}/settings/phrases/{phrase}/standard", backend.Change, s.backToStandard},
		{"GET /h/{household}/settings/telephones", backend.See, s.telephonesPage},
		{"GET /h/{household}/settings/card", backend.See, s.cardPage},
		{"GET /h/{household}/settings/card/print", backend.See, s.printCard},
		{"GET /h/{household}/settings/keeping", backend.See, s.page(viewOf(keepingName, "settings", keepingTitle, s.keepingData))},
		{"POST /h/{household}/settings/keeping", backend.Change, s.setKeeping},
		{"GET /h/{household}/settings/backup", backend.Own, s.page(s.backupView())},
		{"POST /h/{household}/settings/backup/download", backend.Own, s.downloadBackup},
		{"POST /h/{household}/settings/backup/restore", backend.Own, s.restoreBackup},
		{"GET /h/{household}/export", backend.Own, s.page(exportView())},
		{"POST /h/{household}/export", backend.Take, s.downloadExport},
	}, s.optionsOn(household.PageChecks, "Kinds of callers"), s.optionsOn(household.PageCarer, "Calls to your own phone"),
		s.optionsOn(household.PageEmergency, "Emergencies"), s.optionsOn(household.PageHouse, "Name and country"),
		s.optionsOn(household.PageSmartHome, "Smart home"))
}

// setting is a page of the settings, with what is set.
type setting struct{ Path, Title, Now string }

type settingGroup struct {
	Title    string
	Settings []setting
}

type settingsPage struct {
	Groups   []settingGroup
	Finished bool
}

func (s settingsHandlers) settings(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	ctx, home := r.Context(), v.Household.Name
	chosen, err := s.Admin(v).Chosen(ctx)
	if err != nil {
		return err
	}
	words := func(name string) string {
		o, _ := household.OptionByName(name)
		return o.Words(chosen)
	}
	own, err := s.ownPhrases(ctx, home)
	if err != nil {
		return err
	}
	at := func(page, title, now string) setting { return setting{v.Path("settings", page), title, now} }
	groups := []settingGroup{
		{"When somebody rings", []setting{
			at("mode", "How strict Ringfence is", household.ModeName(chosen.ModeAt(v.Now))),
			at("week", "The week", weekInShort(chosen.Times.Week)),
			at("checks", "Kinds of callers", changedInShort(chosen, household.PageChecks)),
			at("carer", "Calls to your own phone", words("carer-when")),
		}},
		{"What callers hear", []setting{at("phrases", "Greeting and phrases", own)}},
		{"Safety", []setting{
			at("emergency", "Emergencies", words("emergency")),
			{Path: v.Path("alerts"), Title: "Alerts"},
			at("card", "The card by the phone", ""),
		}},
		{"This household", []setting{
			at("house", "Name and country", chosen.About.Called()+", "+screening.CountryName(v.Household.Region)),
			at("telephones", "Phones and line", strings.TrimSuffix(s.Switchboard.Line(home).State().Sentence, ".")),
			at("keeping", "How long calls are kept", words("keep-days")),
		}},
	}
	if v.Owns() {
		last := &groups[len(groups)-1]
		last.Settings = append(last.Settings, at("smart-home", "Smart home", words("smart-home")), at("backup", "Backup", ""),
			setting{v.Path("export"), "Download your data", ""},
			setting{v.Path("forget"), "Forget a caller", ""})
	}
	return s.show(w, r, v, "settings", "settings", "Settings", settingsPage{groups, !chosen.About.Finished.IsZero()})
}

// option is one of several things of which one is chosen.
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

// choose marks the option that is chosen.
func choose[T ~string](now T, options ...option) []option {
	for i := range options {
		options[i].Chosen = options[i].Value == string(now)
	}
	return options
}
