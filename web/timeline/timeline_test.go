package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

var at = time.Date(2026, 11, 24, 10, 31, 4, 0, time.UTC)

// call is a call whose steps, "kind" or "kind/words", follow each other by a second, and that ends after d.
func call(action screening.Action, outcome string, d time.Duration, steps ...string) store.LoggedCall {
	c := store.LoggedCall{Call: store.Call{ID: 1, At: at, Number: "+442079460999", Presentation: screening.Allowed, Action: action, Outcome: calllog.Outcome(outcome)}}
	if outcome != "" {
		c.Ended = at.Add(d)
	}
	for i, s := range steps {
		step, detail, _ := strings.Cut(s, "/")
		c.Steps = append(c.Steps, store.Step{At: at.Add(time.Duration(i+1) * time.Second), Step: calllog.Read(calllog.Kind(step), detail)})
	}
	return c
}

func message(c store.LoggedCall, length time.Duration) store.LoggedCall {
	c.Recordings = append(c.Recordings, store.Recording{Kind: "message", Length: length})
	return c
}

func anna(c store.LoggedCall) store.LoggedCall {
	c.Contact, c.ContactID = "Anna", 7
	return c
}

func listed(c store.LoggedCall, list string) store.LoggedCall {
	c.Reasons = []screening.Reason{{Code: screening.CodeList, List: list, Text: "However it is said."}}
	return c
}

func because(c store.LoggedCall, code screening.Code, text string) store.LoggedCall {
	c.Reasons = []screening.Reason{{Code: code, Text: text}}
	return c
}

func TestSummary(t *testing.T) {
	long := 4*time.Minute + 2*time.Second
	for want, c := range map[string]store.LoggedCall{
		"Talked for 5 minutes": anna(call(screening.Ring, "talked", long+time.Minute, "rang", "picked-up")),
		"Talked for 4 minutes": call(screening.Ring, "talked", long, "rang", "picked-up"),
		"Talked":               call(screening.Ring, "talked", long, "rang/without the call screener"),
		"Talked for 4 minutes; always let through from now on":                      call(screening.Ring, "talked", long, "rang", "picked-up", "kept"),
		"Was put through and talked for 39 seconds":                                 call(screening.Screen, "accepted", 42*time.Second, "rang", "picked-up", "pressed/1"),
		"Was put through and talked for 39 seconds; always let through from now on": call(screening.Screen, "let-through", 42*time.Second, "rang", "picked-up", "pressed/4"),
		"Was put through and talked for 2 seconds":                                  call(screening.Screen, "let-through", 5*time.Second, "rang", "picked-up", "pressed/4", "not-allowed"),
		"The household did not want the call then; left no message":                 call(screening.Screen, "not-now", long, "rang", "picked-up", "pressed/2"),
		"The household did not want the call then; left a message (0:42)":           message(call(screening.Screen, "message-left", long, "rang", "picked-up", "pressed/nothing", "message/42s"), 42*time.Second),
		"Nobody answered; left a message (0:42)":                                    message(call(screening.Ring, "message-left", long, "rang", "no-answer", "message/42s"), 42*time.Second),
		"Nobody answered; left a message (0:07)":                                    message(call(screening.Screen, "message-left", long, "rang", "pressed/1, to leave a message"), 7*time.Second),
		"Nobody answered; left a message (0:42), deleted since":                     call(screening.Ring, "message-left", long, "rang", "no-answer", "message/42s"),
		"The household was on another call; left a message (1:05)":                  message(call(screening.Ring, "message-left", long, "second-call"), 65*time.Second),
		"Left a message (0:42)":                                                     message(call(screening.Message, "message-left", long), 42*time.Second),
		"Could only leave a message; left no message":                               call(screening.Message, "no-message", long),
		"Nobody answered; left no message":                                          call(screening.Ring, "nobody-home", long, "rang", "no-answer"),
		"Nobody answered; there was no room for a message":                          call(screening.Ring, "nobody-home", long, "rang", "no-answer", "no-room"),
		"Nobody answered; the message could not be kept":                            call(screening.Ring, "nobody-home", long, "rang", "no-answer", "fault/the message could not be kept"),
		"The household was on another call; left no message":                        call(screening.Ring, "busy", long, "second-call"),
		"Sent away as a scam":                                                       call(screening.Screen, "sent-away", long, "rang", "picked-up", "pressed/3"),
		"Said nothing when asked":                                                   call(screening.Screen, "no-name", long, "asked", "asked"),
		"Did not press the key that was asked for: perhaps a recorded call":         call(screening.Screen, "not-proven", long),
		"Hung up before anybody answered":                                           call(screening.Ring, "caller-gone", long, "rang"),
		"Hung up when asked who they were":                                          call(screening.Screen, "caller-gone", long, "asked"),
		"Said who they were, and hung up":                                           call(screening.Screen, "caller-gone", long, "asked", "said/3s"),
		"Hung up while the household heard who was calling":                         call(screening.Screen, "caller-gone", long, "rang", "picked-up"),
		"Hung up":                                              call(screening.Message, "caller-gone", long),
		"Turned away":                                          call(screening.TurnAway, "turned-away", 0),
		"Turned away: blocked by the household":                because(call(screening.TurnAway, "turned-away", 0), screening.CodeBlock, "x"),
		"Turned away: number withheld":                         because(call(screening.TurnAway, "turned-away", 0), screening.CodeWithheld, "x"),
		"Turned away: on a shared list":                        because(call(screening.TurnAway, "turned-away", 0), screening.CodeList, "A shared list reports it."),
		"Turned away: on the list Dunmow":                      listed(call(screening.TurnAway, "turned-away", 0), "Dun\u202emow"),
		"How it ended is not known: Ringfence was not running": call(screening.Ring, "interrupted", long),
		"Something new":                                        call(screening.Ring, "something-new", long),

		"Ringing…":                                   call(screening.Ring, "", 0),
		"Being asked who they are…":                  call(screening.Screen, "", 0),
		"Being asked to leave a message…":            call(screening.Message, "", 0),
		"Being turned away…":                         call(screening.TurnAway, "", 0),
		"Saying who they are…":                       call(screening.Screen, "", 0, "asked"),
		"Has said who they are…":                     call(screening.Screen, "", 0, "asked", "said/2s", "something-new"),
		"The phone is ringing…":                      call(screening.Screen, "", 0, "asked", "said/2s", "rang", "carer/let through by Anna, on the page"),
		"Picked up: the household hears who it is…":  call(screening.Screen, "", 0, "asked", "said/2s", "rang", "picked-up"),
		"They are talking":                           call(screening.Screen, "", 0, "rang", "picked-up", "carer/let through by Anna, on the page"),
		"Leaving a message…":                         call(screening.Screen, "", 0, "rang", "picked-up", "pressed/2"),
		"Nobody answered: leaving a message…":        call(screening.Screen, "", 0, "rang", "no-answer"),
		"Waiting: the household is on another call…": call(screening.Ring, "", 0, "second-call"),
		"Sent away as a scam by Anna, on the page":   call(screening.Screen, "sent-away", 0, "rang", "carer/sent away as a scam by Anna, on the page"),
	} {
		if got := Summary(c); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestTalking(t *testing.T) {
	for _, c := range []struct {
		call store.LoggedCall
		want bool
	}{
		{call(screening.Ring, "", 0, "rang"), false},
		{call(screening.Ring, "", 0, "rang", "picked-up"), true},
		{call(screening.Screen, "", 0, "rang", "picked-up"), false},
		{call(screening.Screen, "", 0, "rang", "picked-up", "pressed/1"), true},
		{call(screening.Screen, "", 0, "rang", "picked-up", "pressed/4"), true},
		{call(screening.Screen, "", 0, "rang", "picked-up", "pressed/2"), false},
		{call(screening.Screen, "", 0, "pass-code/Joan", "rang"), false},
		{call(screening.Screen, "", 0, "pass-code/Joan", "rang", "picked-up"), true},
		{call(screening.Screen, "", 0, "carer/let through by Anna, on the page", "rang", "picked-up"), true},
		{call(screening.Screen, "", 0, "carer/told “not now” by Anna, on the page", "rang", "picked-up"), false},
	} {
		if got := Talking(c.call.Call); got != c.want {
			t.Errorf("%v: %v", c.call.Steps, got)
		}
	}
}

// Who has been sent away hears the inspection message for ten seconds more.
func TestWhoIsSentAwayHearsTheMessage(t *testing.T) {
	for step, want := range map[string]string{
		"pressed/3": "Hearing the inspection message…",
		"carer/sent away as a scam by Anna, on the page": "Hearing the inspection message…",
		"sent-away/*7 in the conversation":               "Hearing the inspection message…",
		"pressed/nothing":                                "Leaving a message…",
		"carer/told “not now” by Anna, on the page":      "Leaving a message…",
	} {
		if got := Summary(call(screening.Screen, "", 0, "asked", "said/3s", "rang", "picked-up", step)); got != want {
			t.Errorf("%s: %q, not %q", step, got, want)
		}
	}
}

// The name of a list comes out of the sentence that screening makes.
func TestSummaryNamesTheList(t *testing.T) {
	v := screening.Decide(screening.Call{Caller: screening.Caller{Number: "+442079460999", Presentation: screening.Allowed}},
		screening.Household{Region: "GB"}, screening.Knowledge{Entries: []screening.Entry{{List: "Trading Standards", Confidence: 0.9}}})
	c := call(v.Action, "turned-away", 0)
	c.Reasons = v.Reasons
	if got := Summary(c); got != "Turned away: on the list Trading Standards" {
		t.Error(got)
	}
}

func TestLines(t *testing.T) {
	c := because(call(screening.Screen, "sent-away", 40*time.Second, "asked/ask-name", "said/3.2s", "proven/pressed the key that was asked for", "rang",
		"picked-up", "pressed/3", "let-through/by Anna, on the page"), screening.CodeUnknown, "The household doesn't know this caller.")
	c.Name = "MICROSOFT"
	var got []string
	for _, l := range Lines(c, "GB") {
		got = append(got, fmt.Sprint(l.At.Format("15:04:05 "), l.Text, " ", l.Recording))
	}
	want := `10:31:04 Called from 020 7946 0999. The network gave the name MICROSOFT. The household doesn't know this caller. 
10:31:05 Was asked who they were and why they were calling. 
10:31:06 Said who they were (0:03). name
10:31:07 Pressed the key that was asked for, as a recorded call would not. 
10:31:08 The phones rang. 
10:31:09 Somebody picked up. 
10:31:10 The household pressed 3: a scam. 
10:31:11 Let through (by Anna, on the page). 
10:31:44 Heard that the household is aware of the matter, and was hung up on. `
	if strings.Join(got, "\n") != want {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// What no code writes today is told all the same, and what callers write turns nothing around.
func TestUnknownSteps(t *testing.T) {
	for want, s := range map[string]struct{ kind, detail string }{
		"Not now (by Anna, on the page).": {"not-now", "by Anna, on the page"},
		"Away.":                           {"away", ""},
		"The phones rang (somewhere).":    {"rang", "somewhere"},
		"The household pressed 4: put through, and always let through from now on.": {"pressed", "4"},
		"Left a message.": {"message", "long"},
		"Keyed the pass code of Joan, and was let through.": {"pass-code", "Jo\u202ean\n"},
		"Let through by Anna, on the page.":                 {"carer", "let through by Anna, on the page"},
		"Keyed a wrong pass code (2 in a row).":             {"pass-code-wrong", "2 in a row"},
		"PhoneBlock: 4 votes, fraud.":                       {"others", "PhoneBlock: 4 votes, fraud"},
	} {
		if got := sentence(calllog.Read(calllog.Kind(s.kind), s.detail)); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for want, c := range map[string]store.LoggedCall{
		"020 7946 0999":                   call("", "", 0),
		"+1 201-555-0123":                 {Call: store.Call{Number: "+12015550123"}},
		"Number withheld":                 {Call: store.Call{Presentation: screening.Withheld, Said: "02079460999"}},
		"No number shown":                 {Call: store.Call{Presentation: screening.Unavailable, Said: "02079460999"}},
		"00<b> 1 (not a possible number)": {Call: store.Call{Presentation: screening.Allowed, Said: "00<b>\n1\u202e"}},
	} {
		if got := Number(c.Call, "GB"); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	withheld := store.LoggedCall{Call: store.Call{Presentation: screening.Withheld, Said: "02079460999"}}
	if text := Lines(withheld, "GB")[0].Text; strings.Contains(text, "0999") {
		t.Error(text)
	}
	if got := Printable(strings.Repeat("é", 4000)); len([]rune(got)) != 81 {
		t.Errorf("%d characters", len([]rune(got)))
	}
}

func TestLength(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 59*time.Second + 400*time.Millisecond: "59 seconds", 59*time.Second + 600*time.Millisecond: "1 minute",
		89 * time.Second: "1 minute", 90 * time.Second: "2 minutes", time.Hour - time.Second: "1 hour", 80 * time.Minute: "1 hour 20 minutes", 121 * time.Minute: "2 hours 1 minute",
	} {
		if got := Length(d); got != want {
			t.Errorf("%v is %q, not %q", d, got, want)
		}
	}
	if got := Clock(12*time.Minute + 4600*time.Millisecond); got != "12:05" {
		t.Error(got)
	}
}

// A household that turns a kind of callers away reads in the list of calls which kind it was.
func TestEveryKindTurnedAwaySaysWhy(t *testing.T) {
	for _, kind := range screening.CallerKinds() {
		c := store.LoggedCall{Call: store.Call{Action: screening.TurnAway, Reasons: []screening.Reason{{Code: kind.Code}}}}
		if turnedAway(c) == "" {
			t.Errorf("%s: it has no words for it", kind.Code)
		}
	}
}
