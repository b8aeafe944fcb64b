package web

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/url"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/callsheet"
)

// callHandlers are for calls: today's, those in the log, their recordings, and a month in figures.
type callHandlers struct{ *Server }

func (s callHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/calls", backend.See, s.findCalls},
		{"GET /h/{household}/calls.csv", backend.See, s.callsSheet},
		{"GET /h/{household}/calls/{call}", backend.See, s.oneCall},
		{"GET /h/{household}/calls/{call}/live", backend.See, s.streamCall},
		{"GET /h/{household}/calls/{call}/now", backend.See, s.callNow},
		{"GET /h/{household}/{$}", backend.See, s.page(viewOf("today", "today", "Today", s.todayOf))},
		{"GET /h/{household}/live", backend.See, s.streamToday},
		{"POST /h/{household}/calls/{call}/allow", backend.Change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.Allow(r.Context(), c.Number, "", c.Name)
		})},
		{"POST /h/{household}/calls/{call}/block", backend.Change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.Block(r.Context(), c.Number, "")
		})},
		{"POST /h/{household}/calls/{call}/report", backend.Change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.Report(r.Context(), c.Number, "")
		})},
		{"POST /h/{household}/calls/{call}/name", backend.Change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.NameCaller(r.Context(), c.Number, r.FormValue("name"))
		})},
		{"POST /h/{household}/calls/{call}/let-through", backend.Change, s.press(calllog.CarerLetThrough)},
		{"POST /h/{household}/calls/{call}/not-now", backend.Change, s.press(calllog.CarerNotNow)},
		{"POST /h/{household}/calls/{call}/away", backend.Change, s.press(calllog.CarerSendAway)},
		{"GET /h/{household}/recordings/{call}/{kind}", backend.Hear, s.ServeRecording},
		{"POST /h/{household}/calls/{call}/heard", backend.Tend, s.do(backTo, withID("call", household.Admin.MarkHeard))},
		{"GET /h/{household}/calls/{call}/message/delete", backend.Tend, s.askDeleteMessage},
		{"POST /h/{household}/calls/{call}/message/delete", backend.Tend, s.do(toCall, withID("call", household.Admin.DeleteMessage))},
		{"GET /h/{household}/forget", backend.Own, s.page(s.forgetView())},
		{"POST /h/{household}/forget", backend.Own, s.doOn(s.forgetView(), at("calls"), forgetCaller)},
		{"GET /h/{household}/month/{month}", backend.See, s.month},
		{"GET /h/{household}/month/{month}/report", backend.See, s.monthReport},
	}
}

// pageOfCalls is how many calls a page of the search has.
const pageOfCalls = 30

// kindNames are the kinds of calls in words, as the search offers them.
var kindNames = map[store.CallKind]string{
	store.KindAll:        "All calls",
	store.KindRang:       "Rang straight through",
	store.KindScreened:   "Screened: asked who they are",
	store.KindTurnedAway: "Turned away",
	store.KindMessage:    "Could only leave a message",
	store.KindLeft:       "Left a message",
	store.KindMissed:     "Missed: nobody picked up",
	store.KindScam:       "Scam calls",
	store.KindInProgress: "In progress",
	store.KindScamWords:  "Sounded like a scam",
}

// callsPage is what the search found.
type callsPage struct {
	Form  backend.CallQuery
	Kinds []option
	Days  []day[callCard]
	// Older is the address of the next page, "" on the last one; Newest that of the first page, "" on it.
	Older, Newest string
	Sheet         string // the address of the same calls as a file
	Month         string
}

func (s callHandlers) findCalls(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := backend.ReadCallQuery(r)
	data := callsPage{Form: form, Kinds: kindOptions(form.Kind), Sheet: withQuery(v.Path("calls.csv"), form.Query()), Month: v.Path("month", v.In(v.Now).Format(monthInAddress))}
	search, err := form.Search(v, pageOfCalls)
	if err != nil {
		return s.callsAgain(w, v, data, err)
	}
	calls, next, err := s.Store.FindCalls(r.Context(), v.Household.Name, search)
	if err != nil {
		return err
	}
	cards, err := s.cards(r.Context(), v, calls)
	if err != nil {
		return err
	}
	for i := range cards {
		cards[i].InDay = true
	}
	data.Days = byDay(v, cards, func(c callCard) time.Time { return c.At })
	if form.After != "" {
		data.Newest = searchPath(v, form)
	}
	if next != nil {
		after := url.Values{"after": {backend.Next(*next)}}.Encode()
		if query := form.Query(); query != "" {
			after = query + "&" + after
		}
		data.Older = withQuery(v.Path("calls"), after)
	}
	return s.show(w, r, v, "calls", "calls", "Calls", data)
}

// callsAgain shows the search again, with what was wrong in it.
func (s callHandlers) callsAgain(w http.ResponseWriter, v *backend.Visitor, data callsPage, err error) error {
	if errors.Is(err, backend.ErrNotFound) {
		return err
	}
	return s.showAgain(w, v, "calls", "calls", "Calls", data, err.Error())
}

func kindOptions(chosen string) (all []option) {
	for _, k := range store.CallKinds() {
		all = append(all, option{Value: string(k), Words: kindNames[k]})
	}
	return choose(chosen, all...)
}

// searchPath is the address of the calls that a search finds.
func searchPath(v *backend.Visitor, q backend.CallQuery) string {
	return withQuery(v.Path("calls"), q.Query())
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// day is what happened on one day, by the household's clocks.
type day[T any] struct {
	ID, Name string
	Items    []T
}

// byDay groups what comes newest first.
func byDay[T any](v *backend.Visitor, all []T, at func(T) time.Time) (days []day[T]) {
	for _, one := range all {
		id := v.In(at(one)).Format(time.DateOnly)
		if n := len(days); n == 0 || days[n-1].ID != id {
			days = append(days, day[T]{ID: id, Name: v.Day(at(one))})
		}
		last := &days[len(days)-1]
		last.Items = append(last.Items, one)
	}
	return days
}

// callsSheet sends all calls that the search finds, as a file for a spreadsheet.
func (s callHandlers) callsSheet(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := backend.ReadCallQuery(r)
	form.After = ""
	search, err := form.Search(v, pageOfCalls)
	if err != nil {
		return backend.RefuseAs(http.StatusUnprocessableEntity, err.Error())
	}
	names, err := s.Store.CallerNames(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	search.Limit = 0 // as many at a time as the store allows
	name := "calls-" + v.Household.Name + "-" + v.In(v.Now).Format(time.DateOnly) + ".csv"
	return s.SendFile(w, r, backend.SafeName(name), "text/csv; charset=utf-8; header=present", func(w io.Writer) error {
		return callsheet.Write(w, s.settledCalls(r.Context(), v, search, names), callsheet.Place{Region: v.Household.Region, Zone: v.Zone()})
	})
}

// settledCalls are the calls that a search finds, as the pages show them.
func (s callHandlers) settledCalls(ctx context.Context, v *backend.Visitor, search store.CallSearch, names map[screening.Number]string) iter.Seq2[store.LoggedCall, error] {
	return func(yield func(store.LoggedCall, error) bool) {
		for c, err := range s.Store.EachCall(ctx, v.Household.Name, search) {
			if name := names[c.Number]; name != "" && c.Number != "" {
				c.Name = name
			}
			if !yield(settled(v, c), err) {
				return
			}
		}
	}
}
