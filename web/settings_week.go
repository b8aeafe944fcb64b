package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

func (s *Server) weekRoutes() []route {
	return []route{
		{"GET /h/{household}/settings/week", see, s.weekPage},
		{"POST /h/{household}/settings/week", change, s.paintWeek},
		{"POST /h/{household}/settings/week/add", change, s.addTime},
		{"POST /h/{household}/settings/week/remove", change, s.removeTime},
		{"POST /h/{household}/settings/week/clear", change, s.clearWeek},
		{"POST /h/{household}/settings/week/undo", change, s.undoWeek},
		{"POST /h/{household}/settings/week/contacts", change, s.setQuietContacts},
	}
}

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
	Contacts []option
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

func (s *Server) weekPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.weekData(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "settings-week", "settings", "The week", data)
}

func (s *Server) weekData(r *http.Request, v *visit) (weekPage, error) {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return weekPage{}, err
	}
	week := house.Times.Week
	p := weekPage{Zone: zoneName(v), Own: modeName(house.Mode), Was: written(week), Brushes: brushes()}
	if house.Mode == "" {
		p.Own = modeName(screening.Ask)
	}
	for _, span := range week {
		p.Spans = append(p.Spans, weekSpan{span.String(), spanInWords(span)})
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
	quiet := house.Times.QuietContacts
	if quiet == "" {
		quiet = screening.Ring
	}
	p.Contacts = choose(quiet, option{Value: string(screening.Ring), Words: "Contacts ring, as always"},
		option{Value: string(screening.Message), Words: "Contacts can leave a message", More: "Whoever rings a second time within three minutes rings through."})
	return p, nil
}

func brushes() []option {
	all := []option{{Value: ".", Words: "As usual", More: "Nothing special: rubs out"}}
	for _, o := range modeWords {
		all = append(all, option{Value: string(cellLetters[screening.Mode(o.Value)]), Words: o.Words})
	}
	return append(all, option{Value: "+", Words: "Quiet hours"}, option{Value: "-", Words: "Not quiet"})
}

func cellInWords(c screening.Cell) string {
	words := "as usual"
	if c.Mode != "" {
		words = modeName(c.Mode)
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

// spanInWords is a time of the week as people say it.
func spanInWords(span screening.Span) string {
	what := "“" + modeName(span.Mode) + "”"
	if span.Quiet {
		what = "quiet hours"
	}
	times := span.From.String() + " to " + span.To.String()
	switch {
	case span.From == 0 && span.To == 0:
		times = "the whole day"
	case span.From == span.To:
		times = "from " + span.From.String() + " for a whole day"
	case span.To < span.From && span.To > 0:
		times += " the next morning"
	case span.To == 0:
		times = span.From.String() + " to midnight"
	}
	return daysOfWeek(span.Days) + ", " + times + ": " + what
}

// daysOfWeek are some days as people say them.
func daysOfWeek(d screening.Days) string {
	var names []string
	for _, day := range weekdays {
		if d.Has(day) {
			names = append(names, day.String())
		}
	}
	switch d {
	case screening.Daily:
		return "Every day"
	case screening.DaysOf(weekdays[:5]...):
		return "Monday to Friday"
	}
	if len(names) > 2 && strings.Count(d.String(), ",") == 0 { // in a row
		return names[0] + " to " + names[len(names)-1]
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// weekInWords is what the week does, in short.
func weekInWords(week []screening.Span) string {
	if len(week) == 0 {
		return "Every hour is the same. You can paint quiet nights, for example."
	}
	var all []string
	for _, span := range week {
		all = append(all, spanInWords(span))
	}
	const most = 3
	if len(all) > most {
		return strings.Join(all[:most], ". ") + ". And more."
	}
	return strings.Join(all, ". ") + "."
}

// written is a schedule as forms carry it: a span in each line.
func written(week []screening.Span) string {
	var lines []string
	for _, span := range week {
		lines = append(lines, span.String())
	}
	return strings.Join(lines, "\n")
}

// readWeek reads what written wrote. A span that the schedule has as it is now need not be readable.
func readWeek(text string, now []screening.Span) ([]screening.Span, error) {
	var week []screening.Span
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if line == "" {
			continue
		}
		if i := slices.IndexFunc(now, func(s screening.Span) bool { return s.String() == line }); i >= 0 {
			week = append(week, now[i])
			continue
		}
		words := strings.Fields(line)
		if len(words) != 3 {
			return nil, errors.New("a line of the week cannot be read")
		}
		span, err := screening.ParseSpan(words[0], words[1], words[2])
		if err != nil {
			return nil, err
		}
		week = append(week, span)
	}
	return week, nil
}

// changeWeek puts a schedule in the place of the one that the form was made from, and offers to undo it.
func (s *Server) changeWeek(w http.ResponseWriter, r *http.Request, v *visit, told string, change func(now []screening.Span) ([]screening.Span, error)) error {
	ctx, home := r.Context(), v.Household.Name
	now, err := s.Store.Spans(ctx, home)
	if err != nil {
		return err
	}
	err = nil
	if was := strings.ReplaceAll(r.FormValue("was"), "\r\n", "\n"); r.PostForm.Has("was") && was != written(now) {
		err = store.ErrWeekChanged
	}
	var week []screening.Span
	if err == nil {
		week, err = change(now)
	}
	if err == nil {
		err = s.Store.SetWeek(ctx, home, now, week)
	}
	if err != nil {
		// Everything of the store's that is not for people has no fault in the schedule as its reason.
		return s.again(w, v, weekFault(err), "settings-week", "The week", func() (any, error) { return s.weekData(r, v) })
	}
	back := v.Path("settings", "week")
	return s.saved(w, r, v, told, back, &undo{back + "/undo", map[string]string{"week": written(now)}})
}

// weekFault is what is wrong with a schedule, for people.
func weekFault(err error) error {
	var f fault
	if errors.As(err, &f) {
		return f
	}
	return fault{http.StatusUnprocessableEntity, sentence(err)}
}

// paintWeek takes a week that was painted: a letter for each half hour, from Monday on.
func (s *Server) paintWeek(w http.ResponseWriter, r *http.Request, v *visit) error {
	letters := r.FormValue("cells")
	if len(letters) != 7*screening.HalfHours {
		return refused("The painted week did not arrive whole. Please paint it again.")
	}
	return s.changeWeek(w, r, v, "The week is as you painted it.", func(now []screening.Span) ([]screening.Span, error) {
		grid := screening.GridOf(now)
		for i, letter := range []byte(letters) {
			if letter == untouched {
				continue
			}
			cell, known := cellOf(letter)
			if !known {
				return nil, errors.New("the painted week cannot be read: paint it again")
			}
			grid[weekdays[i/screening.HalfHours]][i%screening.HalfHours] = cell
		}
		return screening.Repaint(now, grid)
	})
}

// addTime adds a time by its days, its beginning and end.
func (s *Server) addTime(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := r.ParseForm(); err != nil {
		return refused("The form cannot be read. Please try again.")
	}
	days := strings.Join(r.PostForm["day"], ",")
	span, err := screening.Span{}, error(nil)
	if days == "" {
		err = errors.New("choose at least one day")
	} else {
		span, err = screening.ParseSpan(days, r.FormValue("from")+"-"+r.FormValue("to"), r.FormValue("what"))
	}
	if err != nil {
		return s.again(w, v, weekFault(err), "settings-week", "The week", func() (any, error) { return s.weekData(r, v) })
	}
	return s.changeWeek(w, r, v, "Added: "+spanInWords(span)+".", func(now []screening.Span) ([]screening.Span, error) {
		return append(slices.DeleteFunc(slices.Clone(now), func(s screening.Span) bool { return s == span }), span), nil
	})
}

func (s *Server) removeTime(w http.ResponseWriter, r *http.Request, v *visit) error {
	text := r.FormValue("span")
	return s.changeWeek(w, r, v, "That time is removed.", func(now []screening.Span) ([]screening.Span, error) {
		week := slices.DeleteFunc(slices.Clone(now), func(s screening.Span) bool { return s.String() == text })
		if len(week) == len(now) {
			return nil, errors.New("that time is not in the week any more")
		}
		return week, nil
	})
}

func (s *Server) clearWeek(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changeWeek(w, r, v, "All times are removed: every hour is the same.", func([]screening.Span) ([]screening.Span, error) { return nil, nil })
}

func (s *Server) undoWeek(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changeWeek(w, r, v, "Undone: the week is as before.", func(now []screening.Span) ([]screening.Span, error) {
		return readWeek(r.FormValue("week"), now)
	})
}

func (s *Server) setQuietContacts(w http.ResponseWriter, r *http.Request, v *visit) error {
	what, err := among(r, "contacts", screening.Ring, screening.Message)
	if err != nil {
		return err
	}
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	house.Times.QuietContacts = what
	told := map[screening.Action]string{
		screening.Ring:    "Contacts ring in quiet hours too.",
		screening.Message: "In quiet hours contacts can leave a message, and ring through when they ring a second time.",
	}[what]
	return s.save(w, r, v, house, told, v.Path("settings", "week"))
}
