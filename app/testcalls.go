package app

import (
	"slices"

	"ringfence/ivr"
	"ringfence/web"
)

// StartTest implements web.TestCalls.
func (l *Telephony) StartTest(household string) error {
	if !l.board.State().Connected {
		return ivr.Refused("Ringfence isn't connected to Asterisk, so it can't make a test call. On the machine, `ringfence check` says why.")
	}
	steps, err := l.screener.TestCall(l.testCallsEnd, household)
	if err != nil {
		return l.inWords(err, "a test call could not be made", "household", household)
	}
	test := web.TestCall{}
	l.noteTest(household, test)
	go func() {
		for step := range steps {
			test.Steps = append(slices.Clone(test.Steps), web.TestStep{At: l.now(), Step: string(step)})
			l.noteTest(household, test)
		}
		test.Over = true
		l.noteTest(household, test)
	}()
	return nil
}

func (l *Telephony) noteTest(household string, test web.TestCall) {
	l.mu.Lock()
	l.tests[household] = test
	l.mu.Unlock()
	l.changes.notify()
}

// Test implements web.TestCalls.
func (l *Telephony) Test(household string) (web.TestCall, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	test, made := l.tests[household]
	return test, made
}
