package web

import (
	"context"
	"strconv"
	"strings"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/timeline"
)

// callCard is a call as Today and the search show it.
type callCard struct {
	store.LoggedCall
	Path     string
	Who      string
	Shown    string // the number as people write it, or why there is none
	Level    string // ok, warn, stop, message or quiet
	Summary  string // what has happened in it, in a sentence
	Known    bool   // a contact
	Named    string // what carers call somebody who is not a contact
	Blocked  bool
	Reported bool
	Said     *sound // what the caller said, if there is a recording
	Message  *sound
	Script   string // what the caller's words sound like, and why; "" for nothing
	Scam     bool   // it is a scam that they sound like
	InDay    bool   // it stands below its day, so that its time of day is enough
}

// sound is a recording that can be played.
type sound struct {
	Path    string
	Caption string // "What they said"
	Label   string // the same for screen readers: whose voice, and when
	Length  string
	Heard   bool // somebody has heard the message
	May     bool // the visitor may hear it
	Words   store.Words
	Opinion string // how the words sound to a language model, as its own opinion; "" where it does not warn
	Scam    bool   // it is a scam that they sound like to it
}

// InProgress says whether the call is in progress.
func (c callCard) InProgress() bool { return c.Outcome == "" && c.Ended.IsZero() }

// Unheard says whether the caller has left a message that nobody has heard yet and the visitor may hear.
func (c callCard) Unheard() bool { return c.Message != nil && c.Message.May && !c.Message.Heard }

// Warns says whether a list of calls warns that the call sounds like a scam: not if it was sent away as one.
func (c callCard) Warns() bool { return c.Scam && c.Outcome != calllog.SentAway }

// Because is the deciding reason, unless it is that nobody knows the caller, which the card shows.
func (c callCard) Because() string {
	if len(c.Reasons) == 0 || c.Reasons[0].Code == screening.CodeUnknown {
		return ""
	}
	return c.Reasons[0].Text
}

// Heard is how what the caller said began, or their message, as a machine has heard it; "" for nothing, and where all of the message is shown.
func (c callCard) Heard() string {
	if c.Unheard() {
		return ""
	}
	const most = 8
	for _, s := range []*sound{c.Message, c.Said} {
		if s == nil || s.Words.Text == "" {
			continue
		}
		words := strings.Fields(s.Words.Text)
		if len(words) > most {
			return strings.Join(words[:most], " ") + " …"
		}
		return s.Words.Text
	}
	return ""
}

// cards adds to calls what the household knows about their callers.
func (s callHandlers) cards(ctx context.Context, v *backend.Visitor, calls []store.LoggedCall) ([]callCard, error) {
	known, err := s.callers(ctx, v)
	if err != nil {
		return nil, err
	}
	var cards []callCard
	for _, c := range calls {
		cards = append(cards, known.card(v, settled(v, c)))
	}
	return cards, nil
}

// callers is what a household knows about numbers apart from its contacts, for a page of calls.
type callers struct {
	names    map[screening.Number]string
	blocked  map[screening.Number]bool // the number itself, not a prefix of it
	reported map[screening.Number]bool
}

func (s callHandlers) callers(ctx context.Context, v *backend.Visitor) (k callers, err error) {
	k = callers{reported: map[screening.Number]bool{}}
	if k.blocked, err = s.Store.BlockedNumbers(ctx, v.Household.Name); err != nil {
		return k, err
	}
	reports, err := s.Store.Reports(ctx, v.Household.Name)
	for _, r := range reports {
		k.reported[r.Number] = true
	}
	if err != nil {
		return k, err
	}
	k.names, err = s.Store.CallerNames(ctx, v.Household.Name)
	return k, err
}

func (k callers) card(v *backend.Visitor, c store.LoggedCall) callCard {
	if !v.Hears {
		c = timeline.WithoutWords(c)
	}
	card := callCard{LoggedCall: c, Path: callPath(v, c), Shown: timeline.Number(c.Call, v.Household.Region), Who: whoCalled(v, c.Call)}
	if c.Number != "" {
		card.Named = k.names[c.Number]
		card.Blocked = k.blocked[c.Number]
		card.Reported = k.reported[c.Number]
	}
	switch {
	case c.Contact != "":
		card.Known, card.Who = true, c.Contact
	case card.Named != "":
		card.Who = card.Named
	}
	card.Level, card.Summary = summary(c)
	script, sentences, _ := timeline.Script(c.Call)
	card.Script, card.Scam = sentences, script.Level.IsScam()
	for _, rec := range c.Recordings {
		played := &sound{
			Path: v.Path("recordings", strconv.FormatInt(c.ID, 10), rec.Kind), Length: timeline.Length(rec.Length), May: v.Hears, Heard: !rec.Heard.IsZero(),
		}
		if v.Hears {
			played.Words = rec.Words
			played.Opinion, played.Scam = timeline.Opinion(rec.Opinion.Level), rec.Opinion.Level.IsScam()
		}
		switch rec.Kind {
		case calllog.RecordedName:
			played.Caption, played.Label = "What they said", "What "+card.Who+" said "+v.When(c.At)+", "+played.Length
			card.Said = played
		case calllog.RecordedMessage:
			played.Caption, played.Label = "Their message", "The message that "+card.Who+" left "+v.When(c.At)+", "+played.Length
			card.Message = played
		}
	}
	return card
}

func callPath(v *backend.Visitor, c store.LoggedCall) string {
	return v.Path("calls", strconv.FormatInt(c.ID, 10))
}

// whoCalled is the caller's name, as far as the call itself tells.
func whoCalled(v *backend.Visitor, c store.Call) string {
	if name := timeline.Printable(c.Name); name != "" {
		return name
	}
	return timeline.Number(c, v.Household.Region)
}

// summary says in a sentence how a call ended, or what is going on in it; level is how that looks.
func summary(c store.LoggedCall) (level, sentence string) {
	level = "quiet"
	switch c.Outcome {
	case calllog.Talked, calllog.Accepted, calllog.LetThrough:
		level = "ok"
	case calllog.SentAway, calllog.TurnedAway, calllog.TooMany:
		level = "stop"
	case calllog.MessageLeft:
		level = "message"
	case "":
		level = "warn"
	}
	sentence = timeline.Summary(c)
	if !strings.HasSuffix(sentence, "…") {
		sentence += "."
	}
	return level, sentence
}

// CanLetThrough says whether the caller is an unknown one who can be let through.
func (c callCard) CanLetThrough() bool { return c.CanWait() && c.Action == screening.Screen }

// CanWait says whether the caller can be asked to leave a message: nobody is talking to them yet.
func (c callCard) CanWait() bool {
	return c.CanGo() && c.Action != screening.TurnAway && !timeline.Talking(c.Call)
}

// CanGo says whether the caller can be sent away: they have not been already, and are not help calling back.
func (c callCard) CanGo() bool { return !timeline.SentAway(c.Call) && !c.MayBeHelp() }

// MayBeHelp says whether the caller may be help calling back, which no carer can send away.
func (c callCard) MayBeHelp() bool { return (screening.Verdict{Reasons: c.Reasons}).Help() }
