package replay_test

import (
	"context"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/store/lists"
)

// options tries options.
func options(name, value string) replay.Deed {
	return func(ctx context.Context, a household.Admin) error {
		_, err := a.SetOptions(ctx, "", map[string]string{name: value})
		return err
	}
}

func knownOnly(end time.Time) replay.Deed {
	return func(ctx context.Context, a household.Admin) error {
		_, err := a.SetMode(ctx, "", screening.KnownOnly, end)
		return err
	}
}

func tried(t *testing.T, a household.Admin, deed replay.Deed) replay.Result {
	t.Helper()
	r, err := replay.OfLog(t.Context(), a, replay.MostOfAPage, deed)
	must(t, err)
	return r
}

// The calls that somebody would miss are counted, and come first.
func TestCallsThatWouldBeMissedArePointedOut(t *testing.T) {
	a := house(t)
	withheld := screening.Identity{Presentation: "prohib_not_screened"}
	rings(t, a, 1, now.AddDate(0, 0, -3), withheld, 4*time.Minute)
	rings(t, a, 2, now.AddDate(0, 0, -2), withheld, 0)
	rings(t, a, 3, now.AddDate(0, 0, -1), withheld, 30*time.Second)
	rings(t, a, 4, now.AddDate(0, 0, -1), shown(joan), 4*time.Minute)
	call := rings(t, a, 5, now.Add(-time.Hour), withheld, 2*time.Minute)
	must(t, a.Store.Keep(t.Context(), call, calllog.RecordedName, []byte("RIFF"), time.Second))
	must(t, a.Store.KeepWords(t.Context(), call, calllog.RecordedName, "the surgery with your results", false))
	r := tried(t, a, options("withheld", "turn-away"))
	groups := r.Groups()
	if len(groups) != 1 || r.Missed() != 2 || r.Head(a.Local) != "Of 5 calls since 27 November 2026, 4 would have gone differently." {
		t.Fatalf("%d groups, %d missed: %s", len(groups), r.Missed(), r.Head(a.Local))
	}
	if want := "4 calls would have been turned away instead of being asked who they are. In 2 of these calls you talked for more than a minute."; groups[0].Sentence() != want {
		t.Errorf("it says %q", groups[0].Sentence())
	}
	first := groups[0].Shown()
	if len(first) != 4 || first[0].Talked < 2*time.Minute || first[1].Talked < 4*time.Minute || first[0].Words() != "the surgery with your results" {
		t.Errorf("shown first: %+v", first)
	}
	if j := r.JSON(a, true); j.Missed != 2 || j.Groups[0].Shown[0].Words == "" || j.Groups[0].Shown[0].Would[0].Code != screening.CodeWithheld {
		t.Errorf("for programs: %+v", j)
	}
	if j := r.JSON(a, false); j.Groups[0].Shown[0].Words != "" {
		t.Error("somebody who may not hear recordings reads what was said")
	}
	if r := tried(t, a, options("withheld", "mode")); len(r.Changes) != 0 || r.Head(a.Local) != "All 5 calls since 27 November 2026 would have gone the same way." {
		t.Errorf("a change that is none: %s", r.Head(a.Local))
	}
}

// A contact's call that would be kept away is pointed out, and one that would ring is not.
func TestContactsArePointedOut(t *testing.T) {
	a := house(t)
	rings(t, a, 1, now.AddDate(0, 0, -3), shown(joan), 0)
	r := tried(t, a, func(ctx context.Context, a household.Admin) error {
		_, err := a.AddBlock(ctx, household.BlockRequest{Number: string(joan), EvenContact: true})
		return err
	})
	if got := r.Groups()[0].Sentence(); got != "1 call would have been turned away instead of ringing. It came from a contact." || r.Missed() != 1 {
		t.Errorf("%q, %d missed", got, r.Missed())
	}
	must(t, a.Store.SetOption(t.Context(), "home", "mode", screening.KnownOnly))
	rings(t, a, 2, now.AddDate(0, 0, -2), shown(bank), 0)
	r = tried(t, a, func(ctx context.Context, a household.Admin) error {
		_, err := a.AddContact(ctx, "Bank", "", bank)
		return err
	})
	if got := r.Groups()[0].Sentence(); got != "1 call would have rung instead of being asked to leave a message." || r.Missed() != 0 {
		t.Errorf("%q, %d missed", got, r.Missed())
	}
}

// Nothing is changed, whatever is tried, and what cannot be done is refused as it would be.
func TestTryingChangesNothing(t *testing.T) {
	a := house(t)
	rings(t, a, 1, now.Add(-time.Hour), shown(bank), 0)
	lines := func() int {
		all, err := a.Store.AuditLog(t.Context(), "home", 0, 100)
		must(t, err)
		return len(all)
	}
	before, had := verdicts(t, a), lines()
	tried(t, a, knownOnly(time.Time{}))
	if !reflect.DeepEqual(verdicts(t, a), before) || lines() != had {
		t.Error("trying has changed the household")
	}
	_, err := replay.OfLog(t.Context(), a, 10, func(ctx context.Context, a household.Admin) error {
		_, err := a.AddBlock(ctx, household.BlockRequest{Number: "101"})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "can't be blocked") {
		t.Errorf("blocking 101: %v", err)
	}
}

// Where everything rings, a change shows what it would do in another mode; and leaving that mode shows what it does.
func TestTryingWhereEverythingRings(t *testing.T) {
	a := house(t)
	must(t, a.Store.SetOption(t.Context(), "home", "mode", screening.Watch))
	rings(t, a, 1, now.Add(-time.Hour), shown(bank), 0)
	rings(t, a, 2, now.Add(-time.Hour), screening.Identity{Presentation: "prohib_not_screened"}, 0)
	r := tried(t, a, options("withheld", "turn-away"))
	if len(r.Changes) != 1 || r.Changes[0].To.Action != screening.TurnAway || len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "Every call rings") {
		t.Errorf("%+v %v", r.Changes, r.Notes)
	}
	if r = tried(t, a, knownOnly(time.Time{})); len(r.Changes) != 2 || len(r.Notes) != 0 || r.Changes[0].From.Action != screening.Ring {
		t.Errorf("%+v %v", r.Changes, r.Notes)
	}
}

// What has changed since a call is as it was then.
func TestTimesAreThoseOfTheCall(t *testing.T) {
	a := house(t)
	ctx := t.Context()
	must(t, a.Store.SetOption(ctx, "home", "ring_dialled", true))
	at := now.AddDate(0, 0, -30)
	rings(t, a, 1, at, shown("+442079460555"), 0)                           // before the household rings it
	rings(t, a, 2, at, shown(dialled), 0)                                   // after it did, for the first time
	must(t, a.Store.NumberDialled(ctx, "home", dialled, now))               // and once more
	must(t, a.Store.NumberDialled(ctx, "home", "+442079460555", now))       // likewise
	rings(t, a, 3, now.AddDate(0, 0, -60).Add(time.Hour), shown(listed), 0) // an hour after the first call for help
	r := tried(t, a, knownOnly(time.Time{}))
	if len(r.Changes) != 1 || r.Changes[0].Caller.Number != "+442079460555" || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "For 1 call it isn't known whether you had rung") {
		t.Errorf("%+v %v", r.Changes, r.Notes)
	}
	// A mode that ends is tried as if it had applied all the time; one that is on meanwhile is not.
	if r = tried(t, a, knownOnly(now.Add(time.Hour))); len(r.Changes) != 1 {
		t.Errorf("a mode for an hour: %+v", r.Changes)
	}
	_, err := a.SetMode(ctx, "", screening.Off, now.Add(time.Hour))
	must(t, err)
	if r = tried(t, a, options("international", "turn-away")); len(r.Changes) != 0 || len(r.Notes) != 1 {
		t.Errorf("while it is off for an hour: %+v %v", r.Changes, r.Notes)
	}
}

// Who was expected then still is.
func TestExpectedCallsStayExpected(t *testing.T) {
	a := house(t)
	caller := screening.Identify(shown(bank), "GB")
	v := screening.Decide(screening.Call{At: now.Add(-time.Hour), Caller: caller}, screening.Household{Region: "GB", Times: screening.Times{ExpectingUntil: now}}, screening.Knowledge{})
	_, err := a.Store.CallArrived(t.Context(), "home", "1.1", now.Add(-time.Hour), shown(bank), caller, v, calllog.Talked)
	must(t, err)
	if r := tried(t, a, knownOnly(time.Time{})); r.Calls != 1 || len(r.Changes) != 0 {
		t.Errorf("an expected call would not have rung: %+v", r.Changes)
	}
}

// A log that is too long is cut at its old end, and says so; calls in progress are left out.
func TestALongLogIsCut(t *testing.T) {
	a := house(t)
	for n := range 5 {
		rings(t, a, n, now.Add(time.Duration(n-10)*time.Hour), shown(bank), 0)
	}
	_, err := a.Store.CallArrived(t.Context(), "home", "now", now.AddDate(0, 0, -200), shown(bank), screening.Caller{}, screening.Verdict{}, calllog.CallerGone)
	must(t, err)
	r, err := replay.OfLog(t.Context(), a, 3, knownOnly(time.Time{}))
	must(t, err)
	if !r.Cut || r.Calls != 3 || !r.Since.Equal(now.Add(-8*time.Hour)) {
		t.Errorf("%+v", r)
	}
	if r = tried(t, house(t), knownOnly(time.Time{})); r.Calls != 0 || r.Head(a.Local) != "There are no calls to try this with yet." {
		t.Errorf("without calls: %q", r.Head(a.Local))
	}
}

// A rule that goes by something new has to say here how it was at the time of a past call.
func TestEverythingThatADecisionGoesByIsAsOfTheCall(t *testing.T) {
	said := map[reflect.Type][]string{
		reflect.TypeFor[screening.Knowledge](): {
			"Contact", "Block", "Entries", "Reported", // as they are today, because they are what is tried
			"Emergency", "Before", "Dialled", "Tried", "SentAway", // history.asOf
		},
		reflect.TypeFor[screening.Times](): {
			"Zone", "Week", "QuietContacts", // as they are today
			"Temporary", "TemporaryUntil", "ExpectingUntil", // houseThen
		},
		reflect.TypeFor[screening.Identity](): {
			"Number", "Name", "Presentation", // columns of the log
			"Forged", "Attestation", // by the call's reasons: Identity.Checked
			"From", // in Number, where it was taken: screening.Line.PassOver
		},
		reflect.TypeFor[screening.Call](): {"At", "Caller"},
	}
	for what, fields := range said {
		for i := range what.NumField() {
			if name := what.Field(i).Name; !slices.Contains(fields, name) {
				t.Errorf("%s.%s: say how it was at the time of a past call, in history.asOf, houseThen or store.PastCalls, and name it here", what, name)
			}
		}
	}
}

// Of a household with 100,000 calls from 20,000 numbers.
func BenchmarkOfLog(b *testing.B) {
	a := house(b)
	var calls []replay.Call
	for n := range 100_000 {
		id := shown(screening.NumberFromKey(441214960000 + int64(n%20_000)))
		calls = append(calls, replay.Call{At: now.Add(-time.Duration(n) * time.Minute), Identity: id})
	}
	for b.Loop() {
		if _, err := replay.Of(b.Context(), a, calls, knownOnly(time.Time{})); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLongList is what a list of two million numbers would have done to 100,000 calls. At most is the whole program's memory, in megabytes.
func BenchmarkLongList(b *testing.B) {
	a := house(b)
	var calls []replay.Call
	for n := range 100_000 {
		id := shown(screening.NumberFromKey(441214960000 + int64(n%20_000)))
		calls = append(calls, replay.Call{At: now.Add(-time.Duration(n) * time.Minute), Identity: id})
	}
	list := func(yield func(lists.Entry, error) bool) {
		for n := range 2_000_000 {
			if !yield(lists.Entry{Digits: strconv.Itoa(441210000000 + 7*n), Confidence: 0.9}, nil) {
				return
			}
		}
	}
	for b.Loop() {
		r, err := replay.Of(b.Context(), a, calls, func(ctx context.Context, a household.Admin) error {
			_, err := a.Store.Lists.Replace(ctx, "home", "long", "", list)
			return err
		})
		if err != nil || len(r.Changes) == 0 {
			b.Fatalf("%d of %d calls differ: %v", len(r.Changes), r.Calls, err)
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	must(b, err)
	_, most, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.Atoi(strings.Fields(most)[0])
	must(b, err)
	b.ReportMetric(float64(kilobytes)/1000, "MB-at-most")
}
