package ivr

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// fakeMemory keeps what the scripts tell it.
type fakeMemory struct {
	did   *journal
	house screening.Household
	codes int // pass codes that were tried
	known screening.Knowledge
	full  bool  // no room for messages
	keep  error // from Keep
	over  bool  // the call has an end in the log
	open  int64 // the call of a channel, from CallByChannel
	names bool  // the journal says who rings
	err   error // from everything but the call log

	expectedGone bool              // another call was the expected one
	unexpected   error             // from UseExpected
	caller       screening.Number  // from Caller and LastCaller, where it is not the usual one
	nobody       bool              // nobody has rung yet
	unread       [][]UnreadMessage // of each look
}

func (m *fakeMemory) Household(context.Context, string) (screening.Household, error) {
	return m.house, m.err
}
func (m *fakeMemory) Situation(context.Context, string, screening.Number) (screening.Household, screening.Knowledge, error) {
	return m.house, m.known, m.err
}
func (m *fakeMemory) CallArrived(_, _ string, _ time.Time, _ screening.Identity, caller screening.Caller, v screening.Verdict, outcome calllog.Outcome) (int64, error) {
	if m.names && caller.Name != "" {
		outcome = calllog.Outcome("for "+caller.Name) + outcome
	}
	m.did.add("%s", strings.TrimSpace(fmt.Sprintf("log: arrived %s %s", v.Action, outcome)))
	return 1, nil
}
func (m *fakeMemory) CallGoesOn(string, calllog.Outcome) { m.did.add("log: goes on") }
func (m *fakeMemory) Caller(context.Context, string) (int64, screening.Number, string, error) {
	return 1, cmp.Or(m.caller, "+442079460999"), "", m.err
}
func (m *fakeMemory) TryPassCode(_ context.Context, _, code string, _ int64, _ time.Time) (string, bool, error) {
	m.codes++
	m.did.add("tried %s", code)
	return "Ward 7", code == "471100", m.err
}
func (m *fakeMemory) NumberDialled(_ context.Context, _ string, n screening.Number, _ time.Time) error {
	m.did.add("dialled: %s", n)
	return m.err
}
func (m *fakeMemory) RoomForMessage(context.Context, string) (bool, error) {
	return !m.full, m.err
}
func (m *fakeMemory) OnMessageLeft(context.Context, string, int64) { m.did.add("notice: message-left") }
func (m *fakeMemory) OnSentAway(context.Context, string, string, int64) {
	m.did.add("notice: sent-away")
}
func (m *fakeMemory) OnSoundsLikeScam(_ context.Context, _ string, _ int64, reasons string) {
	m.did.add("notice: sounds like a scam: %s", reasons)
}
func (m *fakeMemory) KeepWords(_ context.Context, _ int64, kind, text string, unsure bool) {
	m.did.add("words: %s %q %v", kind, text, unsure)
}
func (m *fakeMemory) UnreadMessages(_ context.Context, since, before time.Time) ([]UnreadMessage, error) {
	m.did.add("unread messages of %v, until %v ago", before.Sub(since), time.Since(before).Round(time.Second))
	if len(m.unread) == 0 {
		return nil, m.err
	}
	found := m.unread[0]
	m.unread = m.unread[1:]
	return found, m.err
}
func (m *fakeMemory) KeepOpinion(_ context.Context, _ int64, kind string, level calllog.ScriptLevel, sentence string) {
	m.did.add("opinion: %s %s %q", kind, level, sentence)
}
func (m *fakeMemory) CallStep(_ int64, _ time.Time, step calllog.Step) {
	switch step.(type) {
	case calllog.CarerPressed, calllog.SpamLookup, calllog.Script, calllog.ScriptResult, calllog.Opinion:
		m.did.add("step: %s", calllog.WordsOf(step))
	}
}
func (m *fakeMemory) CallEnded(_ int64, _ time.Time, outcome calllog.Outcome) {
	m.did.add("log: ended %s", outcome)
}
func (m *fakeMemory) Keep(_ context.Context, _ int64, kind string, _ []byte, _ time.Duration) error {
	m.did.add("kept: %s", kind)
	return errors.Join(m.err, m.keep)
}
func (m *fakeMemory) BlockNumber(_ context.Context, _ string, n screening.Number, _ string, evenContact bool) (bool, error) {
	if m.known.Contact != nil && !evenContact {
		m.did.add("not blocked: %s", n)
		return false, m.err
	}
	m.did.add("blocked: %s", n)
	return true, m.err
}
func (m *fakeMemory) SendAway(_ context.Context, _ string, n screening.Number, _ string) (bool, error) {
	if _, never := screening.NeverBlocked(n, "GB"); never || n == "" {
		return false, m.err
	}
	if m.known.Contact != nil {
		m.did.add("not blocked: %s", n)
		return false, m.err
	}
	m.did.add("blocked and reported: %s", n)
	return true, m.err
}
func (m *fakeMemory) AllowNumber(_ context.Context, _ string, n screening.Number, name string) error {
	m.did.add("allowed: %s", n)
	return m.err
}
func (m *fakeMemory) EmergencyDialled(context.Context, string, time.Time, string) error { return m.err }
func (m *fakeMemory) UseExpected(context.Context, string) (bool, error) {
	m.did.add("expectation used")
	return !m.expectedGone, m.unexpected
}
func (m *fakeMemory) CallByChannel(context.Context, string) (int64, string, error) {
	return m.open, "home", m.err
}
func (m *fakeMemory) CallOver(context.Context, string) (bool, error) { return m.over, m.err }
func (m *fakeMemory) CallIsOpen(_ context.Context, household string, call int64) (there, open bool, err error) {
	return household == "home" && call == 1, !m.over, m.err
}
func (m *fakeMemory) OpenChannels(context.Context) ([]string, error) { return nil, m.err }
func (m *fakeMemory) LastCaller(context.Context, string) (LastCaller, bool, error) {
	return LastCaller{Number: cmp.Or(m.caller, "+442079460999"), Action: screening.Screen, Reason: screening.CodeUnknown}, !m.nobody, m.err
}
func (m *fakeMemory) SetMode(_ context.Context, _ string, mode screening.Mode) error {
	m.did.add("mode: %s", mode)
	return m.err
}
func (m *fakeMemory) DialGuards(context.Context) ([]string, error) { return nil, m.err }
func (m *fakeMemory) ExpectNext(context.Context, string) error     { return m.err }
func (m *fakeMemory) Messages(context.Context, string) ([]Message, error) {
	return []Message{{Call: 1}, {Call: 2, Number: "+442079460009", Heard: true}}, m.err
}
func (m *fakeMemory) MessageSound(context.Context, string, int64) ([]byte, error) { return nil, m.err }
func (m *fakeMemory) MessageCounts(context.Context) (map[string]MessageCount, error) {
	return map[string]MessageCount{"home": {1, 1}}, m.err
}
func (m *fakeMemory) MessagesNearlyFull(context.Context, string) (bool, error) { return false, m.err }
func (m *fakeMemory) MarkHeard(_ context.Context, _ string, call int64) error {
	m.did.add("heard %d", call)
	return m.err
}
func (m *fakeMemory) DeleteMessage(_ context.Context, _ string, call int64) error {
	m.did.add("deleted %d", call)
	return m.err
}
func (m *fakeMemory) SetPhrase(_ context.Context, _ string, phrase prompts.ID, _ []byte) error {
	m.did.add("own %s", phrase)
	return m.err
}
func (m *fakeMemory) RemovePhrase(context.Context, string, prompts.ID) error { return m.err }
