package web

import (
	"net/http"
	"slices"
	"strings"

	"ringfence/household"
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
		{"POST /h/{household}/settings/week", backend.Change, s.doOn(week, toWeek, paintWeek)},
		{"POST /h/{household}/settings/week/add", backend.Change, s.doOn(week, toWeek, addTime)},
		{"POST /h/{household}/settings/week/remove", backend.Change, s.doOn(week, toWeek, removeTime)},
		{"POST /h/{household}/settings/week/clear", backend.Change, s.doOn(week, toWeek, clearWeek)},
		{"POST /h/{household}/settings/week/contacts", backend.Change, s.doOn(week, toWeek, setOptions(optionsOf(household.PageWeek)...))},
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
	}, s.optionsOn(household.PageChecks, "Kinds of callers"), s.optionsOn(household.PageCarer, "Calls that go on to you"),
		s.optionsOn(household.PageEmergency, "Emergencies"), s.optionsOn(household.PageHouse, "Name and country"))
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
	holds := func(name string) string {
		o, _ := household.OptionByName(name)
		return o.Sentence(chosen)
	}
	own, err := s.ownPhrases(ctx, home)
	if err != nil {
		return err
	}
	at := func(page, title, now string) setting { return setting{v.Path("settings", page), title, now} }
	groups := []settingGroup{
		{"When somebody rings", []setting{
			at("mode", "How strict Ringfence is", household.NowInWords(chosen.Household, v.Now)),
			at("week", "The week", weekInWords(chosen.Times.Week)),
			at("checks", "Kinds of callers", inShort(chosen, household.PageChecks, "All unknown callers are treated alike.")),
			at("carer", "Calls that go on to you", holds("carer-when")),
		}},
		{"What callers hear", []setting{at("phrases", "Greeting and phrases", own)}},
		{"To be on the safe side", []setting{
			at("emergency", "Emergencies", holds("emergency")),
			{Path: v.Path("alerts"), Title: "Alerts", Now: "What Ringfence lets you know about, how and when."},
			at("card", "The card to keep by the phone", "What the keys do, in large type, to print."),
		}},
		{"This household", []setting{
			at("house", "Name and country", chosen.About.Called()+", "+household.CountryName(v.Household.Region)+"."),
			at("telephones", "Telephones and line", s.Switchboard.Line(home).State().Sentence),
			at("keeping", "How long calls are kept", strings.TrimSuffix(holds("keep-days"), " from now on.")+"."),
		}},
	}
	if v.Owns() {
		last := &groups[len(groups)-1]
		last.Settings = append(last.Settings, at("backup", "Backup", "One file with everything, to download or restore."),
			setting{v.Path("export"), "Download your data", "Everything that is kept about this household, in one file to read or to take elsewhere."},
			setting{v.Path("forget"), "Forget a caller", "Erase all that is kept about one caller, if they ask you to."})
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
