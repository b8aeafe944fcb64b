package web

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/chart"
	"ringfence/web/timeline"
)

// monthInAddress is how a month is written in an address: 2026-11.
const monthInAddress = "2006-01"

// monthPage is a month's summary.
type monthPage struct {
	store.Month
	Name           string // November 2026
	Period         string // 1 to 30 November 2026
	Earlier, Later monthLink
	Figures        []figure
	Days           drawn // calls by day
	Hours          drawn // scam calls by hour
	Weekdays       drawn // scam calls by weekday
	Callers        []callerRow
	Report         string
}

// monthLink is another month; without a name there is none.
type monthLink struct{ Name, Path string }

// figure is a number of calls, and where they can be seen.
type figure struct {
	What  string
	Count int
	Path  string
	Means string // in a sentence
}

// drawn is a drawing and the table with the same figures.
type drawn struct {
	Caption string
	SVG     template.HTML
	Heads   []string
	Rows    []tableRow
}

// tableRow is a row of figures.
type tableRow struct {
	Name    string
	Path    string // where these calls can be seen; "" for none
	Figures []int
}

// callerRow is one of the most frequent callers.
type callerRow struct {
	Name, Number, Path string
	Calls, Scam        int
}

func (s callHandlers) month(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	data, err := s.monthOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "month", "calls", data.Name, data)
}

// monthOf sums up the month that an address names.
func (s callHandlers) monthOf(r *http.Request, v *backend.Visitor) (monthPage, error) {
	month, err := time.Parse(monthInAddress, r.PathValue("month"))
	if err != nil {
		return monthPage{}, backend.ErrNotFound
	}
	data := monthPage{Name: month.Format("January 2006"), Report: v.Path("month", month.Format(monthInAddress), "report")}
	if data.Month, err = s.Store.Month(r.Context(), v.Household.Name, month.Year(), month.Month(), v.Zone()); err != nil {
		return data, err
	}
	first, found, err := s.Store.FirstCall(r.Context(), v.Household.Name)
	if err != nil {
		return data, err
	}
	link := func(m time.Time) monthLink {
		return monthLink{m.Format("January 2006"), v.Path("month", m.Format(monthInAddress))}
	}
	if found && first.Before(data.From) {
		data.Earlier = link(month.AddDate(0, -1, 0))
	}
	if !data.Until.After(v.Now) {
		data.Later = link(month.AddDate(0, 1, 0))
	}
	data.Period = period(v.In(data.Until.Add(-1)), v.In(v.Now))
	names, err := s.Store.CallerNames(r.Context(), v.Household.Name)
	if err != nil {
		return data, err
	}
	data.figures(v)
	data.callers(v, names)
	return data, data.draw(v)
}

// period says which days of a month the figures cover.
func period(last, now time.Time) string {
	switch {
	case now.After(last):
		return "1 to " + last.Format("2 January 2006")
	case now.Day() == 1 || now.Month() != last.Month() || now.Year() != last.Year():
		return "1 " + last.Format("January 2006")
	default:
		return "1 to " + now.Format("2 January 2006") + ", the month so far"
	}
}

func (m *monthPage) figures(v *backend.Visitor) {
	from, to := v.In(m.From).Format(time.DateOnly), v.In(m.Until.Add(-1)).Format(time.DateOnly)
	add := func(what string, count int, kind store.CallKind, means string) {
		m.Figures = append(m.Figures, figure{what, count, searchPath(v, backend.CallQuery{Kind: string(kind), From: from, To: to}), means})
	}
	add("Calls", m.Calls(), store.KindAll, "")
	add("Rang straight through", m.Rang, store.KindRang, "The phone rang at once.")
	add("Screened", m.Screened, store.KindScreened, "Unknown callers, asked who they are first.")
	add("Turned away", m.TurnedAway, store.KindTurnedAway, "The phone didn’t ring.")
	if m.MessageOnly > 0 {
		add("Could only leave a message", m.MessageOnly, store.KindMessage, "The phone didn’t ring, for example in quiet hours.")
	}
	add("Scam calls", m.Scam, store.KindScam, "Blocked, on a list, or sent away by the household.")
	if m.SoundedScam > 0 {
		add("Sounded like a scam", m.SoundedScam, store.KindScamWords, "In the opinion of a machine, by what they said. "+m.Judged())
	}
	add("Missed", m.Missed, store.KindMissed, "Nobody picked up.")
	add("Left a message", m.Left, store.KindLeft, "")
}

// Judged says what the household made of the calls whose words sounded like a scam.
func (m monthPage) Judged() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{m.WereScam, "sent away as a scam"}, {m.WereTaken, "taken"}, {m.WereAllowed, "taken, and always let through from now on"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return "The household took none of them, and sent none away as a scam."
	}
	return "The household decided: " + strings.Join(parts, "; ") + "."
}

func (m *monthPage) callers(v *backend.Visitor, names map[screening.Number]string) {
	for _, c := range m.Month.Callers {
		row := callerRow{Number: v.National(c.Number), Calls: c.Calls, Scam: c.Scam, Name: c.Name}
		if given := names[c.Number]; given != "" && !c.Contact {
			row.Name = given
		}
		row.Path = searchPath(v, backend.CallQuery{Who: row.Number})
		m.Callers = append(m.Callers, row)
	}
}

// draw makes the drawings, and the tables beside them.
func (m *monthPage) draw(v *backend.Visitor) (err error) {
	if m.Days, err = m.drawDays(v); err != nil {
		return err
	}
	hours := make([]bar, 24)
	for h := range hours {
		hours[h] = bar{name: fmt.Sprintf("%02d:00 to %02d:59", h, h), counts: []int{m.ScamByHour[h]}}
		if h%3 == 0 {
			hours[h].label = fmt.Sprintf("%02d", h)
		}
	}
	if m.Hours, err = drawing("scam-hours", "Scam calls by hour of the day in "+m.Name, "scam call", "from", hours, "Hour", "Scam calls"); err != nil {
		return err
	}
	days := make([]bar, 7)
	for i, day := range screening.Weekdays() {
		days[i] = bar{label: day.String()[:3], name: day.String(), counts: []int{m.ScamByWeekday[day]}}
	}
	m.Weekdays, err = drawing("scam-weekdays", "Scam calls by day of the week in "+m.Name, "scam call", "on", days, "Day", "Scam calls")
	return err
}

func (m *monthPage) drawDays(v *backend.Visitor) (drawn, error) {
	heads := []string{"Day", "Rang", "Screened", "Turned away"}
	if m.MessageOnly > 0 {
		heads = append(heads, "Message only")
	}
	days := make([]bar, len(m.Month.Days))
	for i, c := range m.Month.Days {
		day := i + 1
		date := time.Date(m.Year, m.Month.Month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		days[i] = bar{
			name: fmt.Sprint(day), path: searchPath(v, backend.CallQuery{From: date, To: date}),
			counts: []int{c.Rang, c.Screened, c.TurnedAway, c.MessageOnly}[:len(heads)-1],
		}
		if day == 1 || day%5 == 0 {
			days[i].label = fmt.Sprint(day)
		}
	}
	return drawing("days", "Calls by day in "+m.Name, "call", "on day", days, heads...)
}

// bar is a bar of a drawing, in parts, and a row of its table.
type bar struct {
	label  string // below it; "" for none
	name   string // in the table
	path   string // where these calls can be seen; "" for none
	counts []int
}

// drawing makes a drawing, and a table of the bars that are not empty. call is what one of the calls is, and at stands before the
// name of the highest bar. heads are those of the table: of the names, and of the counts.
func drawing(id, title, call, at string, all []bar, heads ...string) (d drawn, err error) {
	bars := chart.Bars{ID: id, Title: title}
	d = drawn{Caption: title, Heads: heads}
	for _, name := range heads[1:] {
		bars.Series = append(bars.Series, chart.Series{Name: name})
	}
	sum, most, when := 0, 0, ""
	for _, b := range all {
		bars.Labels = append(bars.Labels, b.label)
		height := 0
		for i, n := range b.counts {
			bars.Series[i].Values = append(bars.Series[i].Values, n)
			height += n
		}
		if height > 0 {
			d.Rows = append(d.Rows, tableRow{b.name, b.path, b.counts})
		}
		if sum += height; height > most {
			most, when = height, b.name
		}
	}
	bars.Description = fmt.Sprintf("%s in all. The most %s %s: %d. The table below has the same figures.", screening.Counted(sum, call, call+"s"), at, when, most)
	d.SVG, err = bars.SVG()
	return d, err
}

// reportPage is a month on paper, for somebody who does not use Ringfence.
type reportPage struct {
	monthPage
	Numbers bool // telephone numbers are shown
	By      string
	At      time.Time
	Zone    string
	Said    []saidRow // what scam callers said, if an owner has chosen that it is printed
}

// saidRow is what one of them said.
type saidRow struct {
	At               time.Time
	Number           string
	Words, Sentences string
}

// monthReport is the month as it is printed: without recordings and links, and without numbers if they are not wanted.
func (s callHandlers) monthReport(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	month, err := s.monthOf(r, v)
	if err != nil {
		return err
	}
	data := reportPage{monthPage: month, Numbers: r.URL.Query().Get("numbers") != "no", By: v.Person.Name, At: v.Now, Zone: household.ZoneName(v.Zone())}
	if data.Said, err = s.saidInScams(r, v, data.Month); err != nil {
		return err
	}
	if !data.Numbers {
		data.leaveNumbersOut()
	}
	return s.show(w, r, v, "report", "calls", "Report for "+month.Name, data)
}

// mostSaid is how many of them are printed.
const mostSaid = 40

// saidInScams are the words of a month's calls that sounded like a scam, for the report of somebody who may hear recordings.
func (s callHandlers) saidInScams(r *http.Request, v *backend.Visitor, m store.Month) (rows []saidRow, err error) {
	about, err := s.Store.About(r.Context(), v.Household.Name)
	if err != nil || !about.ReportWords || !v.Hears || m.SoundedScam == 0 {
		return nil, err
	}
	calls, _, err := s.Store.FindCalls(r.Context(), v.Household.Name, store.CallSearch{Kind: store.KindScamWords, From: m.From, Before: m.Until, Limit: mostSaid})
	for _, c := range calls {
		row := saidRow{At: c.At, Number: timeline.Number(c.Call, v.Household.Region)}
		for _, rec := range c.Recordings {
			row.Words = strings.TrimSpace(row.Words + " " + rec.Text)
		}
		if _, row.Sentences, _ = timeline.Script(c.Call); row.Words != "" {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// leaveNumbersOut removes numbers, names that are numbers, and what callers said, in which there may be numbers however they are written.
func (p *reportPage) leaveNumbersOut() {
	for i := range p.Said {
		p.Said[i].Number, p.Said[i].Words = "", ""
	}
	const digitsOfNumber = 5
	for i := range p.Callers {
		c := &p.Callers[i]
		c.Number = ""
		if c.Name == "" || countDigits(c.Name) >= digitsOfNumber {
			c.Name = "A caller without a name"
		}
	}
}

func countDigits(text string) (n int) {
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
