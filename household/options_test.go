package household

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

func chosen(t *testing.T, a Admin) Chosen {
	t.Helper()
	c, err := a.Chosen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// others are values that options can have and have not in the beginning, and one that they cannot have, with words of its refusal. Those with values to choose
// from need not be here.
var others = map[string]struct{ good, bad, words string }{
	"threshold":    {"0.8", "0", "above 0"},
	"emergency":    {"48h", "169h", "1h to 168h"},
	"withheld":     {"turn-away", "shout", "withheld must be mode, ring, screen, message, turn-away, busy or not-in-service, not “shout”"},
	"forged":       {"turn-away", "ring", "forged must be mode, message, turn-away, busy or not-in-service, not “ring”"},
	"countries":    {"+881=ring,FR=mode,NG=turn-away", "GB=turn-away", "Your line is in the United Kingdom"},
	"second-try":   {"5m", "2m", "second-try must be off, 3m, 5m, 10m or 30m"},
	"ring-dialled": {"on", "", "ring-dialled must be off or on"},
	"human-check":  {"hidden", "maybe", "human-check must be off, suspicious, hidden or always"},
	"scam-words":   {"turn-away", "off", "scam-words must be warn, watch, message or turn-away"},
	"carer-number": {"07700 900123", "020 7946 0100", "own number"},
	"title":        {"Mum’s house", "a\u202eb", "can't be shown"},
	"keep-days":    {"30", "3651", "1 to 3650 days"},
	"region":       {"FR", "England", "not a region"},
}

// withCarer has a number to send calls on to.
func withCarer(t *testing.T, o Option) Admin {
	t.Helper()
	a := admin(t)
	if o.Name == "carer-when" {
		if _, err := a.SetOptions(t.Context(), "", map[string]string{"carer-number": "07700 900456"}); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// Every option is changed by itself, with its line in the audit log, and is what it was once that is undone.
func TestEveryOption(t *testing.T) {
	for _, o := range Options() {
		test, is := others[o.Name]
		if !is {
			test.good, test.bad, test.words = o.Values[len(o.Values)-1].Word, "shout", o.Name+" must be "
		}
		a := withCarer(t, o)
		was := chosen(t, a)
		done, err := a.SetOptions(t.Context(), was.Seen(o), map[string]string{o.Name: test.good})
		if err != nil {
			t.Errorf("%s: %v", o.Name, err)
			continue
		}
		now := chosen(t, a)
		if o.Word(now) != test.good || o.Word(was) == test.good {
			t.Errorf("%s is %s, and was %s", o.Name, o.Word(now), o.Word(was))
		}
		for _, other := range Options() {
			if other.Name != o.Name && other.Word(was) != other.Word(now) && !(o.Name == "region" && other.Name == "carer-number") {
				t.Errorf("%s has changed %s", o.Name, other.Name)
			}
		}
		l := lastLine(t, a)
		if l.What != "option-changed" || l.Before != o.Words(was) || l.After != o.Words(now) || l.Before == l.After || l.Text != o.Sentence(now) || l.ID != done.Line {
			t.Errorf("%s: %+v", o.Name, l)
		}
		if _, err := a.Undo(t.Context(), done.Line); err != nil {
			t.Errorf("%s: %v", o.Name, err)
		}
		if back := chosen(t, a); !equalOptions(back, was) {
			t.Errorf("%s: undone, it is %s: %+v", o.Name, o.Word(back), back)
		}
		_, err = a.SetOptions(t.Context(), "", map[string]string{o.Name: test.bad})
		refusedWith(t, err, test.words)
	}
}

func equalOptions(a, b Chosen) bool {
	return !slices.ContainsFunc(options, func(o Option) bool { return o.value(&a) != o.value(&b) })
}

// Somebody opens the checks, somebody else has callers without a number turned away, and the first one saves something else: nothing
// is lost, and they are told what the other has done.
func TestStaleOptions(t *testing.T) {
	a := admin(t)
	var checks []Option
	sent := map[string]string{}
	for _, o := range Options() {
		if o.Page == PageChecks {
			checks = append(checks, o)
			sent[o.Name] = o.Word(chosen(t, a))
		}
	}
	seen := chosen(t, a).Seen(checks...)
	if _, err := a.SetOptions(t.Context(), "", map[string]string{"withheld": "turn-away"}); err != nil {
		t.Fatal(err)
	}
	sent["dial-guard"] = "on"
	_, err := a.SetOptions(t.Context(), seen, sent)
	if !refusedAs(err, Conflict) || !strings.Contains(err.Error(), "It is now: Callers who hide their number: “Turn them away”. Please choose again.") {
		t.Errorf("%v", err)
	}
	if c := chosen(t, a); c.Policy.Withheld != screening.TurnAway || c.DialGuard {
		t.Errorf("%+v", c)
	}
	// What others change elsewhere is no reason to refuse.
	if _, err := a.SetOptions(t.Context(), "", map[string]string{"threshold": "0.8"}); err != nil {
		t.Fatal(err)
	}
	sent["withheld"] = "turn-away"
	if _, err := a.SetOptions(t.Context(), chosen(t, a).Seen(checks...), sent); err != nil || !chosen(t, a).DialGuard {
		t.Error(err)
	}
	_, err = a.SetOptions(t.Context(), "{", sent)
	refusedWith(t, err, "open the page again")
	_, err = a.SetOptions(t.Context(), "", map[string]string{"colour": "red"})
	refusedWith(t, err, "no option colour")
}

// Several at once are one line, or nothing; what stays as it is is not in it.
func TestSeveralOptions(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	done, err := a.SetOptions(ctx, "", map[string]string{"carer-when": "no-answer", "carer-number": "07700 900123", "dial-guard": "off"})
	if err != nil || done.Sentence != "The carer’s phone is 07700 900123. Calls that nobody answers go on to 07700 900123." {
		t.Errorf("%+v %v", done, err)
	}
	if l := lastLine(t, a); l.After != "The carer’s phone number: 07700 900123; Which calls go on to the carer: Calls that nobody answers" || strings.Contains(l.Before, "scam") {
		t.Errorf("%+v", l)
	}
	// A number that goes takes with it what it was for; and brings it back.
	gone, err := a.SetOptions(ctx, "", map[string]string{"carer-number": "none"})
	if c := chosen(t, a); err != nil || c.CarerNumber != "" || c.CarerWhen != screening.CarerOff {
		t.Errorf("%+v %v", c, err)
	}
	_, err = a.SetOptions(ctx, "", map[string]string{"carer-when": "always", "dial-guard": "on"})
	refusedWith(t, err, "without a number")
	if chosen(t, a).DialGuard {
		t.Error("half was saved")
	}
	if _, err := a.Undo(ctx, gone.Line); err != nil || chosen(t, a).CarerWhen != screening.CarerNoAnswer || chosen(t, a).CarerNumber != "+447700900123" {
		t.Errorf("%+v %v", chosen(t, a), err)
	}
	if same, err := a.SetOptions(ctx, "", map[string]string{"carer-when": "no-answer"}); err != nil || same.Line != 0 || same.CanUndo {
		t.Errorf("%+v %v", same, err)
	}
}

// What somebody else has chosen since is not undone.
func TestUndoOfAnOptionComesTooLate(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	done, err := a.SetOptions(ctx, "", map[string]string{"withheld": "ring"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.SetOptions(ctx, "", map[string]string{"withheld": "message"}); err != nil {
		t.Fatal(err)
	}
	_, err = a.Undo(ctx, done.Line)
	refusedWith(t, err, "changed since")
	if chosen(t, a).Policy.Withheld != screening.Message {
		t.Error("it was undone")
	}
}

// What ringfence.toml says holds until people choose, also the same; and again once they go back to it.
func TestOptionsOfTheFile(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	for name, value := range map[string]string{"keep-days": "90", "region": "GB"} {
		o, _ := OptionByName(name)
		for _, word := range []string{value, "toml"} {
			if done, err := a.SetOptions(ctx, "", map[string]string{name: word}); err != nil || done.Line == 0 || o.Word(chosen(t, a)) != value {
				t.Errorf("%s %s: %+v %v", name, word, done, err)
			}
		}
	}
	if c := chosen(t, a); c.About.KeepDays != 0 || c.About.Region != "" {
		t.Errorf("%+v", c.About)
	}
	// A form that shows what holds chooses nothing by coming back as it was.
	o, _ := OptionByName("region")
	if done, err := a.SetOptions(ctx, chosen(t, a).Seen(o), map[string]string{"region": "GB"}); err != nil || done.Line != 0 || chosen(t, a).About.Region != "" {
		t.Errorf("%+v %v", done, err)
	}
	a.FromFile.Fits = func(string) error { return refuse("write its numbers there with +") }
	_, err := a.SetOptions(ctx, "", map[string]string{"region": "AD", "title": "The bungalow"})
	refusedWith(t, err, "write its numbers")
	if chosen(t, a).About.Title != "" {
		t.Error("half was saved")
	}
}

func TestLimitsOfOptions(t *testing.T) {
	a := admin(t)
	for _, test := range []struct{ name, value, words string }{
		{"emergency", "1h", ""}, {"emergency", "59m", "1h to 168h"}, {"emergency", "168h", ""}, {"emergency", "168h1m", "1h to 168h"},
		{"threshold", "1", ""}, {"threshold", "0.01", ""}, {"threshold", "1.01", "up to 1"}, {"threshold", "NaN", "above 0"}, {"threshold", "50%", "write it like 0.5"},
		{"keep-days", "1", ""}, {"keep-days", "3650", ""}, {"keep-days", "0", "1 to 3650"}, {"keep-days", "soon", "write it like 90"},
		{"title", strings.Repeat("é", 60), ""}, {"title", strings.Repeat("é", 61), "longer than 60 letters"}, {"title", "\xff", "can't be shown"},
		{"carer-number", "999", "emergency services"}, {"carer-number", "1571", "a short number"}, {"emergency", "soon", "write it like 24h"},
	} {
		_, err := a.SetOptions(t.Context(), "", map[string]string{test.name: test.value})
		if test.words != "" {
			refusedWith(t, err, test.words)
		} else if err != nil {
			t.Errorf("%s %s: %v", test.name, test.value, err)
		}
	}
	if c := chosen(t, a); c.Emergency != 168*time.Hour || c.Threshold != 0.01 || c.About.KeepDays != 3650 {
		t.Errorf("%+v", c)
	}
}

// A value of a newer version reads as the first one, and stays until somebody chooses.
func TestAValueOfANewerVersion(t *testing.T) {
	a := admin(t)
	if err := a.Store.SetOption(t.Context(), a.Household, "human_check", "riddle"); err != nil {
		t.Fatal(err)
	}
	o, _ := OptionByName("human-check")
	if word := o.Word(chosen(t, a)); word != "off" {
		t.Error(word)
	}
	if done, err := a.SetOptions(t.Context(), "", map[string]string{"human-check": "off"}); err != nil || done.Line != 0 || chosen(t, a).HumanCheck != "riddle" {
		t.Errorf("%+v %v", done, err)
	}
}

// Where the line in the audit log can't be written, nothing else is.
func TestNoChangeWithoutItsLine(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	was, week := chosen(t, a), SeenWeek(spans(t, a))
	nobody := a
	nobody.Actor = Actor{} // whom the log does not take
	for name, deed := range map[string]func() (Done, error){
		"an option": func() (Done, error) {
			return nobody.SetOptions(ctx, "", map[string]string{"withheld": "ring", "title": "x", "alerts-at-home": "on"})
		},
		"the mode":           func() (Done, error) { return nobody.SetMode(ctx, "", screening.Off, a.Now.Add(time.Hour)) },
		"the mode by phone":  func() (Done, error) { return nobody.SetModeNow(ctx, screening.Off) },
		"an expected call":   func() (Done, error) { return nobody.Expect(ctx, "", a.Now.Add(time.Hour)) },
		"a time of the week": func() (Done, error) { return nobody.AddTime(ctx, "", night) },
	} {
		if done, err := deed(); err == nil || done != (Done{}) {
			t.Errorf("%s: %+v %v", name, done, err)
		}
		now := chosen(t, a)
		if !equalOptions(now, was) || a.SeenMode(now.Household) != a.SeenMode(was.Household) || SeenWeek(spans(t, a)) != week || now.ExpectingAt(a.Now) {
			t.Errorf("%s was changed all the same: %+v", name, now)
		}
	}
}

// What only an owner may choose, a carer can neither choose nor undo.
func TestWhoMayChooseAndUndoAnOption(t *testing.T) {
	a := admin(t)
	done, err := a.SetOptions(t.Context(), "", map[string]string{"alerts-at-home": "on"})
	if err != nil {
		t.Fatal(err)
	}
	line := lastLine(t, a)
	a.Actor.Role = store.RoleCarer
	if _, err := a.Undo(t.Context(), done.Line); !refusedAs(err, NotAllowed) || a.Actor.MayUndo(line) || !chosen(t, a).About.AlertsAtHome {
		t.Errorf("a carer undoes it: %v", err)
	}
	if _, err := a.SetOptions(t.Context(), "", map[string]string{"alerts-at-home": "off"}); !refusedAs(err, NotAllowed) {
		t.Errorf("a carer chooses it: %v", err)
	}
	if done, err := a.SetOptions(t.Context(), "", map[string]string{"dial-guard": "on"}); err != nil || !a.Actor.MayUndo(lastLine(t, a)) || !done.CanUndo {
		t.Errorf("a carer chooses nothing: %v", err)
	}
	a.Actor.Role = store.RoleOwner
	if _, err := a.Undo(t.Context(), done.Line); err != nil || !a.Actor.MayUndo(line) || chosen(t, a).About.AlertsAtHome {
		t.Errorf("an owner does not undo it: %v", err)
	}
}

// An undo is checked as a choice is: it can't bring back what does not fit any more.
func TestUndoOfAnOptionIsChecked(t *testing.T) {
	ctx := t.Context()
	set := func(a Admin, name, value string) Done {
		t.Helper()
		done, err := a.SetOptions(ctx, "", map[string]string{name: value})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	a := admin(t)
	number := set(a, "carer-number", "07700 900123")
	set(a, "carer-when", "always")
	_, err := a.Undo(ctx, number.Line)
	refusedWith(t, err, "without a number")
	if c := chosen(t, a); c.CarerNumber == "" || c.CarerWhen != screening.CarerAlways {
		t.Errorf("it was undone: %+v", c)
	}
	set(a, "region", "FR")
	back := set(a, "region", "toml")
	a.FromFile.Fits = func(region string) error {
		if region == "FR" {
			return refuse("write its numbers there with +")
		}
		return nil
	}
	_, err = a.Undo(ctx, back.Line)
	refusedWith(t, err, "write its numbers")
}

// Where something does not fit any more, other things can still be chosen.
func TestWhatIsWrongStandsAgainstNothingElse(t *testing.T) {
	a := admin(t)
	if err := a.Store.SetOption(t.Context(), a.Household, "carer_when", screening.CarerAlways); err != nil {
		t.Fatal(err)
	}
	if _, err := a.SetOptions(t.Context(), "", map[string]string{"dial-guard": "on"}); err != nil {
		t.Error(err)
	}
	if _, err := a.SetOptions(t.Context(), "", map[string]string{"carer-when": "off"}); err != nil {
		t.Error(err)
	}
}

// Days that would delete calls at once are neither chosen nor brought back for whoever is not sure.
func TestDaysThatDeleteCallsAreAskedAbout(t *testing.T) {
	a := admin(t)
	ctx := t.Context()
	at := a.Now.AddDate(0, 0, -10)
	call, err := a.Store.CallArrived(ctx, "home", "1.1", at, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	if err == nil {
		err = a.Store.CallEnded(ctx, call, at.Add(time.Minute), calllog.Talked)
	}
	if err != nil {
		t.Fatal(err)
	}
	keep := func(days string) (Done, error) {
		return a.SetOptions(ctx, "", map[string]string{"keep-days": days})
	}
	asked := func(err error) {
		t.Helper()
		if refusedWith(t, err, "1 call will be deleted within a day"); !refusedAs(err, NotSure) {
			t.Error(err)
		}
	}
	_, err = keep("5")
	asked(err)
	if _, err := keep("30"); err != nil { // which deletes nothing
		t.Error(err)
	}
	a.Sure = true
	if _, err := keep("5"); err != nil {
		t.Error(err)
	}
	a.Sure = false
	longer, err := keep("30")
	if err != nil {
		t.Error(err)
	}
	_, err = a.Undo(ctx, longer.Line)
	if asked(err); chosen(t, a).About.KeepDays != 30 {
		t.Error("it was undone")
	}
	a.Sure = true
	if _, err := a.Undo(ctx, longer.Line); err != nil || chosen(t, a).About.KeepDays != 5 {
		t.Error(err)
	}
}

func TestWhatIsDeletedInWords(t *testing.T) {
	for want, e := range map[string]store.Expiring{
		"1 call will be deleted within a day. That can't be undone.":                                                            {Calls: 1},
		"2 calls with 1 recording will be deleted within a day. That can't be undone.":                                          {Calls: 2, Recordings: 1},
		"2 messages that nobody has heard will be deleted in a week.":                                                           {Unheard: 2},
		"1 call will be deleted within a day. That can't be undone. 1 message that nobody has heard will be deleted in a week.": {Calls: 1, Unheard: 1},
	} {
		if got := expiringInWords(e); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
