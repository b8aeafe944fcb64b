package household

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ringfence/screening"
)

// modes in the order in which pages offer them.
var modes = []Value{
	{string(screening.Ask), "Ask who it is", "Unknown callers say who they are. You hear it, and decide. Right for most people."},
	{string(screening.KnownOnly), "Only people you know", "Contacts ring. Everyone else can leave a message."},
	{string(screening.BlockOnly), "Stop scammers only", "Everyone rings, except blocked numbers and known scams."},
	{string(screening.Watch), "Only watch", "Every call rings. You can see what Ringfence would have done."},
	{string(screening.Off), "Off", "Every call rings, scammers too."},
}

// Modes are the modes for people.
func Modes() []Value { return modes }

// ModeName is a mode in words.
func ModeName(m screening.Mode) string {
	for _, v := range modes {
		if v.Word == string(m) {
			return v.Words
		}
	}
	return string(m)
}

// setMode is what is set about the mode: the household's own, and a temporary one that overrides it and the schedule.
type setMode struct {
	Own       screening.Mode `json:"own"`
	Temporary screening.Mode `json:"temporary,omitempty"`
	Until     int64          `json:"until,omitempty"` // Unix seconds
}

// at is m at a time, without a temporary mode that has ended.
func (m setMode) at(now time.Time) setMode {
	if m.Until <= now.Unix() {
		m.Temporary, m.Until = "", 0
	}
	return m
}

func modeOf(h screening.Household, now time.Time) setMode {
	return setMode{h.Mode, h.Times.Temporary, h.Times.TemporaryUntil.Unix()}.at(now)
}

// of is h with m.
func (m setMode) of(h screening.Household) screening.Household {
	h.Mode, h.Times.Temporary, h.Times.TemporaryUntil = m.Own, m.Temporary, time.Unix(m.Until, 0)
	return h
}

func (a Admin) modeInWords(m setMode) string {
	if m.Temporary != "" {
		return ModeName(m.Temporary) + " until " + a.coming(time.Unix(m.Until, 0))
	}
	return ModeName(m.Own)
}

// SeenMode is what a form of the mode shows, for the form to carry.
func (a Admin) SeenMode(h screening.Household) string { return seenMode(modeOf(h, a.Now)) }

func seenMode(m setMode) string {
	return written(map[string]string{"mode": string(m.Own), "temporary": string(m.Temporary), "until": strconv.FormatInt(m.Until, 10)})
}

// SetMode sets the household's own mode, and ends a temporary one, because the change is meant to apply now. With an end it sets a temporary mode
// until then, whatever the schedule says, and the household's own stays. seen is what the form showed, "" without a form.
func (a Admin) SetMode(ctx context.Context, seen string, mode screening.Mode, end time.Time) (Done, error) {
	return a.changeMode(ctx, seen, func(was screening.Household) (setMode, error) {
		if end.IsZero() {
			return setMode{Own: mode}, nil
		}
		return setMode{was.Mode, mode, end.Unix()}, screening.CheckModeEnd(a.Now, end)
	}, mode)
}

// SetModeNow sets the household's own mode, and puts it in force at once: if the schedule says otherwise, until the schedule's next change.
// Telephones do so, because nobody sees a schedule there.
func (a Admin) SetModeNow(ctx context.Context, mode screening.Mode) (Done, error) {
	return a.changeMode(ctx, "", func(was screening.Household) (setMode, error) {
		set := setMode{Own: mode}
		house := set.of(was)
		if next := house.NextChange(a.Now); house.ModeAt(a.Now) != mode && !next.IsZero() {
			set.Temporary, set.Until = mode, next.Unix()
		}
		return set, nil
	}, mode)
}

func (a Admin) changeMode(ctx context.Context, seen string, next func(was screening.Household) (setMode, error), mode screening.Mode) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		if err := mode.Check(); err != nil {
			return change{}, because(Unfit, err)
		}
		chosen, err := a.Chosen(ctx)
		if err != nil {
			return change{}, err
		}
		was := modeOf(chosen.Household, a.Now)
		if err := fresh(seen, seenMode(was), a.modeSentence(was, chosen.Household)); err != nil {
			return change{}, err
		}
		now, err := next(chosen.Household)
		if err != nil {
			return change{}, because(Unfit, err)
		}
		return a.replaceMode(ctx, was, now, chosen.Household)
	})
}

func (a Admin) replaceMode(ctx context.Context, was, now setMode, house screening.Household) (change, error) {
	if was == now {
		return unchanged("it was “" + a.modeInWords(now) + "” already"), nil
	}
	return change{
		word: ModeChanged, sentence: a.modeSentence(now, house), before: a.modeInWords(was), after: a.modeInWords(now),
		undo: &undo{What: ModeChanged, Mode: &modeUndo{Before: was, After: now}},
	}, a.Store.SetMode(ctx, a.Household, now.Own, now.Temporary, time.Unix(now.Until, 0))
}

func (a Admin) modeSentence(m setMode, house screening.Household) string {
	house = m.of(house)
	switch {
	case m.Temporary != "":
		return "“" + ModeName(m.Temporary) + "” holds until " + a.coming(time.Unix(m.Until, 0)) + "."
	case house.OriginAt(a.Now) == screening.BySchedule:
		return fmt.Sprintf("It is “%s” now where the week says nothing. At this moment the week says “%s”.", ModeName(m.Own), ModeName(house.ModeAt(a.Now)))
	}
	return "“" + ModeName(m.Own) + "” holds from now on."
}

// modeUndo is what was set before and after.
type modeUndo struct {
	Before setMode `json:"before"`
	After  setMode `json:"after"`
}

func (a Admin) undoMode(ctx context.Context, back undo) (change, error) {
	u := *back.Mode
	chosen, err := a.Chosen(ctx)
	if err != nil {
		return change{}, err
	}
	was := modeOf(chosen.Household, a.Now)
	if was != u.After.at(a.Now) {
		return change{}, tooLate(a.modeSentence(was, chosen.Household))
	}
	return a.replaceMode(ctx, was, u.Before.at(a.Now), chosen.Household)
}

// modesNow says what happens in each mode.
var modesNow = map[screening.Mode]string{
	screening.Ask:       "Unknown callers say who they are first.",
	screening.KnownOnly: "Only contacts ring. Everyone else can leave a message.",
	screening.BlockOnly: "Every call rings, except from blocked numbers and known scammers.",
	screening.Watch:     "Ringfence is only watching: every call rings.",
	screening.Off:       "Screening is switched off: every call rings.",
}

// NowInWords says what happens to callers at this moment, why, and until when.
func NowInWords(house screening.Household, now time.Time) string {
	mode := house.ModeAt(now)
	words := modesNow[mode]
	until := func(t time.Time) string { return Coming(house.Local(now), house.Local(t)) }
	switch house.OriginAt(now) {
	case screening.ByTemporary:
		words += " That holds until " + until(house.Times.TemporaryUntil) + "."
	case screening.BySchedule:
		words += " The week says so; at other times it is “" + ModeName(house.Mode) + "”."
	}
	switch rings := mode == screening.Watch || mode == screening.Off; {
	case house.QuietAt(now) && rings:
		words += " It's quiet hours, but in this mode every call rings."
	case house.QuietAt(now):
		words += " It's quiet hours: the phone doesn't ring, and callers can leave a message."
	}
	if house.ExpectingAt(now) {
		words += " You're expecting a call until " + until(house.Times.ExpectingUntil) + ", so the next unknown caller rings straight through."
	}
	return words
}

// ChangeInWords says what is different at another time.
func ChangeInWords(house screening.Household, now, then time.Time) string {
	var all []string
	if mode := house.ModeAt(then); mode != house.ModeAt(now) {
		all = append(all, "“"+ModeName(mode)+"” begins")
	}
	switch quiet := house.QuietAt(then); {
	case quiet == house.QuietAt(now):
	case quiet:
		all = append(all, "quiet hours begin")
	default:
		all = append(all, "quiet hours end")
	}
	return strings.Join(all, " and ")
}

// SeenExpecting is what a form about an expected call shows, for the form to carry.
func (a Admin) SeenExpecting(h screening.Household) string { return seenExpecting(a.expected(h)) }

func seenExpecting(end time.Time) string {
	return written(map[string]string{"expecting": strconv.FormatInt(unixOf(end), 10)})
}

// expected is until when a call is expected; the zero time if none is.
func (a Admin) expected(h screening.Household) time.Time {
	if h.ExpectingAt(a.Now) {
		return h.Times.ExpectingUntil
	}
	return time.Time{}
}

// ExpectNext lets the next unknown caller ring, for UsualExpecting. seen is what the form showed, "" without a form.
func (a Admin) ExpectNext(ctx context.Context, seen string) (Done, error) {
	return a.Expect(ctx, seen, a.Now.Add(screening.UsualExpecting))
}

// ExpectNobody ends that. seen is as for ExpectNext.
func (a Admin) ExpectNobody(ctx context.Context, seen string) (Done, error) {
	return a.Expect(ctx, seen, time.Time{})
}

// Expect lets the next unknown caller ring until a time; the zero time lets nobody. seen is as for ExpectNext.
func (a Admin) Expect(ctx context.Context, seen string, end time.Time) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		chosen, err := a.Chosen(ctx)
		if err != nil {
			return change{}, err
		}
		if !end.IsZero() {
			if err := screening.CheckExpecting(a.Now, end); err != nil {
				return change{}, because(Unfit, err)
			}
		}
		was := a.expected(chosen.Household)
		if err := fresh(seen, seenExpecting(was), a.expectingSentence(was)); err != nil {
			return change{}, err
		}
		return a.replaceExpecting(ctx, was, end)
	})
}

func (a Admin) replaceExpecting(ctx context.Context, was, now time.Time) (change, error) {
	switch same := unixOf(was) == unixOf(now); {
	case same && now.IsZero():
		return unchanged("no call was expected"), nil
	case same:
		return unchanged("a call was expected " + a.untilWhen(now) + " already"), nil
	}
	return change{
		word: Expecting, sentence: a.expectingSentence(now), before: a.untilWhen(was), after: a.untilWhen(now),
		undo: &undo{What: Expecting, Expecting: &expectingUndo{Before: unixOf(was), After: unixOf(now)}},
	}, a.Store.SetExpecting(ctx, a.Household, now)
}

func (a Admin) untilWhen(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return "until " + a.coming(end)
}

func (a Admin) expectingSentence(end time.Time) string {
	if end.IsZero() {
		return "You're not expecting a call any more."
	}
	return screening.Capital(a.untilWhen(end)) + " the next unknown caller will ring straight through, once."
}

// expectingUndo is until when a call was expected before and after, in Unix seconds; 0 for none.
type expectingUndo struct {
	Before int64 `json:"before"`
	After  int64 `json:"after"`
}

func (a Admin) undoExpecting(ctx context.Context, back undo) (change, error) {
	u := *back.Expecting
	chosen, err := a.Chosen(ctx)
	if err != nil {
		return change{}, err
	}
	if unixOf(chosen.Times.ExpectingUntil) != u.After { // a call may have used it up
		return change{}, tooLate(a.expectingSentence(a.expected(chosen.Household)))
	}
	end := time.Unix(u.Before, 0)
	if !end.After(a.Now) {
		end = time.Time{}
	}
	return a.replaceExpecting(ctx, chosen.Times.ExpectingUntil, end)
}

func unixOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// coming is a future time by the household's clocks, as it follows "until".
func (a Admin) coming(at time.Time) string {
	return Coming(a.Local(a.Now), a.Local(at))
}

// Coming is a future time as people say it: today at 18:00, tomorrow at 08:00, Friday at 08:00.
func Coming(now, at time.Time) string {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	clock := " at " + at.Format("15:04")
	switch days := int(day(at).Sub(day(now)).Hours() / 24); {
	case days == 0:
		return "today" + clock
	case days == 1:
		return "tomorrow" + clock
	case days > 1 && days < 7:
		return at.Format("Monday") + clock
	default:
		return at.Format("Monday 2 January 2006") + clock
	}
}
