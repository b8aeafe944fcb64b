package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/notify"
	"ringfence/store/outbox"
)

// What somebody's alerts are about, and when they come.

// eventWords are the events in plain words.
var eventWords = map[outbox.Event]string{
	outbox.EventEmergency:   "An emergency number is dialled from the house",
	outbox.EventLine:        "The line stops working, and when it works again",
	outbox.EventMessageLeft: "Somebody leaves a message",
	outbox.EventStranger:    "A stranger is on the line: with a link, so that you can step in",
	outbox.EventScamWords:   "What a caller says sounds like a scam",
	outbox.EventSentAway:    "The household, or a carer on the page, sends a scam caller away",
	outbox.EventTurnedAway:  "Ringfence turns a scam caller or a blocked one away",
	outbox.EventLetThrough:  "The household, or a carer on the page, lets an unknown caller through",
	outbox.EventPassCode:    "A pass code is used, or somebody seems to guess pass codes or a phone's password",
	outbox.EventMessages:    "There is no room for messages, or one will be deleted that nobody has heard",
	outbox.EventDiskFull:    "The disk of Ringfence's computer is nearly full, or failing",
	outbox.EventLists:       "A list of scam numbers grows old and cannot be updated",
	outbox.EventWeek:        "Every Monday at nine: the week in a few numbers",
}

// usualEvents are chosen until somebody chooses others: all but the one that comes most often and calls for nothing, and by e-mail the one that would come
// too late.
func usualEvents(by notify.Service) []outbox.Event {
	return slices.DeleteFunc(outbox.Events(), func(e outbox.Event) bool {
		return e == outbox.EventTurnedAway || e == outbox.EventStranger && by.Slow
	})
}

// choiceForm is what somebody's alerts are about, and when they come, as typed.
type choiceForm struct {
	Events     map[outbox.Event]bool
	Daily      bool
	At         string // of the daily message
	From, To   string // of quiet hours; both empty: none
	BreakQuiet bool
	Zone       string
	Words      bool
}

// eventRow is a check box.
type eventRow struct {
	ID      outbox.Event
	Words   string
	Checked bool
}

// Rows are the check boxes.
func (f choiceForm) Rows() (rows []eventRow) {
	for _, e := range outbox.Events() {
		rows = append(rows, eventRow{e, eventWords[e], f.Events[e]})
	}
	return rows
}

func usualForm(by notify.Service) choiceForm {
	f := choiceForm{Events: map[outbox.Event]bool{}, At: "18:00", BreakQuiet: true}
	for _, e := range usualEvents(by) {
		f.Events[e] = true
	}
	return f
}

func formOf(c outbox.Choices) choiceForm {
	h := household.AlertFormOf(c)
	f := choiceForm{
		Events: map[outbox.Event]bool{}, Daily: h.Daily != "", At: cmp.Or(h.Daily, "18:00"), From: h.QuietFrom, To: h.QuietTo,
		BreakQuiet: h.BreakQuiet, Zone: h.Zone, Words: h.Words,
	}
	for _, e := range h.Events {
		f.Events[e] = true
	}
	return f
}

func readChoices(r *http.Request) choiceForm {
	_ = r.ParseForm() // FormValue has parsed it before; what is missing is not chosen
	f := choiceForm{
		Events: map[outbox.Event]bool{}, Daily: r.FormValue("when") == "daily", At: r.FormValue("at"), From: r.FormValue("from"), To: r.FormValue("to"),
		BreakQuiet: r.FormValue("urgent") != "", Zone: strings.TrimSpace(r.FormValue("zone")), Words: r.FormValue("words") != "",
	}
	for _, e := range r.Form["event"] {
		f.Events[outbox.Event(e)] = true
	}
	return f
}

// choices reads the form.
func (f choiceForm) choices() (outbox.Choices, error) {
	h := household.AlertForm{QuietFrom: f.From, QuietTo: f.To, BreakQuiet: f.BreakQuiet, Zone: f.Zone, Words: f.Words}
	for _, e := range outbox.Events() {
		if f.Events[e] {
			h.Events = append(h.Events, e)
		}
	}
	if f.Daily {
		h.Daily = cmp.Or(f.At, "none")
	}
	return h.Choices()
}

// How many test messages a person may send: some at once, and then one a minute.
const (
	someTests = 5
	testEvery = time.Minute
)
