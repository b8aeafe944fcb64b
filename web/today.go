package web

import (
	"context"
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

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

func (s callHandlers) today(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.todayOf(r.Context(), v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "today", "today", "Today", data)
}

func (s callHandlers) live(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.stream(w, r, v, liveParts{"today", []string{"line", "in-progress", "last"}, see, func(ctx context.Context, v *visit) (any, error) { return s.todayOf(ctx, v) }})
}

func (s callHandlers) todayOf(ctx context.Context, v *visit) (today, error) {
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
