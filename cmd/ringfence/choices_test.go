package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"ringfence/app"
	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// What a household chooses at the command line, and that `lookup` decides by it.

const stranger = "020 7946 0009"

func TestModeForAWhile(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "ask\n  Unknown callers say who they are first.\n", "mode")
	h.says(0, "“Only people you know” holds until ", "mode", "known-only", "--for", "2h")
	h.says(0, "could leave a message", "lookup", stranger)
	out := h.says(0, " That holds until ", "mode")
	if !strings.HasPrefix(out, "known-only\n") || !strings.Contains(out, "The next change is ") || !strings.Contains(out, "“Ask who it is” begins") {
		t.Errorf("%q", out)
	}
	h.says(0, "“Off” holds until ", "mode", "off", "--until", time.Now().Add(time.Hour).Format("15:04"))
	h.says(0, "would ring", "lookup", stranger)
	h.says(0, "“Ask who it is” holds from now on.", "mode", "ask") // which ends it
	h.says(0, "would be asked", "lookup", stranger)
	if out := h.says(0, "ask\n", "mode"); strings.Contains(out, "change") {
		t.Errorf("nothing will change: %q", out)
	}
	h.says(2, "say which mode", "mode", "--for", "2h")
	h.says(2, "not a time of day", "mode", "off", "--until", "tonight")
	h.says(2, "over already", "mode", "off", "--for", "0s")
	h.says(2, "over already", "mode", "off", "--for=-2h")
	h.says(2, "90 days at most", "mode", "off", "--for", "2161h")
	h.says(2, "", "mode", "off", "--for", "2h", "--until", "18:00")
	h.says(2, "there is no mode", "mode", "fortress", "--for", "2h")
	h.says(0, "ask\n", "mode") // nothing of it was done
}

func TestScheduleCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "There is no schedule yet", "schedule", "list")
	h.says(0, "Added: Monday to Friday, 22:00 to 07:00 the next morning: quiet hours.", "schedule", "add", "mon-fri", "22:00-07:00", "quiet")
	h.says(0, "Added: Saturday and Sunday, 09:00 to 18:00: “Stop scammers only”.", "schedule", "add", "sat,sun", "9:00-18:00", "block-only")
	h.says(0, "mon-fri 22:00-07:00 quiet\nsat,sun 09:00-18:00 block-only\n", "schedule", "list")
	h.says(0, "mon-fri 22:00-07:00 quiet\nsat,sun 09:00-18:00 block-only\n", "schedule")
	h.says(0, "That time is removed.", "schedule", "remove", "mon-fri", "22:00-07:00", "quiet")
	h.says(1, "`ringfence schedule` shows what there is", "schedule", "remove", "mon-fri", "22:00-07:00", "quiet")
	h.says(0, "That time is removed.", "schedule", "remove", "sun,sat", "09:00-18:00", "block-only")
	h.says(2, "not a day of the week", "schedule", "add", "someday", "22:00-07:00", "quiet")
	h.says(2, "write it like 22:00-07:00", "schedule", "add", "mon", "22:00", "quiet")
	h.says(2, "there is no mode", "schedule", "add", "mon", "22:00-07:00", "loud")

	h.says(0, "", "schedule", "add", "daily", "00:00-24:00", "known-only")
	h.says(0, "known-only\n  Only contacts ring. Everyone else can leave a message. The week says so; at other times it is “Ask who it is”.\n", "mode")
	h.says(0, "It is “Stop scammers only” now where the week says nothing. At this moment the week says “Only people you know”.", "mode", "block-only")
	h.says(0, "could leave a message", "lookup", stranger)
	h.says(0, "", "schedule", "add", "daily", "00:00-24:00", "quiet")
	h.says(0, "It's quiet hours: ", "mode")
	h.says(0, "“Off” holds until", "mode", "off", "--for", "1h")
	h.says(0, "It's quiet hours, but in this mode every call rings.", "mode")
}

func TestExpectCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "", "schedule", "add", "daily", "00:00-24:00", "quiet")
	h.says(0, "could leave a message", "lookup", stranger)
	h.says(0, "the next unknown caller will ring", "expect")
	h.says(0, "You're expecting a call until ", "mode")
	h.says(0, "would ring", "lookup", stranger)
	h.says(0, "would ring", "lookup", stranger) // to look does not use it up
	h.says(0, "You're not expecting a call any more.", "expect", "--off")
	h.says(0, "could leave a message", "lookup", stranger)
	h.says(0, "will ring", "expect", "--for", "30m")
	h.says(0, "would ring", "lookup", stranger)
	h.says(2, "within a day", "expect", "--for", "48h")
	h.says(2, "over already", "expect", "--for", "0s")
	h.says(2, "", "expect", "--for", "1h", "--off")
}

func TestOptionCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	list := h.says(0, "", "option")
	defaults := map[string]string{
		"human-check": "suspicious", "quiet-contacts": "ring", "ring-dialled": "off", "dial-guard": "off", "carer-number": "none",
		"carer-when": "off", "emergency": "24h", "threshold": "0.5", "second-try": "off", "hold-strangers": "off", "title": "home", "keep-days": "90", "region": "GB", "alerts-at-home": "off",
		"scam-words": "warn", "display-words": "on", "report-words": "off", "smart-home": "off", "smart-home-keys": "off", "countries": "none",
	}
	for _, kind := range screening.CallerKinds() {
		defaults[string(kind.Code)] = "mode"
	}
	if strings.Count(list, "\n") != len(household.Options()) {
		t.Errorf("the list is\n%s", list)
	}
	for name, value := range defaults {
		if !strings.Contains(list, name) || h.says(0, "", "option", name) != value+"\n" {
			t.Errorf("%s is not %s", name, value)
		}
	}
	for _, set := range [][]string{
		{"human-check", "always"}, {"human-check", "off"}, {"human-check", "suspicious"}, {"human-check", "hidden"}, {"quiet-contacts", "message"}, {"ring-dialled", "on"},
		{"dial-guard", "on"}, {"carer-when", "always", "2"}, {"carer-number", "07700 900123"}, {"carer-when", "no-answer"},
		{"emergency", "1h30m"}, {"emergency", "100h"}, {"threshold", "0.75"}, {"withheld", "message"}, {"unavailable", "screen"},
		{"international", "turn-away"}, {"premium-rate", "ring"}, {"premium-rate", "mode"}, {"spam-name", "not-in-service"},
		{"title", "Mum's house"}, {"keep-days", "30"}, {"scam-words", "turn-away"}, {"display-words", "off"}, {"report-words", "on"}, {"smart-home", "words"}, {"smart-home-keys", "on"},
	} {
		if len(set) == 3 {
			h.says(2, "without a number: type the carer's own first", "option", set[0], set[1])
			continue
		}
		h.says(0, set[0]+" is now "+set[1]+".", "option", set[0], set[1])
		h.says(0, set[1]+"\n", "option", set[0])
	}
	h.says(0, "would be asked who they are and to press a key", "lookup", "unavailable")
	h.says(0, "would be turned away", "lookup", "+1 201 555 0123")
	h.says(0, "07700 900456", "option", "carer-number", "07700", "900", "456")
	h.says(0, "none", "option", "carer-number", "none")
	h.says(0, "off\n", "option", "carer-when") // which goes with the number
	h.says(0, "hidden\n", "option", "human-check")
	for words, args := range map[string][]string{
		"there is no option":                        {"colour"},
		"must be off, suspicious, hidden or always": {"human-check", "sometimes"},
		"must be ring or message":                   {"quiet-contacts", "turn-away"},
		"must be off or on":                         {"ring-dialled", "yes"},
		"this line's own number":                    {"carer-number", "020 7946 0100"},
		"the carer's own number":                    {"carer-number", "999"},
		"a short number":                            {"carer-number", "1571"},
		"write it like 24h":                         {"emergency", "soon"},
		"(1h to 168h)":                              {"emergency", "0h"},
		"above 0 and up to 1":                       {"threshold", "0"},
		"write it like 0.5":                         {"threshold", "50%"},
		"must be mode, ring":                        {"withheld", "shout"},
		"too short":                                 {"carer-number", "02"},
		"above 0 and up to 1, such":                 {"threshold", "NaN"},
		"must be warn, watch":                       {"scam-words", "shout"},
	} {
		h.says(2, words, append([]string{"option"}, args...)...)
	}
}

// What `lookup --json` says of quiet hours and the rest.
func TestLookupCommandTellsHowItWasDecided(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	look := func() (v struct{ Check, Quiet, Expected bool }) {
		t.Helper()
		if err := json.Unmarshal([]byte(h.says(0, "{", "lookup", stranger, "--json")), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := look(); v.Check || v.Quiet || v.Expected {
		t.Errorf("%+v", v)
	}
	h.says(0, "", "option", "human-check", "always")
	if v := look(); !v.Check {
		t.Errorf("%+v", v)
	}
	h.says(0, "", "schedule", "add", "daily", "00:00-24:00", "quiet")
	if v := look(); v.Check || !v.Quiet {
		t.Errorf("%+v", v)
	}
	h.says(0, "", "expect")
	if v := look(); v.Check || v.Quiet || !v.Expected {
		t.Errorf("%+v", v)
	}
}

// The schedule goes by the household's clocks, not by the machine's.
func TestScheduleHasTheHouseholdsTimezone(t *testing.T) {
	beside(t)
	for _, name := range []string{"Pacific/Kiritimati", "Pacific/Niue"} { // a day and an hour apart
		h := newHome(t, strings.ReplaceAll(usualSettings, "trunk = \"line\"", "trunk = \"line\"\ntimezone = \""+name+"\""))
		place, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now().In(place).Add(-time.Minute)
		from := screening.Clock(now.Hour()*60 + now.Minute())
		span := screening.Span{Days: screening.DaysOf(now.Weekday()), From: from, To: (from + 60) % (24 * 60), Quiet: true}
		words := strings.Fields(span.String())
		h.says(0, "", append([]string{"schedule", "add"}, words...)...)
		h.says(0, "It's quiet hours", "mode")
		h.says(0, "could leave a message", "lookup", stranger)
		until := time.Now().In(place).Add(90 * time.Minute).Format("15:04")
		h.says(0, until, "mode", "ask", "--until", until)
	}
}

// The command says what everybody who asks is told: its JSON is the answer of the interface for programs, its sentence that of
// the page.
func TestLookupIsOneAnswerForAll(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "", "contact", "add", "Daughter", "02079460001")
	h.says(0, "", "block", "add", "020794", "--prefix")
	h.says(0, "", "option", "withheld", "message")
	s, err := (&program{Config: h.config, Data: h.data}).settings()
	if err != nil {
		t.Fatal(err)
	}
	db, err := app.OpenStore(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, typed := range []string{"020 7946 0001", "020 7940 0002", "0121 496 0000", "withheld", "unavailable", "999", "+1 201 555 0123", "12345678901234567"} {
		found, err := db.Lookup(t.Context(), "home", s.Lines()["home"], typed, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var got screening.Answer
		if err := json.Unmarshal([]byte(h.says(0, "{", "lookup", typed, "--json")), &got); err != nil || !reflect.DeepEqual(got, found.Verdict.Answer(found.Caller.Number)) {
			t.Errorf("%s: %+v, not %+v, %v", typed, got, found.Verdict, err)
		}
		h.says(0, found.Verdict.Sentence(found.Caller, "GB")+"\n  - "+found.Verdict.Reasons[0].Text, "lookup", typed)
	}
}

// The command asks before it deletes, as the page does.
func TestOptionCommandAsksBeforeItDeletes(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "90\n", "option", "keep-days")
	h.fill(func(db *store.Store) error {
		at := time.Now().AddDate(0, 0, -10)
		call, err := db.CallArrived(t.Context(), "home", "1", at, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
		if err != nil {
			return err
		}
		return db.CallEnded(t.Context(), call, at, calllog.Talked)
	})
	h.says(2, "1 call will be deleted within a day. That can't be undone. If you are sure, add --sure", "option", "keep-days", "5")
	h.says(0, "90\n", "option", "keep-days")
	h.says(0, "keep-days is now 5.", "option", "keep-days", "5", "--sure")
}

// Countries are blocked by name, and a country code alone is the country.
func TestCountryCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	const nigeria, ireland = "+234 802 123 4567", "+353 1 234 5678"
	h.says(0, "All other countries      Like other unknown callers\n", "country")
	h.says(0, "Calls from Nigeria are turned away. It goes by the number that a caller shows", "country", "add", "Nigeria")
	h.says(0, "would be turned away.\n  - The caller shows a number from Nigeria. The household turns callers from there away.", "lookup", nigeria)
	h.says(0, "Calls from all other countries but Ireland and France are turned away.", "country", "add", "all", "--except", "Ireland, France")
	h.says(0, "would be asked", "lookup", ireland)
	h.says(0, "would be turned away", "lookup", "+49 30 1234567")
	h.says(0, "Calls from Ireland ring", "country", "add", "ie", "--do", "ring")
	h.says(0, "would ring", "lookup", ireland)
	h.says(0, "Nigeria                  Turn them away", "country", "list")
	h.says(0, "There is no rule for calls from Nigeria any more.", "country", "remove", "NG")
	h.says(1, "`ringfence country` shows what there is", "country", "remove", "Nigeria")
	h.says(0, "Calls from other countries are treated like", "country", "remove", "all")
	h.says(0, "Calls from Austria are turned away.", "block", "add", "+43", "--prefix")
	h.says(0, "There is no rule for calls from Austria any more.", "block", "remove", "+43", "--prefix")
	h.says(1, "Your line is in the United Kingdom", "country", "add", "GB")
	h.says(1, "isn't a country", "country", "add", "Narnia")
}

// A hospital's numbers ring by their beginning, whatever a list says; a block on one of them is more exact.
func TestContactByPrefixCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	const ward = "01753 634567"
	h.says(0, "Wexham Park hospital (0175363*) is one of your contacts now", "contact", "add", "Wexham Park hospital", "01753", "63", "--prefix")
	h.says(0, "would ring.\n  - The caller shows one of the numbers of Wexham Park hospital", "lookup", ward)
	h.says(0, "Wexham Park hospital: 0175363*", "contact")
	h.says(0, "", "block", "add", ward)
	h.says(0, "would be turned away", "lookup", ward)
	h.says(0, "would ring", "lookup", "01753 634568")
	h.says(1, "is the beginning of too many numbers", "contact", "add", "Manchester", "0161", "--prefix")
	h.says(0, "isn't a contact any more", "contact", "remove", "01753 63*")
	h.says(0, "would be asked", "lookup", "01753 634568")
}
