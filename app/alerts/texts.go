package alerts

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/outbox"
)

// The texts of alerts: one line each, without the time. What comes from a caller is made harmless, because services turn text that looks like links
// or markup into it.

// noticeEvent is how an alert tells of a kind of notice.
type noticeEvent struct {
	event  outbox.Event
	urgent bool
	rarely bool   // it may come with every call: one an hour is enough
	caller string // the text where the call is known, of whoever rang; "" is the notice's own
}

// byNotice as the text is the notice's own, which says who has done it, the household or which carer, and then who rang.
const byNotice = "by notice"

var noticeEvents = map[string]noticeEvent{
	store.NoticeEmergencyDialled: {event: outbox.EventEmergency, urgent: true},
	store.NoticeMessageLeft:      {event: outbox.EventMessageLeft, caller: "%s left a message."},
	store.NoticeScamWords:        {event: outbox.EventScamWords, caller: "What %s said sounds like a scam."},
	store.NoticeSentAway:         {event: outbox.EventSentAway, caller: byNotice},
	store.NoticeMessagesFull:     {event: outbox.EventMessages, rarely: true},
	store.NoticeMessageExpiring:  {event: outbox.EventMessages},
	store.NoticePassCodeUsed:     {event: outbox.EventPassCode},
	store.NoticePassCodeGuessing: {event: outbox.EventPassCode, rarely: true},
	store.NoticePasswordGuessing: {event: outbox.EventPassCode},
	store.NoticeDiskFull:         {event: outbox.EventDiskFull, rarely: true},
	store.NoticeLineDown:         {event: outbox.EventLine, urgent: true},
	store.NoticeLineUp:           {event: outbox.EventLine},
	store.NoticeListStale:        {event: outbox.EventLists},
	store.NoticeReplicaBehind:    {event: outbox.EventDiskFull},
	store.NoticeDatabaseDamaged:  {event: outbox.EventDiskFull, urgent: true},
}

// ofCall returns the alerts for a call that has ended.
func ofCall(h home, c store.LoggedCall) []outbox.Alert {
	who := whoRang(c, h.Region)
	alert := outbox.Alert{Source: "call " + strconv.FormatInt(c.ID, 10), At: c.At, Call: c.ID}
	switch c.Outcome {
	case calllog.TurnedAway:
		alert.Event = outbox.EventTurnedAway
		alert.Text = "A call was turned away: " + who + "."
		if c.Action == screening.Screen {
			alert.Text += " What they said sounded like a scam."
		} else if len(c.Reasons) > 0 {
			alert.Text += " " + harmless(c.Reasons[0].Text, 200)
		}
		if c.Number != "" { // one alert an hour for a number that rings again and again
			alert.Topic = "turned-away " + string(c.Number)
		}
	case calllog.Accepted:
		alert.Event = outbox.EventLetThrough
		alert.Text = "The household let an unknown caller through: " + who + "."
	case calllog.LetThrough:
		alert.Event = outbox.EventLetThrough
		alert.Text = "The household let an unknown caller through, and from now on always will: " + who + "."
	case calllog.Talked:
		i := slices.IndexFunc(c.Steps, letThroughByCarer)
		if i < 0 {
			return nil
		}
		alert.Event = outbox.EventLetThrough
		alert.Text = "An unknown caller was " + oneLine(calllog.WordsOf(c.Steps[i].Step)) + ": " + who + "."
	default:
		return nil
	}
	return []outbox.Alert{alert}
}

func letThroughByCarer(s store.Step) bool {
	carer, is := s.Step.(calllog.CarerPressed)
	return is && carer.Key == calllog.CarerLetThrough
}

// wordsOf is what a caller said in a message, as an alert has it.
func wordsOf(c store.LoggedCall) string {
	r, _ := c.Recording(calllog.RecordedMessage)
	said := quoted(r.Text, mostWords)
	switch {
	case said == "":
		return ""
	case r.Unsure:
		return "A machine heard, and isn’t sure: " + said
	default:
		return "A machine heard: " + said
	}
}

// mostWords of a message are in an alert, in characters: it is as long as a short letter then, and its page has the rest.
const mostWords = 400

// whoRang names a caller as people would.
func whoRang(c store.LoggedCall, region string) string {
	name := harmless(c.Contact, 64)
	if name == "" && c.Name != "" { // what the network says, which anybody can make it say
		name = quoted(c.Name, 40)
	}
	number := c.Number.National(region)
	switch {
	case number != "" && name != "":
		return name + " (" + number + ")"
	case number != "":
		return number
	case c.Presentation == screening.Withheld:
		return "a caller who withheld the number"
	case name != "":
		return name + " (no number)"
	default:
		return "a caller without a number"
	}
}

// quoted is what a stranger says, in quotation marks that it cannot end; "" if nothing of it is left.
func quoted(text string, most int) string {
	text = harmless(strings.NewReplacer(`"`, "", "“", "", "”", "").Replace(text), most)
	if text == "" {
		return ""
	}
	return "“" + text + "”"
}

// harmless keeps what people's names and sentences are made of, on one line. Characters that make a link, a mention or markup become spaces; a full
// stop stays only where a word ends.
func harmless(text string, most int) string {
	runes := []rune(screening.CleanLine(text, most))
	var b strings.Builder
	for i, r := range runes {
		last := i == len(runes)-1
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune(" '’-,()\"“”&!?%;+", r),
			(r == '.' || r == ':') && (last || runes[i+1] == ' ' || runes[i+1] == '"'):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// oneLine is a text of Ringfence's own, or of the household.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// weekText sums a week up. before is the first moment that is no longer in it.
func weekText(t store.CallTotals, from, before time.Time) string {
	days := from.Format("2 January") + " to " + before.AddDate(0, 0, -1).Format("2 January")
	if t.Calls() == 0 {
		return "The week from " + days + ": nobody rang."
	}
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, screening.Counted(n, one, many))
		}
	}
	add(t.LetThrough, "let through", "let through")
	add(t.SentAway, "sent away as a scam", "sent away as a scam")
	asked := ""
	if len(parts) > 0 {
		asked = " (" + strings.Join(parts, ", ") + ")"
	}
	parts = nil
	add(t.Rang, "rang straight through", "rang straight through")
	add(t.Screened, "was asked who they are"+asked, "were asked who they are"+asked)
	add(t.TurnedAway, "was turned away", "were turned away")
	add(t.MessageOnly, "could only leave a message", "could only leave a message")
	text := "The week from " + days + ": " + screening.Counted(t.Calls(), "call", "calls") + ". " + strings.Join(parts, ", ") + "."
	if t.Left > 0 {
		text += " " + screening.Counted(t.Left, "message was", "messages were") + " left."
	}
	return text
}
