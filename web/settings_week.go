package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/web/backend"
)

// A cell of the week is one letter, as static/week.js writes it: a mode's, or "." for the household's own; in quiet hours a capital, or
// "_". "?" in what comes back is a cell that nobody has touched.
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
	Quiet    optionInput // what happens to contacts in quiet hours
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

func (s settingsHandlers) weekData(r *http.Request, v *backend.Visitor) (weekPage, error) {
	chosen, err := s.Admin(v).Chosen(r.Context())
	if err != nil {
		return weekPage{}, err
	}
	house, week := chosen.Household, chosen.Times.Week
	p := weekPage{Zone: household.ZoneName(v.Zone()), Own: household.ModeName(house.Mode), Was: household.SeenWeek(week), Brushes: brushes()}
	if house.Mode == "" {
		p.Own = household.ModeName(screening.Ask)
	}
	for _, span := range week {
		p.Spans = append(p.Spans, weekSpan{span.String(), household.SpanInWords(span)})
	}
	for _, d := range screening.Weekdays() {
		p.Days = append(p.Days, option{Value: screening.DaysOf(d).String(), Words: d.String()})
	}
	grid := screening.GridOf(week)
	for half := range screening.HalfHours {
		row := weekRow{Time: screening.Clock(half * 30).String(), Hour: half%2 == 0}
		for _, d := range screening.Weekdays() {
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

// weekInShort sums up the week.
func weekInShort(week []screening.Span) string {
	switch len(week) {
	case 0:
		return "every hour is the same"
	case 1:
		return household.SpanInWords(week[0])
	default:
		return screening.Counted(len(week), "time", "times") + " set"
	}
}

// paintWeek takes a week that was painted: a letter for each half hour, from Monday on.
func paintWeek(r *http.Request, a household.Admin) (household.Done, error) {
	letters := r.FormValue("cells")
	if len(letters) != 7*screening.HalfHours {
		return household.Done{}, backend.Refuse("The painted week did not arrive whole. Please paint it again.")
	}
	return a.PaintWeek(r.Context(), r.PostFormValue("was"), func(grid *screening.Grid) error {
		for i, letter := range []byte(letters) {
			if letter == untouched {
				continue
			}
			cell, known := cellOf(letter)
			if !known {
				return errors.New("the painted week cannot be read: paint it again")
			}
			grid[screening.Weekdays()[i/screening.HalfHours]][i%screening.HalfHours] = cell
		}
		return nil
	})
}

// addTime adds a time by its days, its beginning and end.
func addTime(r *http.Request, a household.Admin) (household.Done, error) {
	if err := r.ParseForm(); err != nil {
		return household.Done{}, backend.Refuse("The form cannot be read. Please try again.")
	}
	days := strings.Join(r.PostForm["day"], ",")
	if every := screening.Daily.String(); slices.Contains(r.PostForm["day"], every) {
		days = every
	}
	if days == "" {
		return household.Done{}, backend.Refuse("Choose at least one day.")
	}
	span, err := screening.ParseSpan(days + " " + r.FormValue("from") + "-" + r.FormValue("to") + " " + r.FormValue("what"))
	if err != nil {
		return household.Done{}, backend.Because(err)
	}
	return a.AddTime(r.Context(), r.PostFormValue("was"), span)
}

func removeTime(r *http.Request, a household.Admin) (household.Done, error) {
	return a.RemoveTime(r.Context(), r.PostFormValue("was"), r.FormValue("span"))
}

func clearWeek(r *http.Request, a household.Admin) (household.Done, error) {
	return a.ClearWeek(r.Context(), r.PostFormValue("was"))
}
