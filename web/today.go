package web

import (
	"context"
	"net/http"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

func (s *Server) todayRoutes() []route {
	return []route{
		{"GET /h/{household}/{$}", see, s.today},
		{"GET /h/{household}/live", see, s.live},
		{"POST /h/{household}/calls/{call}/let-through", change, s.press(calllog.CarerLetThrough)},
		{"POST /h/{household}/calls/{call}/not-now", change, s.press(calllog.CarerNotNow)},
		{"POST /h/{household}/calls/{call}/away", change, s.press(calllog.CarerSendAway)},
	}
}

// todayCalls is how many calls Today shows.
const todayCalls = 12

// today is what a carer looks at first: is all well, who is on the telephone, who rang.
type today struct {
	State   lineState
	Damage  string // of the database, lately; "" is none
	Mode    string
	Unheard int
	Live    []callCard // calls in progress
	Last    []callCard
}

func (s *Server) today(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.todayOf(r.Context(), v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "today", "today", "Today", data)
}

func (s *Server) todayOf(ctx context.Context, v *visit) (today, error) {
	house, err := s.Store.Household(ctx, v.Household.Name)
	if err != nil {
		return today{}, err
	}
	house = v.Household.Complete(house)
	t := today{State: stateOf(s.Switchboard.Line(v.Household.Name)), Mode: modeNow(v, house)}
	if r, lately := s.rescuedSince(v.Now.AddDate(0, 0, -7)); lately {
		t.Damage = r.Sentence()
	}
	if t.Unheard, _, err = s.Store.MessageCount(ctx, v.Household.Name); err != nil {
		return today{}, err
	}
	calls, _, err := s.Store.FindCalls(ctx, v.Household.Name, store.CallSearch{Limit: todayCalls})
	if err != nil {
		return today{}, err
	}
	cards, err := s.cards(ctx, v, calls)
	if err != nil {
		return today{}, err
	}
	for _, c := range cards {
		if c.InProgress() {
			t.Live = append(t.Live, c)
		} else {
			t.Last = append(t.Last, c)
		}
	}
	return t, nil
}

// rescuedSince is the latest damage of the database, where that was after a time.
func (s *Server) rescuedSince(since time.Time) (store.Rescue, bool) {
	if s.Rescued == nil {
		return store.Rescue{}, false
	}
	r, found := s.Rescued()
	return r, found && r.At.After(since)
}

// stale is after what time a call without an end is none in progress: its end was lost with the power, for example.
const stale = 12 * time.Hour

// modeNow says what becomes of callers whom the household does not know, at this moment.
func modeNow(v *visit, house screening.Household) string {
	mode := house.ModeAt(v.Now)
	words := map[screening.Mode]string{
		screening.Ask:       "Callers you do not know are asked who they are, before the telephone rings.",
		screening.KnownOnly: "Only contacts ring. Everybody else can leave a message.",
		screening.BlockOnly: "Everybody rings but blocked numbers and known scammers.",
		screening.Watch:     "Ringfence is only watching: every call rings.",
		screening.Off:       "Screening is switched off: every call rings.",
	}[mode]
	if house.Times.TemporaryUntil.After(v.Now) {
		words += " That holds until " + v.End(house.Times.TemporaryUntil) + "."
	}
	if house.QuietAt(v.Now) {
		words += " It is quiet time: the telephone does not ring, and callers can leave a message."
	}
	if house.Times.ExpectingUntil.After(v.Now) {
		words += " A call is expected, so the next caller rings straight through."
	}
	return words
}

// press is a carer's key for a call in progress.
func (s *Server) press(key calllog.CarerKey) func(http.ResponseWriter, *http.Request, *visit) error {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		call, err := s.callOf(r, v)
		if err != nil {
			return err
		}
		if err := s.Switchboard.Press(r.Context(), v.Household.Name, call.ID, key, v.Person.Name); err != nil {
			return fault{http.StatusConflict, err.Error()}
		}
		what := map[calllog.CarerKey]string{
			calllog.CarerLetThrough: "let a call through",
			calllog.CarerNotNow:     "asked a caller to leave a message",
			calllog.CarerSendAway:   "sent a caller away as a scam",
		}[key]
		if err := s.changed(r.Context(), v, "call-"+string(key), what+": "+v.who(call.Call)); err != nil {
			return err
		}
		told := map[calllog.CarerKey]string{
			calllog.CarerLetThrough: "The caller is put through to whoever answers.",
			calllog.CarerNotNow:     "The caller is asked to leave a message.",
			calllog.CarerSendAway:   "The caller hears the inspection message and is gone.",
		}[key]
		return s.done(w, r, v.Path(), told, nil)
	}
}

// changed writes down who has changed what. Nobody can edit that log.
func (s *Server) changed(ctx context.Context, v *visit, what, text string) error {
	by := v.Person.Name
	if v.token != nil {
		by += ", by the program “" + v.token.Name + "”"
	}
	return s.Store.AddAuditLine(ctx, &store.AuditLine{
		Household: v.Household.Name, Person: v.Person.ID, By: by, At: v.Now, What: what, Text: text,
	})
}
