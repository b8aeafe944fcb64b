package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/screening"
)

// weekdays are the days as people count them.
var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// A cell of the week in one letter, as the page and its script write it: a mode's, or "." for the household's own; in quiet
// hours a capital, or "_". "?" in what comes back is a cell that nobody has touched.
const untouched = '?'

var cellLetters = map[screening.Mode]byte{"": '.', screening.Ask: 'a', screening.KnownOnly: 'k', screening.BlockOnly: 'b', screening.Watch: 'w', screening.Off: 'o'}

func letterOf(c screening.Cell) string {
	letter := string(cellLetters[c.Mode])
	if c.Quiet {
		letter = strings.ToUpper(strings.ReplaceAll(letter, ".", "_"))
	}
	return letter
}

func cellOf(letter byte) (screening.Cell, bool) {
	for mode, small := range cellLetters {
		switch string(letter) {
		case string(small):
			return screening.Cell{Mode: mode}, true
		case letterOf(screening.Cell{Mode: mode, Quiet: true}):
			return screening.Cell{Mode: mode, Quiet: true}, true
		}
	}
	return screening.Cell{}, false
}

type weekPage struct {
	Zone     string
	Own      string // the household's own mode
	Rows     []weekRow
	Spans    []weekSpan
	Was      string // the schedule that the page shows, for the forms
	Brushes  []option
	Days     []option
	Quiet    optionInput // what is done with contacts in quiet hours
	QuietWas string
}

// weekRow is half an hour of all days.
type weekRow struct {
	Time  string
	Hour  bool // on the hour
	Cells []weekCell
}

type weekCell struct {
	Letter, Day, Words string
	Mixed              bool
}

type weekSpan struct{ Text, Words string }

func (s settingsHandlers) weekPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.weekData(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-week", "settings", "The week", data)
}

func (s settingsHandlers) weekData(r *http.Request, v *visit) (weekPage, error) {
	chosen, err := s.admin(v).Chosen(r.Context())
	if err != nil {
		return weekPage{}, err
	}
	house, week := chosen.Household, chosen.Times.Week
	p := weekPage{Zone: zoneName(v), Own: household.ModeName(house.Mode), Was: household.SeenWeek(week), Brushes: brushes()}
	if house.Mode == "" {
		p.Own = household.ModeName(screening.Ask)
	}
	for _, span := range week {
		p.Spans = append(p.Spans, weekSpan{span.String(), household.SpanInWords(span)})
	}
	for _, d := range weekdays {
		p.Days = append(p.Days, option{Value: screening.DaysOf(d).String(), Words: d.String()})
	}
	grid := screening.GridOf(week)
	for half := range screening.HalfHours {
		row := weekRow{Time: screening.Clock(half * 30).String(), Hour: half%2 == 0}
		for _, d := range weekdays {
			c := grid[d][half]
			row.Cells = append(row.Cells, weekCell{letterOf(c), d.String(), cellInWords(c), c.Mixed})
		}
		p.Rows = append(p.Rows, row)
	}
	contacts := optionsOf(household.PageWeek)
	p.Quiet, p.QuietWas = inputOf(contacts[0], chosen, nil), chosen.Seen(contacts...)
	return p, nil
}

func brushes() []option {
	all := []option{{Value: ".", Words: "As usual", More: "Nothing special: rubs out"}}
	for _, m := range household.Modes() {
		all = append(all, option{Value: string(cellLetters[screening.Mode(m.Word)]), Words: m.Words})
	}
	return append(all, option{Value: "+", Words: "Quiet hours"}, option{Value: "-", Words: "Not quiet"})
}

func cellInWords(c screening.Cell) string {
	words := "as usual"
	if c.Mode != "" {
		words = household.ModeName(c.Mode)
	}
	if c.Quiet {
		words += ", quiet"
	}
	if c.Mixed {
		words += ", changes within"
	}
	return words
}

// zoneName is how the household's clocks are called.
func zoneName(v *visit) string {
	if v.Household.Zone == nil || v.Household.Zone == time.Local {
		return "this machine"
	}
	return v.Household.Zone.String()
}

// weekInWords is what the week does, in short.
func weekInWords(week []screening.Span) string {
	if len(week) == 0 {
		return "Every hour is the same. You can paint quiet nights, for example."
	}
	var all []string
	for _, span := range week {
		all = append(all, household.SpanInWords(span))
	}
	const most = 3
	if len(all) > most {
		return strings.Join(all[:most], ". ") + ". And more."
	}
	return strings.Join(all, ". ") + "."
}

// weekTold ends a form of the schedule.
func (s settingsHandlers) weekTold(w http.ResponseWriter, r *http.Request, v *visit, done household.Done, err error) error {
	if err != nil {
		return s.again(w, v, asFault(err), "settings-week", "The week", func() (any, error) { return s.weekData(r, v) })
	}
	return s.tell(w, r, v, v.Path("settings", "week"), done, nil)
}

// paintWeek takes a week that was painted: a letter for each half hour, from Monday on.
func (s settingsHandlers) paintWeek(w http.ResponseWriter, r *http.Request, v *visit) error {
	letters := r.FormValue("cells")
	if len(letters) != 7*screening.HalfHours {
		return refused("The painted week did not arrive whole. Please paint it again.")
	}
	done, err := s.admin(v).PaintWeek(r.Context(), r.PostFormValue("was"), func(grid *screening.Grid) error {
		for i, letter := range []byte(letters) {
			if letter == untouched {
				continue
			}
			cell, known := cellOf(letter)
			if !known {
				return errors.New("the painted week cannot be read: paint it again")
			}
			grid[weekdays[i/screening.HalfHours]][i%screening.HalfHours] = cell
		}
		return nil
	})
	return s.weekTold(w, r, v, done, err)
}

// addTime adds a time by its days, its beginning and end.
func (s settingsHandlers) addTime(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return refused("The form cannot be read. Please try again.")
	}
	span, err := screening.Span{}, refused("Choose at least one day.")
	if days := strings.Join(r.PostForm["day"], ","); days != "" {
		if span, err = screening.ParseSpan(days, r.FormValue("from")+"-"+r.FormValue("to"), r.FormValue("what")); err != nil {
			err = refused("%s", sentence(err))
		}
	}
	var done household.Done
	if err == nil {
		done, err = s.admin(v).AddTime(r.Context(), r.PostFormValue("was"), span)
	}
	return s.weekTold(w, r, v, done, err)
}

func (s settingsHandlers) removeTime(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.admin(v).RemoveTime(r.Context(), r.PostFormValue("was"), r.FormValue("span"))
	return s.weekTold(w, r, v, done, err)
}

func (s settingsHandlers) clearWeek(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.admin(v).ClearWeek(r.Context(), r.PostFormValue("was"))
	return s.weekTold(w, r, v, done, err)
}

func (s settingsHandlers) setQuietContacts(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.setOptions(r, v, sentOptions(r, optionsOf(household.PageWeek)...))
	return s.weekTold(w, r, v, done, err)
}
