package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store/outbox"
	"ringfence/web/backend"
)

// households puts that many into the settings and the database; house-0 is the first.
func (x *fixture) households(n int) {
	x.Helper()
	x.settings.Households = nil
	for i := range n {
		name := fmt.Sprintf("house-%d", i)
		x.no(x.Cell.Store.EnsureHousehold(x.Context(), name))
		x.settings.Households = append(x.settings.Households, config.Household{Name: name, Trunk: "line", Phones: make([]config.Phone, 2)})
	}
}

func (x *fixture) callOf(household string, outcome calllog.Outcome) {
	x.Helper()
	id, err := x.Cell.Store.CallArrived(x.Context(), household, household+string(outcome), x.at, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	x.no(err)
	if outcome != "" {
		x.no(x.Cell.Store.CallEnded(x.Context(), id, x.at, outcome))
	}
}

// series are the lines of metrics about Ringfence.
func series(text string) (lines []string) {
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "ringfence_") {
			lines = append(lines, line)
		}
	}
	return lines
}

// However many households there are, some have metrics of their own, and all of them have sums.
func TestMetricsOfManyHouseholds(t *testing.T) {
	line := backend.Line{Asterisk: backend.Part{Up: true, Known: true}, Trunk: backend.Part{Name: "line", Up: true, Known: true},
		Phones: []backend.Part{{Name: "hall", Known: true, Up: true}, {Name: "bedroom", Known: true}}}
	x := newFixture(t, line)
	x.settings.Metrics.Households = 2
	x.households(30)
	m := New(x.Options)
	h, err := m.Handler(t.Context())
	x.no(err)
	for i := range 30 {
		x.callOf(fmt.Sprintf("house-%d", i), "")
		x.callOf(fmt.Sprintf("house-%d", i), calllog.Talked)
	}
	x.Cell.OnRefused(7)
	x.at = x.at.Add(time.Minute)
	thirty := scrape(t, h)
	has(t, thirty, "ringfence_households 30", `ringfence_calls_ended_total{action="",outcome="talked"} 30`,
		`ringfence_calls_total{action="",household="house-0",outcome="talked"} 1`, `ringfence_calls_total{action="",household="_others",outcome="talked"} 28`,
		`ringfence_household_calls_in_progress{household="house-1"} 1`, `ringfence_household_calls_in_progress{household="_others"} 28`,
		`ringfence_notify_waiting{household="_others"} 0`, `ringfence_phones{state="up"} 30`, `ringfence_phones{state="down"} 30`, `ringfence_phones{state="unknown"} 0`,
		`ringfence_trunks{state="up"} 1`, "ringfence_calls_in_progress 30", "ringfence_calls_refused_total 7", "ringfence_households_without_phone 0",
		`ringfence_phone_up{household="house-1",phone="hall"} 1`)
	if strings.Contains(thirty, "house-2") {
		t.Error("a third household has metrics of its own")
	}
	x.households(300)
	x.callOf("house-299", "")
	hundreds := scrape(t, h)
	has(t, hundreds, "ringfence_households 300", `ringfence_household_calls_in_progress{household="_others"} 29`)
	if few, many := series(thirty), series(hundreds); len(few) != len(many) || len(many) > 70 {
		t.Errorf("%d lines for 30 households, %d for 300:\n%s", len(few), len(many), strings.Join(many, "\n"))
	}

	// A household that goes takes its own with it; a counter of the others never goes down.
	x.settings.Households = x.settings.Households[1:]
	has(t, scrape(t, h), `ringfence_calls_ended_total{action="",outcome="talked"} 30`, `ringfence_calls_total{action="",household="house-1",outcome="talked"} 1`,
		`ringfence_calls_total{action="",household="_others",outcome="talked"} 28`, `ringfence_household_calls_in_progress{household="house-2"} 1`)
	x.settings.Metrics.Households = 0
	none := New(x.Options)
	h, err = none.Handler(t.Context())
	x.no(err)
	if text := scrape(t, h); strings.Contains(text, "house-") || !strings.Contains(text, `ringfence_notify_failing{household="_others"} 0`) {
		t.Errorf("none is to have its own:\n%s", text)
	}
}

// What waits and fails is added up for each household, and for the others together.
func TestAlertsOfManyHouseholds(t *testing.T) {
	x := newFixture(t, backend.Line{})
	x.at = x.at.Add(time.Minute) // the way of telling has been there for longer
	x.failing()                  // of home, which is among the others
	x.settings.Metrics.Households = 1
	x.households(3)
	x.settings.Households = append(x.settings.Households, config.Household{Name: "home", Trunk: "line"})
	h, err := New(x.Options).Handler(t.Context())
	x.no(err)
	has(t, scrape(t, h), `ringfence_notify_failing{household="house-0"} 0`, `ringfence_notify_failing{household="_others"} 1`, `ringfence_notify_waiting{household="_others"} 1`)
	all, err := x.Cell.Store.Outbox.Backlogs(t.Context())
	if want := map[string]outbox.Backlog{"home": {Waiting: 1, Failing: 1}}; err != nil || !maps.Equal(all, want) {
		t.Errorf("%v (%v), not %v", all, err, want)
	}
}

// Whoever was chosen stays chosen, and a place that becomes free is given to the next.
func TestNamedHouseholdsStay(t *testing.T) {
	n := named{most: 2}
	for _, step := range []struct {
		there string
		want  string
	}{{"a b c", "a b"}, {"x a b c", "a b"}, {"x b c", "b x"}, {"c b x", "b x"}, {"c", "c"}, {"", ""}} {
		if got := strings.Join(slices.Sorted(maps.Keys(n.choose(strings.Fields(step.there)))), " "); got != step.want {
			t.Errorf("of %s: %s, not %s", step.there, got, step.want)
		}
	}
}
