package lists_test

import (
	"errors"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/lists"
)

var newYear = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

// aSubscription begins one to a list without contents.
func aSubscription(t testing.TB, s *house, change func(*lists.Subscription)) lists.Subscription {
	t.Helper()
	sub := lists.Subscription{
		Household: "home", List: "parish", URL: "https://parish.example/list/", Key: "RWx", Period: 6 * time.Hour, By: "Susan", Begun: newYear, Next: newYear,
		State: lists.State{Title: "Great Dunmow", Publisher: "The parish council"},
	}
	if change != nil {
		change(&sub)
	}
	must(t, s.Lists.Subscribe(t.Context(), sub))
	got, err := s.Lists.Subscription(t.Context(), sub.Household, sub.List)
	must(t, err)
	return got
}

// filled gives a subscription contents.
func filled(t testing.TB, s *house, sub lists.Subscription, digits ...string) lists.Subscription {
	t.Helper()
	_, err := s.Lists.ApplyFull(t.Context(), updateOf(sub, sub.Serial+1), entries(digits...))
	must(t, err)
	got, err := s.Lists.Subscription(t.Context(), sub.Household, sub.List)
	must(t, err)
	return got
}

func updateOf(sub lists.Subscription, serial int64) lists.Update {
	state := sub.State
	state.Serial, state.Made, state.ValidUntil = serial, newYear, newYear.AddDate(0, 1, 0)
	return lists.Update{Sub: sub, State: state, At: newYear, Next: newYear.Add(time.Hour)}
}

func TestSubscribing(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := aSubscription(t, s, nil)
	want := lists.Subscription{
		ID: sub.ID, Source: sub.Source, Household: "home", List: "parish", Kind: lists.Published, URL: "https://parish.example/list/", Key: "RWx", Period: 6 * time.Hour, By: "Susan",
		Begun: newYear.Local(), Next: newYear.Local(), State: lists.State{Title: "Great Dunmow", Publisher: "The parish council"},
	}
	if sub != want || !sub.Signed() {
		t.Errorf("%+v", sub)
	}
	if all, err := s.Lists.All(ctx, "home"); err != nil || len(all) != 0 {
		t.Errorf("there are no contents, but %+v %v", all, err)
	}
	for what, wrong := range map[string]func(*lists.Subscription){
		"the name":    func(n *lists.Subscription) { n.URL = "https://other.example/" },
		"the address": func(n *lists.Subscription) { n.List = "other" },
		"nobody's":    func(n *lists.Subscription) { n.Household = "nobody" },
	} {
		again := want
		wrong(&again)
		err := s.Lists.Subscribe(ctx, again)
		if !errors.Is(err, map[string]error{"the name": lists.ErrNameTaken, "the address": lists.ErrSubscribedTwice, "nobody's": columns.ErrNoHousehold}[what]) {
			t.Errorf("%s: %v", what, err)
		}
	}
	other := want
	other.Household, other.URL, other.Next = "other", "https://county.example/list/", newYear.Add(-time.Minute)
	must(t, s.Lists.Subscribe(ctx, other))
	if next, err := s.Lists.NextSubscription(ctx); err != nil || next.Household != "other" {
		t.Errorf("%+v %v", next, err)
	}
	must(t, s.Lists.SetNext(ctx, "home", "parish", newYear.Add(-time.Hour)))
	if next, err := s.Lists.NextSubscription(ctx); err != nil || next.Household != "home" {
		t.Errorf("%+v %v", next, err)
	}
	if err := s.Lists.SetNext(ctx, "home", "no such", newYear); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
	for _, home := range []string{"home", "other"} {
		if removed, err := s.Lists.Remove(ctx, home, "parish"); !removed || err != nil {
			t.Error(removed, err)
		}
	}
	if _, err := s.Lists.NextSubscription(ctx); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
	must(t, s.Lists.Clean(ctx))
	var rows int
	must(t, s.raw.QueryRow("SELECT count(*) FROM lists").Scan(&rows))
	if rows != 0 {
		t.Errorf("%d lists are left", rows)
	}
}

// A preview that nobody has imported doesn't keep its name from a subscription, and can't be imported into it afterwards.
func TestAPreviewDoesNotTakeAName(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	id, err := s.Lists.Prepare(ctx, "home", "parish", "parish.csv", entries("442079460666"))
	must(t, err)
	aSubscription(t, s, nil)
	if err := s.Lists.Accept(ctx, "home", id, "parish.csv"); !errors.Is(err, lists.ErrSubscribed) {
		t.Error(err)
	}
	_, err = s.Lists.Replace(ctx, "home", "county", "", entries("442079460666"))
	must(t, err)
	if err := s.Lists.Subscribe(ctx, lists.Subscription{Household: "home", List: "county", URL: "https://x.example/", Period: time.Hour}); !errors.Is(err, lists.ErrNameTaken) {
		t.Error("a list that is in force:", err)
	}
}

// What is subscribed to cannot be overwritten by an import, begun before or after.
func TestNothingIsImportedIntoASubscription(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	_, err := s.Lists.Replace(ctx, "home", "parish", "", meanwhile(func() {
		if err := s.Lists.Subscribe(ctx, lists.Subscription{Household: "home", List: "parish", URL: "https://x.example/", Period: time.Hour}); !errors.Is(err, lists.ErrNameTaken) {
			t.Error("an import of the name is under way:", err)
		}
	}))
	must(t, err)
	sub := aSubscription(t, s, func(n *lists.Subscription) { n.List = "county" })
	for what, do := range map[string]func() error{
		"import": func() error {
			_, err := s.Lists.Replace(ctx, "home", "county", "", entries("442079460666"))
			return err
		},
		"prepare": func() error {
			_, err := s.Lists.Prepare(ctx, "home", "county", "", entries("442079460666"))
			return err
		},
	} {
		if err := do(); !errors.Is(err, lists.ErrSubscribed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	filled(t, s, sub, "442079460666")
	if _, known, err := s.Situation(ctx, "home", steve); err != nil || len(known.Entries) != 1 || known.Entries[0].List != "county" {
		t.Errorf("%+v %v", known, err)
	}
}

// A verdict knows until when the list is valid, whether it is signed, and until when the entry counts.
func TestWhatAVerdictKnowsOfASubscription(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := aSubscription(t, s, nil)
	open := aSubscription(t, s, func(n *lists.Subscription) {
		n.List, n.URL, n.Key, n.OnlyWarns = "unsigned", "https://x.example/", "", true
	})
	filled(t, s, open, "442079460666")
	_, err := s.Lists.ApplyFull(ctx, updateOf(sub, 1), func(yield func(lists.Entry, error) bool) {
		yield(lists.Entry{Digits: "442079460666", Confidence: 0.75, Reporters: 5, First: 20000, Last: 20700, Expires: 20800}, nil)
	})
	must(t, err)
	_, known, err := s.Situation(ctx, "home", steve)
	if err != nil || len(known.Entries) != 2 {
		t.Fatalf("%+v %v", known, err)
	}
	signed, unsigned := known.Entries[0], known.Entries[1]
	if signed.List != "parish" || signed.Unsigned || !signed.ValidUntil.Equal(newYear.AddDate(0, 1, 0)) || !signed.Expires.Equal(time.Unix(20800*86400, 0)) {
		t.Errorf("%+v", signed)
	}
	if unsigned.List != "unsigned" || !unsigned.Unsigned || !unsigned.Expires.IsZero() || unsigned.ValidUntil.IsZero() {
		t.Errorf("%+v", unsigned)
	}
	must(t, s.Lists.AllowUnsigned(ctx, "home", "unsigned", true))
	if _, known, err := s.Situation(ctx, "home", steve); err != nil || known.Entries[1].Unsigned {
		t.Errorf("%+v %v", known, err)
	}
	if err := s.Lists.AllowUnsigned(ctx, "home", "parish", true); !errors.Is(err, lists.ErrNoSubscription) {
		t.Errorf("a signed list has no such choice: %v", err)
	}
	numbers, err := s.Lists.Entries(ctx, "home", "parish", 10)
	if err != nil || len(numbers) != 1 || numbers[0] != (lists.Entry{Digits: "442079460666", Confidence: 0.75, Reporters: 5, First: 20000, Last: 20700, Expires: 20800}) {
		t.Errorf("%+v %v", numbers, err)
	}
	_, err = s.Lists.Replace(ctx, "home", "imported", "", entries("442079460777"))
	must(t, err)
	if _, known, err := s.Situation(ctx, "home", "+442079460777"); err != nil || len(known.Entries) != 1 || known.Entries[0].OnlyWarns(time.Now()) {
		t.Errorf("what a household imports itself is its own: %+v %v", known, err)
	}
}

// Failures are counted until it goes well again; and a check that comes late, of contents that are gone, changes nothing.
func TestHowASubscriptionGoes(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := filled(t, s, aSubscription(t, s, nil), "442079460666")
	must(t, s.Lists.OnFailed(ctx, sub.Source, "It could not be reached.", newYear.Add(2*time.Hour)))
	must(t, s.Lists.OnFailed(ctx, sub.Source, "It could not be reached at all.", newYear.Add(3*time.Hour)))
	got, err := s.Lists.Subscription(ctx, "home", "parish")
	if err != nil || got.Failures != 2 || got.Error != "It could not be reached at all." || !got.Next.Equal(newYear.Add(3*time.Hour)) || !got.Checked.Equal(newYear) || got.Serial != 1 || got.Entries != 1 {
		t.Errorf("%+v %v", got, err)
	}
	state := got.State
	state.ETag, state.Modified = `"x"`, "yesterday"
	later := newYear.Add(4 * time.Hour)
	must(t, s.Lists.OnUnchanged(ctx, sub.Source, 1, state, later, later.Add(time.Hour)))
	got, err = s.Lists.Subscription(ctx, "home", "parish")
	if err != nil || got.Failures != 0 || got.Error != "" || !got.Checked.Equal(later) || !got.Changed.Equal(newYear) || got.ETag != `"x"` || got.Modified != "yesterday" {
		t.Errorf("%+v %v", got, err)
	}
	for what, err := range map[string]error{
		"a check": s.Lists.OnUnchanged(ctx, sub.Source, 7, state, later, later),
		"a full list": func() error {
			_, err := s.Lists.ApplyFull(ctx, updateOf(lists.Subscription{ID: sub.ID, Source: sub.Source}, 9), entries("442079460001"))
			return err
		}(),
		"changes": func() error {
			_, err := s.Lists.ApplyChanges(ctx, updateOf(lists.Subscription{ID: sub.ID, Source: sub.Source}, 9), changes("+442079460001"))
			return err
		}(),
	} {
		if !errors.Is(err, lists.ErrUpdated) {
			t.Errorf("%s of other contents: %v", what, err)
		}
	}
	if _, known, err := s.Situation(ctx, "home", steve); err != nil || len(known.Entries) != 1 || s.rows(t) != 1 {
		t.Errorf("%+v %v", known, err)
	}
	if removed, err := s.Lists.Remove(ctx, "home", "parish"); !removed || err != nil {
		t.Error(removed, err)
	}
	if _, err := s.Lists.ApplyFull(ctx, updateOf(sub, 9), entries("442079460001")); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
	if err := s.Lists.OnFailed(ctx, sub.Source, "", later); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
}

// Carers are told once of each step, and again only after it was mended.
func TestNotingAStaleList(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	sub := filled(t, s, aSubscription(t, s, nil), "442079460666")
	told := 0
	note := func(how lists.StaleNotice) {
		t.Helper()
		isNew, err := s.Lists.NoteStale(ctx, sub.ID, how)
		must(t, err)
		if isNew {
			told++
		}
	}
	for _, how := range []lists.StaleNotice{
		lists.StaleUnreachable, lists.StaleUnreachable, lists.StaleEnding, lists.StaleUnreachable, lists.StaleEnding, lists.StalePast, lists.StalePast,
	} {
		note(how)
	}
	if told != 3 {
		t.Errorf("told %d times", told)
	}
	state := updateOf(sub, 1).State
	must(t, s.Lists.OnUnchanged(ctx, sub.Source, 1, state, newYear, newYear))
	note(lists.StalePast) // it is reached, and out of date all the same
	if told != 3 {
		t.Errorf("told %d times", told)
	}
	state.ValidUntil = state.ValidUntil.AddDate(0, 1, 0)
	must(t, s.Lists.OnUnchanged(ctx, sub.Source, 1, state, newYear, newYear))
	note(lists.StaleUnreachable)
	must(t, s.Lists.OnUnchanged(ctx, sub.Source, 1, state, newYear, newYear))
	note(lists.StaleUnreachable)
	if told != 5 {
		t.Errorf("told %d times", told)
	}
}

// The way back to an older version keeps a list as it is in force.
func TestSubscriptionsAndTheWayBack(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	sub := filled(t, s, aSubscription(t, s, nil), "442079460666", "442079460667", "442079460668")
	aSubscription(t, s, func(n *lists.Subscription) { n.List, n.URL = "empty", "https://empty.example/" })
	_, err := s.Lists.Overrule(ctx, updateOf(sub, 2), changes("-442079460666", "+442079460669", "+442079460667"))
	must(t, err)
	s.goBackTo(t, path, 12)
	for number, known := range map[screening.Number]int{steve: 0, "+442079460667": 1, "+442079460668": 1, "+442079460669": 1} {
		if _, got, err := s.Situation(ctx, "home", number); err != nil || len(got.Entries) != known {
			t.Errorf("%s: %+v %v", number, got.Entries, err)
		}
	}
	if all, err := s.Lists.All(ctx, "home"); err != nil || len(all) != 1 || all[0].Entries != 3 {
		t.Errorf("%+v %v", all, err)
	}
	if all, err := s.Lists.Subscriptions(ctx, "home"); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}
