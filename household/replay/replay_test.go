package replay_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/storetest"
)

const (
	joan     = screening.Number("+442079460301")
	bank     = screening.Number("+442079460302") // a stranger with whom the household talks
	listed   = screening.Number("+441214960666")
	doubted  = screening.Number("+441214960667") // on the list, not for sure
	blocked  = screening.Number("+441214960668")
	ownLine  = screening.Number("+442079460100")
	dialled  = screening.Number("+442079460303")
	official = screening.Number("101")
)

var now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// callers are what the network says of those who ring.
var callers = []screening.Identity{
	shown(joan), shown(bank), shown(listed), shown(doubted), shown(blocked), shown(ownLine), shown(dialled), shown(official), shown("+4915510000001"),
	shown("+449098790123"), {Presentation: "prohib_not_screened"}, {Presentation: "unavailable"}, {Number: "12345", Presentation: "allowed_not_screened"},
	{Number: string(joan), Presentation: "allowed_not_screened", Forged: true}, {Number: "anonymous", Name: "Anonymous", Presentation: "allowed_not_screened"},
}

func shown(n screening.Number) screening.Identity {
	return screening.Identity{Number: string(n), Name: "As shown", Presentation: "allowed_not_screened"}
}

// house is a household with something of everything, and no calls yet.
func house(t testing.TB) household.Admin {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, storetest.Ready(t.Context(), path, store.Open))
	db, err := store.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	ctx := t.Context()
	must(t, db.EnsureHousehold(ctx, "home"))
	must(t, db.AddContact(ctx, "home", "Joan", joan))
	must(t, db.AddBlock(ctx, "home", screening.Block{Digits: blocked.Digits(), Note: "rude"}, "Anna"))
	must(t, db.NumberDialled(ctx, "home", dialled, now.AddDate(0, 0, -40)))
	must(t, db.NumberDialled(ctx, "home", official, now.AddDate(0, 0, -20)))
	must(t, db.EmergencyDialled(ctx, "home", now.AddDate(0, 0, -60), "999"))
	must(t, db.EmergencyDialled(ctx, "home", now.AddDate(0, 0, -10), "999"))
	_, err = db.Lists.Replace(ctx, "home", "parish", "", func(yield func(lists.Entry, error) bool) {
		_ = yield(lists.Entry{Digits: listed.Digits(), Confidence: 0.9}, nil) && yield(lists.Entry{Digits: doubted.Digits(), Confidence: 0.3}, nil)
	})
	must(t, err)
	return household.Admin{
		Store: db, Household: "home", Line: screening.Line{Region: "GB", Number: ownLine, Zone: time.UTC}, Actor: household.CommandLine, Now: now,
	}
}

// rings logs a call as the running program does: as it would be decided on with everything as it is, at its time.
func rings(t testing.TB, a household.Admin, n int, at time.Time, id screening.Identity, talk time.Duration) int64 {
	t.Helper()
	ctx := t.Context()
	caller := screening.Identify(id, a.Region)
	chosen, known, err := a.Store.Situation(ctx, "home", caller.Number)
	must(t, err)
	known.Emergency, known.Dialled = asOf(t, a, at, known)
	outcome := calllog.CallerGone
	if n%10 == 4 {
		outcome = calllog.SentAway
	}
	if talk > 0 {
		outcome = calllog.Talked
	}
	call, err := a.Store.CallArrived(ctx, "home", fmt.Sprintf("1.%d", n), at, id, caller, screening.Decide(screening.Call{At: at, Caller: caller}, a.Complete(chosen), known), "")
	must(t, err)
	if talk > 0 {
		must(t, a.Store.CallStep(ctx, call, at.Add(10*time.Second), calllog.PickedUp{}))
	}
	must(t, a.Store.CallEnded(ctx, call, at.Add(10*time.Second+talk), outcome))
	return call
}

// asOf is when an emergency number, and the caller's, had been dialled at a time.
func asOf(t testing.TB, a household.Admin, at time.Time, known screening.Knowledge) (emergency, dialled time.Time) {
	t.Helper()
	all, err := a.Store.Emergencies(t.Context(), "home")
	must(t, err)
	for _, e := range all {
		if e.Before(at) {
			emergency = e
		}
	}
	if known.Dialled.Before(at) {
		dialled = known.Dialled
	}
	return emergency, dialled
}

// logOf fills the log with calls of three months from everybody, some soon after one another.
func logOf(t testing.TB, a household.Admin, calls int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	at := now.AddDate(0, 0, -80)
	step := 79 * 24 * time.Hour / time.Duration(calls)
	for n := range calls {
		id := callers[random.IntN(len(callers))]
		talk := time.Duration(0)
		if id.Number == string(bank) {
			talk = time.Duration(random.IntN(4)) * time.Minute
		}
		rings(t, a, 2*n, at, id, talk)
		if random.IntN(8) == 0 {
			rings(t, a, 2*n+1, at.Add(40*time.Second), id, 0)
		}
		at = at.Add(step)
	}
}

// deeds are changes of every kind, by their names.
func deeds(t testing.TB, a household.Admin) map[string]func(context.Context, household.Admin) (household.Done, error) {
	t.Helper()
	all := map[string]func(context.Context, household.Admin) (household.Done, error){}
	for _, o := range household.Options() {
		for _, v := range o.Values {
			if o.Page == household.PageHouse || o.Page == household.PageKeeping || o.Name == "carer-when" {
				continue // they need more, and decide about no call
			}
			all["option "+o.Name+"="+v.Word] = func(ctx context.Context, a household.Admin) (household.Done, error) {
				return a.SetOptions(ctx, "", map[string]string{o.Name: v.Word})
			}
		}
	}
	for _, threshold := range []string{"0.2", "0.95"} {
		all["threshold "+threshold] = func(ctx context.Context, a household.Admin) (household.Done, error) {
			return a.SetOptions(ctx, "", map[string]string{"threshold": threshold})
		}
	}
	for _, m := range household.Modes() {
		all["mode "+m.Word] = func(ctx context.Context, a household.Admin) (household.Done, error) {
			return a.SetMode(ctx, "", screening.Mode(m.Word), time.Time{})
		}
	}
	block := func(number string, prefix, even bool) func(context.Context, household.Admin) (household.Done, error) {
		return func(ctx context.Context, a household.Admin) (household.Done, error) {
			return a.AddBlock(ctx, household.BlockRequest{Number: number, Prefix: prefix, Sure: true, EvenContact: even})
		}
	}
	all["block"], all["block a contact"], all["block a beginning"] = block(string(bank), false, false), block(string(joan), false, true), block("020 7946", true, false)
	all["lift a block"] = func(ctx context.Context, a household.Admin) (household.Done, error) {
		return a.Unblock(ctx, string(blocked), false)
	}
	all["contact"] = func(ctx context.Context, a household.Admin) (household.Done, error) {
		return a.AddContact(ctx, "Bank", "", bank, listed)
	}
	all["no contact"] = func(ctx context.Context, a household.Admin) (household.Done, error) {
		return a.RemoveContactNamed(ctx, "Joan")
	}
	for _, text := range []string{"daily 22:00-07:00 quiet", "mon-fri 08:00-18:00 known-only"} {
		span, err := screening.ParseSpan(text)
		must(t, err)
		all["time "+text] = func(ctx context.Context, a household.Admin) (household.Done, error) { return a.AddTime(ctx, "", span) }
	}
	all["country"] = func(ctx context.Context, a household.Admin) (household.Done, error) {
		return a.SetCountries(ctx, household.CountryRequest{Countries: "Germany", Do: "turn-away"})
	}
	// A list that was read, and waits for somebody to accept it.
	id, err := a.PrepareList(t.Context(), "more", "more.csv", nil, func(yield func(lists.Entry, error) bool) {
		_ = yield(lists.Entry{Digits: bank.Digits(), Confidence: 0.9}, nil) && yield(lists.Entry{Digits: "49155", Prefix: true, Confidence: 0.4}, nil)
	})
	must(t, err)
	all["import a list"] = func(ctx context.Context, a household.Admin) (household.Done, error) {
		return a.AcceptList(ctx, id, "more.csv", "")
	}
	return all
}

// For every kind of change and every past call, what is said before is what the rules say afterwards, when the change is really made.
func TestWhatIsSaidBeforeIsWhatTheRulesSayAfterwards(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long: it runs without -short")
	}
	a := house(t)
	logOf(t, a, 60)
	changed := map[string]int{}
	all := deeds(t, a)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		deed := all[name]
		if name == "import a list" { // once it is accepted it can't be again
			continue
		}
		changed[name] = sameAfterwards(t, a, name, deed)
	}
	changed["import a list"] = sameAfterwards(t, a, "import a list", all["import a list"])
	for name, n := range changed {
		if n == 0 && (strings.HasPrefix(name, "block") || strings.HasPrefix(name, "option withheld=") && !strings.HasSuffix(name, "=mode") && !strings.HasSuffix(name, "=screen") || strings.HasPrefix(name, "time") ||
			strings.Contains(name, "list") || strings.HasSuffix(name, "contact") || strings.HasPrefix(name, "threshold") || name == "country") {
			t.Errorf("%s would have changed no call", name)
		}
	}
}

// sameAfterwards tries a deed, does it, compares, and undoes it; it is how many calls the deed changes.
func sameAfterwards(t *testing.T, a household.Admin, name string, deed func(context.Context, household.Admin) (household.Done, error)) int {
	t.Helper()
	ctx := t.Context()
	r, err := replay.OfLog(ctx, a, replay.MostOfALog, func(ctx context.Context, a household.Admin) error {
		_, err := deed(ctx, a)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	before := verdicts(t, a)
	done, err := deed(ctx, a)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	after := verdicts(t, a)
	said := map[int64]replay.Change{}
	for _, c := range r.Changes {
		said[c.ID] = c
	}
	if r.Calls != len(after) {
		t.Errorf("%s: %d calls were looked at, not %d", name, r.Calls, len(after))
	}
	differ := 0
	for id, v := range after {
		was := before[id]
		if v.Action == was.Action && v.Check == was.Check {
			if _, is := said[id]; is {
				t.Errorf("%s: call %d is said to change, and does not", name, id)
			}
			continue
		}
		differ++
		if c := said[id]; !reflect.DeepEqual(c.Would, v) || !reflect.DeepEqual(c.Now, was) {
			t.Errorf("%s: call %d: it is said %+v instead of %+v, and is %+v instead of %+v", name, id, c.Would, c.Now, v, was)
		}
	}
	if done.CanUndo {
		if _, err := a.Undo(ctx, done.Line); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return differ
}

// verdicts are what the rules say of each call of the log with the household as it is, at the time of the call.
func verdicts(t *testing.T, a household.Admin) map[int64]screening.Verdict {
	t.Helper()
	all := map[int64]screening.Verdict{}
	past, err := a.Store.PastCalls(t.Context(), "home", now.AddDate(0, 0, -90), 100_000)
	must(t, err)
	last, tried, sentAway := map[screening.Number]time.Time{}, map[screening.Number]time.Time{}, time.Time{}
	for _, c := range past {
		caller := screening.Identify(c.Identity, a.Region)
		chosen, known, err := a.Store.Situation(t.Context(), "home", caller.Number)
		must(t, err)
		known.Emergency, known.Dialled = asOf(t, a, c.At, known)
		known.Before = time.Time{}
		if known.Contact != nil {
			known.Before = last[caller.Number]
		}
		last[caller.Number] = c.At
		known.Tried, known.SentAway = time.Time{}, time.Time{}
		if chosen.SecondTry > 0 && caller.Number != "" {
			known.Tried = tried[caller.Number]
		}
		if chosen.HoldStrangers > 0 {
			known.SentAway = sentAway
		}
		all[c.ID] = screening.Decide(screening.Call{At: c.At, Caller: caller}, a.Complete(chosen), known)
		if all[c.ID].Action == screening.Screen && c.Outcome == calllog.CallerGone {
			tried[caller.Number] = c.At
		}
		if c.Outcome == calllog.SentAway {
			sentAway = c.Ended
		}
	}
	return all
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
