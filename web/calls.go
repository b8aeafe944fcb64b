package web

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/callsheet"
)

// callHandlers are for calls: those of today, those in the log, their recordings, and a month in figures.
type callHandlers struct{ *Server }

func (s callHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/calls", see, s.findCalls},
		{"GET /h/{household}/calls.csv", see, s.callsSheet},
		{"GET /h/{household}/calls/{call}", see, s.oneCall},
		{"GET /{$}", signedIn, s.home},
		{"GET /h/{household}/{$}", see, s.today},
		{"GET /h/{household}/live", see, s.live},
		{"POST /h/{household}/calls/{call}/allow", change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.Allow(r.Context(), c.Number, "", c.Name)
		})},
		{"POST /h/{household}/calls/{call}/block", change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.AddBlock(r.Context(), household.BlockRequest{Number: string(c.Number)})
		})},
		{"POST /h/{household}/calls/{call}/report", change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.Report(r.Context(), c.Number, "")
		})},
		{"POST /h/{household}/calls/{call}/name", change, s.caller(func(r *http.Request, a household.Admin, c store.LoggedCall) (household.Done, error) {
			return a.NameCaller(r.Context(), c.Number, r.FormValue("name"))
		})},
		{"POST /h/{household}/calls/{call}/let-through", change, s.press(calllog.CarerLetThrough)},
		{"POST /h/{household}/calls/{call}/not-now", change, s.press(calllog.CarerNotNow)},
		{"POST /h/{household}/calls/{call}/away", change, s.press(calllog.CarerSendAway)},
		{"GET /h/{household}/recordings/{call}/{kind}", hear, s.recording},
		{"POST /h/{household}/calls/{call}/heard", tend, s.heard},
		{"GET /h/{household}/calls/{call}/message/delete", tend, s.askDeleteMessage},
		{"POST /h/{household}/calls/{call}/message/delete", tend, s.deleteMessage},
		{"GET /h/{household}/month/{month}", see, s.month},
		{"GET /h/{household}/month/{month}/report", see, s.monthReport},
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
}

// callsForm is the search as it was asked for, in words that stand in the address.
type callsForm struct {
	Who, Kind, From, To, After string
}

func callsFormOf(r *http.Request) callsForm {
	q := r.URL.Query()
	return callsForm{Who: strings.TrimSpace(q.Get("who")), Kind: q.Get("kind"), From: q.Get("from"), To: q.Get("to"), After: q.Get("after")}
}

// Query is the search as the query of an address, from its beginning.
func (f callsForm) Query() string {
	values := url.Values{}
	for name, value := range map[string]string{"who": f.Who, "kind": f.Kind, "from": f.From, "to": f.To} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values.Encode()
}

// Days says whether days are chosen.
func (f callsForm) Days() bool { return f.From != "" || f.To != "" }

// Narrow says whether anything is chosen.
func (f callsForm) Narrow() bool { return f.Query() != "" }

// search reads the form; the error is a sentence.
func (f callsForm) search(v *visit) (search store.CallSearch, err error) {
	search = store.CallSearch{Kind: store.CallKind(f.Kind), Who: f.Who, Region: v.Household.Region, Limit: pageOfCalls}
	if _, known := kindNames[search.Kind]; !known {
		return search, errors.New("There is no such kind of calls: choose one from the list.")
	}
	if len(f.Who) > 200 {
		return search, errors.New("That is too long for a number or a name: type a part of it.")
	}
	from, err1 := dayOf(f.From)
	to, err2 := dayOf(f.To)
	if err := errors.Join(err1, err2); err != nil {
		return search, errors.New("A day is written like 2026-11-24.")
	}
	if f.From != "" {
		search.From = store.DayStart(from.Year(), from.Month(), from.Day(), v.zone())
	}
	if f.To != "" {
		search.Before = store.DayStart(to.Year(), to.Month(), to.Day()+1, v.zone())
	}
	if f.From != "" && f.To != "" && to.Before(from) {
		return search, errors.New("The first day comes after the last one: change one of them.")
	}
	if f.After != "" {
		if _, err := fmt.Sscanf(f.After, "%d-%d", new(int64), &search.After.ID); err != nil {
			return search, errNotThere
		}
		ms, _, _ := strings.Cut(f.After, "-")
		at, err := strconv.ParseInt(ms, 10, 64)
		if err != nil {
			return search, errNotThere
		}
		search.After.At = time.UnixMilli(at)
	}
	return search, nil
}

func dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

// callsPage is what the search found.
type callsPage struct {
	Form  callsForm
	Kinds []kindChoice
	Days  []dayOfCalls
	// The addresses of the next page and of the first; "" where there is none, or this is it.
	Older, Newest string
	Sheet         string // the address of the same calls as a file
	Month         string
}

type kindChoice struct {
	Kind, Name string
	Chosen     bool
}

// dayOfCalls are the calls of one day, newest first.
type dayOfCalls struct {
	ID, Name string
	Calls    []callCard
}

func (s callHandlers) findCalls(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := callsFormOf(r)
	data := callsPage{Form: form, Kinds: kindChoices(form.Kind), Sheet: withQuery(v.Path("calls.csv"), form.Query()), Month: v.Path("month", v.In(v.Now).Format(monthInAddress))}
	search, err := form.search(v)
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
	data.Days = byDay(v, cards)
	if form.After != "" {
		data.Newest = withQuery(v.Path("calls"), form.Query())
	}
	if next != nil {
		after := url.Values{"after": {fmt.Sprintf("%d-%d", next.At.UnixMilli(), next.ID)}}.Encode()
		if query := form.Query(); query != "" {
			after = query + "&" + after
		}
		data.Older = withQuery(v.Path("calls"), after)
	}
	return s.show(w, r, v, "calls", "calls", "Calls", data)
}

// callsAgain shows the search with what was wrong in it.
func (s callHandlers) callsAgain(w http.ResponseWriter, v *visit, data callsPage, err error) error {
	if errors.Is(err, errNotThere) {
		return err
	}
	return s.showAgain(w, v, "calls", "calls", "Calls", data, err.Error())
}

func kindChoices(chosen string) (choices []kindChoice) {
	for _, k := range store.CallKinds() {
		choices = append(choices, kindChoice{string(k), kindNames[k], string(k) == chosen})
	}
	return choices
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// byDay puts calls together by the household's days; they come newest first.
func byDay(v *visit, cards []callCard) (days []dayOfCalls) {
	for _, c := range cards {
		id := v.In(c.At).Format(time.DateOnly)
		if n := len(days); n == 0 || days[n-1].ID != id {
			days = append(days, dayOfCalls{ID: id, Name: v.Day(c.At)})
		}
		last := &days[len(days)-1]
		last.Calls = append(last.Calls, c)
	}
	return days
}

// sheetTime is within what time a browser has to take a piece of a file that is sent as it is made.
const sheetTime = 30 * time.Second

// patient is an answer that may take as long as it is taken.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p patient) Write(piece []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(sheetTime)); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(piece)
}

// callsSheet sends the calls that the search finds, all of them, as a file for a spreadsheet.
func (s callHandlers) callsSheet(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := callsFormOf(r)
	form.After = ""
	search, err := form.search(v)
	if err != nil {
		return fault{http.StatusUnprocessableEntity, err.Error()}
	}
	names, err := s.Store.CallerNames(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	search.Limit = 0 // as many at a time as there can be
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", attachment("calls-"+v.Household.Name+"-"+v.In(v.Now).Format(time.DateOnly)+".csv"))
	place := callsheet.Place{Region: v.Household.Region, Zone: v.zone()}
	err = callsheet.Write(patient{w, http.NewResponseController(w)}, s.settledCalls(r.Context(), v, search, names), place)
	if err != nil {
		if r.Context().Err() == nil {
			s.Log.Error("a file of calls could not be sent whole", "household", v.Household.Name, "err", err)
		}
		panic(http.ErrAbortHandler) // which breaks the connection, so that nobody takes half a file for all of it
	}
	return nil
}

// settledCalls are the calls that a search finds, as the pages show them.
func (s callHandlers) settledCalls(ctx context.Context, v *visit, search store.CallSearch, names map[screening.Number]string) iter.Seq2[store.LoggedCall, error] {
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

// attachment is the header that makes a browser keep a file under a name. Of the name only what is harmless in every file
// system stays.
func attachment(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, name)
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
