package ivr

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// stepMemory is a memory that keeps the steps of a call.
type stepMemory struct {
	*fakeMemory
	steps []string
}

func (m *stepMemory) CallStep(call int64, at time.Time, step calllog.Step) {
	m.steps = append(m.steps, strings.TrimSpace(string(calllog.KindOf(step))+" "+calllog.WordsOf(step)))
	m.fakeMemory.CallStep(call, at, step)
}

// What a call's log says happened is what happened.
//
// Long: one table.
func TestStepsOfACall(t *testing.T) {
	pressing := func(key rune) func(*scene) { return func(s *scene) { s.home.phone.keys = []rune{key} } }
	failing := func(err error) func(*scene) { return func(s *scene) { s.home.err = err } }
	carer := func(when screening.CarerWhen) func(*scene) {
		return func(s *scene) {
			s.memory.house.CarerNumber, s.memory.house.CarerWhen, s.home.phone.keys = "+441632960333", when, []rune{'1'}
		}
	}
	const said = "asked ask-name, said 1s, "
	for name, c := range map[string]struct {
		given func(*scene)
		want  string
	}{
		"a contact":    {func(s *scene) { s.memory.known.Contact = &screening.Contact{ID: 1, Name: "Daughter"} }, "rang, picked-up"},
		"blocked":      {func(s *scene) { s.memory.known.Block = &screening.Block{ID: 1} }, ""},
		"says nothing": {func(s *scene) { s.caller.says = nil }, "asked ask-name, asked ask-name-again"},
		"not proven":   {func(s *scene) { s.memory.house.HumanCheck = screening.CheckAlways }, said + "not-proven did not press the key that was asked for"},
		"like a recording": {
			func(s *scene) {
				s.memory.house.HumanCheck, s.caller.talks = screening.CheckSuspicious, []Talk{{Spoken: time.Minute}}
				s.caller.says[0].Spoken = enough
			},
			"asked ask-name, suspected talked through the question and the tone, said 1s, not-proven did not press the key that was asked for",
		},
		"talks on": {
			func(s *scene) {
				s.memory.house.HumanCheck, s.caller.reply = screening.CheckSuspicious, asksFor
				s.caller.says[0] = Recording{Sound: Sound{Media: "recording:name", Length: nameTime}, Spoken: nameTime, RunsOn: true}
			},
			"asked ask-name, suspected was still talking when the time was over, said 10s, proven pressed the key that was asked for, rang, picked-up, pressed nothing",
		},
		"key 1":    {pressing('1'), said + "rang, picked-up, pressed 1"},
		"key 3":    {pressing('3'), said + "rang, picked-up, pressed 3"},
		"no key":   {func(*scene) {}, said + "rang, picked-up, pressed nothing"},
		"put down": {func(s *scene) { s.home.phone.gone = 1 }, said + "rang, picked-up, pressed nothing"},
		"key 4 for an official number": {
			func(s *scene) { s.number, s.home.phone.keys = "101", []rune{'4'} },
			said + "rang, picked-up, pressed 4, not-allowed anyone can show this number, so it can't be a contact's",
		},
		"nobody answers":   {failing(ErrNoAnswer), said + "rang, no-answer no telephone was answered"},
		"unreachable":      {failing(ErrUnreachable), said + "rang, no-answer no telephone is there"},
		"not registered":   {failing(ErrOffline), said + "rang, no-answer no telephone is there: it has not registered"},
		"a fault":          {failing(errors.New("a fault")), said + "rang, fault the telephones ring without screening"},
		"home and a carer": {carer(screening.CarerUnknown), said + "rang the telephones in the home and the carer's, picked-up, pressed 1"},
		"a carer alone":    {carer(screening.CarerAlways), said + "rang the carer's telephone, picked-up, pressed 1"},
		"another rings":    {func(s *scene) { s.taken(t, stranger) }, said + "second-call the telephones were ringing for somebody else"},
		"they talk":        {func(s *scene) { s.caller.onRecord = func(int) { s.home.use = Talking } }, said + "second-call the household was on another call"},
		"they talk before": {func(s *scene) { s.home.use = Talking }, "second-call the household was on another call, message 1s"},
		"leaves a message": {
			func(s *scene) {
				s.home.err = ErrNoAnswer
				s.caller.says = append(s.caller.says, Recording{Sound: Sound{Length: 3 * time.Second}, Spoken: time.Second})
			},
			said + "rang, no-answer no telephone was answered, message 3s",
		},
		"no room for one": {
			func(s *scene) { s.memory.full, s.home.err = true, ErrNoAnswer },
			said + "rang, no-answer no telephone was answered, no-room there was no room for a message",
		},
		"one that is lost": {
			func(s *scene) {
				s.home.err, s.memory.keep = ErrNoAnswer, errors.New("the disk is full")
				s.caller.says = append(s.caller.says, Recording{Spoken: time.Second})
			},
			said + "rang, no-answer no telephone was answered, fault the message could not be kept",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			c.given(s)
			memory := &stepMemory{fakeMemory: s.memory}
			s.screener.CallLog = memory
			if _, err := s.play(); (err != nil) != (name == "a fault") {
				t.Error(err)
			}
			if got := strings.Join(memory.steps, ", "); got != c.want {
				t.Errorf("the log has\n%s\nand should have\n%s", got, c.want)
			}
		})
	}
}

// Who shows an official number waits while the telephones ring for somebody else, and the log says so once.
func TestStepsOfAnOfficialCallerWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.number = "101"
		s.taken(t, known)
		memory := &stepMemory{fakeMemory: s.memory}
		s.screener.CallLog = memory
		if _, err := s.play(); err != nil {
			t.Error(err)
		}
		const want = "asked ask-name, said 1s, second-call the telephones were ringing for somebody else"
		if got := strings.Join(memory.steps, ", "); got != want {
			t.Errorf("the log has\n%s\nand should have\n%s", got, want)
		}
	})
}
