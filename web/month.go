package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/chart"
)

// monthInAddress is how a month stands in an address: 2026-11.
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

// callerRow is one of those who rang most often.
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
		return monthPage{}, backend.ErrNotThere
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

// period says which days of a month there are figures of.
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
	days := url.Values{"from": {v.In(m.From).Format(time.DateOnly)}, "to": {v.In(m.Until.Add(-1)).Format(time.DateOnly)}}
	add := func(what string, count int, kind store.CallKind, means string) {
		m.Figures = append(m.Figures, figure{what, count, withQuery(v.Path("calls"), backend.CallQuery{Kind: string(kind), From: days.Get("from"), To: days.Get("to")}.Query()), means})
	}
	add("Calls", m.Calls(), store.KindAll, "All calls that came in.")
	add("Rang straight through", m.Rang, store.KindRang, "The telephone rang at once: people the household knows, or everybody where it is not strict.")
	add("Screened", m.Screened, store.KindScreened, "Unknown callers, who were asked who they are before the telephone rang.")
	add("Turned away", m.TurnedAway, store.KindTurnedAway, "The caller heard that the call is not wanted, and the telephone did not ring.")
	if m.MessageOnly > 0 {
		add("Could only leave a message", m.MessageOnly, store.KindMessage, "The telephone did not ring, in quiet hours for example.")
	}
	add("Scam calls", m.Scam, store.KindScam, "Turned away because the number is blocked or on a list, or sent away by the household.")
	add("Missed", m.Missed, store.KindMissed, "Meant to ring, and nobody picked up.")
	add("Left a message", m.Left, store.KindLeft, "Callers who left a message.")
}

func (m *monthPage) callers(v *backend.Visitor, names map[screening.Number]string) {
	for _, c := range m.Month.Callers {
		row := callerRow{Number: v.National(c.Number), Calls: c.Calls, Scam: c.Scam, Name: c.Name}
		if given := names[c.Number]; given != "" && !c.Contact {
			row.Name = given
		}
		row.Path = withQuery(v.Path("calls"), backend.CallQuery{Who: row.Number}.Query())
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
		hours[h] = bar{label: fmt.Sprintf("%02d", h), name: fmt.Sprintf("%02d:00 to %02d:59", h, h), count: m.ScamByHour[h], unlabelled: h%3 != 0}
	}
	if m.Hours, err = drawScam("scam-hours", "Scam calls by hour of the day in "+m.Name, "Hour", hours); err != nil {
		return err
	}
	days := make([]bar, 7)
	for i := range days {
		day := time.Weekday((i + 1) % 7) // from Monday on
		days[i] = bar{label: day.String()[:3], name: day.String(), count: m.ScamByWeekday[day]}
	}
	m.Weekdays, err = drawScam("scam-weekdays", "Scam calls by day of the week in "+m.Name, "Day", days)
	return err
}

func (m *monthPage) drawDays(v *backend.Visitor) (d drawn, err error) {
	bars := chart.Bars{ID: "days", Title: "Calls by day in " + m.Name, Labels: make([]string, len(m.Month.Days))}
	series := []chart.Series{{Name: "Rang"}, {Name: "Screened"}, {Name: "Turned away"}}
	if m.MessageOnly > 0 {
		series = append(series, chart.Series{Name: "Message only"})
	}
	d = drawn{Caption: bars.Title, Heads: []string{"Day"}}
	for _, s := range series {
		d.Heads = append(d.Heads, s.Name)
	}
	most, when := 0, 0
	for i, c := range m.Month.Days {
		day := i + 1
		if day == 1 || day%5 == 0 {
			bars.Labels[i] = fmt.Sprint(day)
		}
		figures := []int{c.Rang, c.Screened, c.TurnedAway, c.MessageOnly}[:len(series)]
		for n, value := range figures {
			series[n].Values = append(series[n].Values, value)
		}
		if c.Calls() > 0 {
			date := time.Date(m.Year, m.Month.Month, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			d.Rows = append(d.Rows, tableRow{fmt.Sprint(day), withQuery(v.Path("calls"), backend.CallQuery{From: date, To: date}.Query()), figures})
		}
		if c.Calls() > most {
			most, when = c.Calls(), day
		}
	}
	bars.Series = series
	bars.Description = fmt.Sprintf("%d calls in all. Most of them on day %d: %d. The table below has the same figures.", m.Calls(), when, most)
	d.SVG, err = bars.SVG()
	return d, err
}

// bar is one of the bars of scam calls.
type bar struct {
	label, name string
	count       int
	unlabelled  bool
}

func drawScam(id, title, head string, all []bar) (d drawn, err error) {
	bars := chart.Bars{ID: id, Title: title}
	d = drawn{Caption: title, Heads: []string{head, "Scam calls"}}
	series := chart.Series{Name: "Scam calls"}
	sum, most, when := 0, 0, ""
	for _, b := range all {
		label := b.label
		if b.unlabelled {
			label = ""
		}
		bars.Labels = append(bars.Labels, label)
		series.Values = append(series.Values, b.count)
		if b.count > 0 {
			d.Rows = append(d.Rows, tableRow{Name: b.name, Figures: []int{b.count}})
		}
		if sum += b.count; b.count > most {
			most, when = b.count, b.name
		}
	}
	bars.Series = []chart.Series{series}
	bars.Description = fmt.Sprintf("%d scam calls in all. Most of them %s: %d. The table below has the same figures.", sum, when, most)
	d.SVG, err = bars.SVG()
	return d, err
}
