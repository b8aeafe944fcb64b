package ivr

import (
	"errors"
	"strings"
	"testing"

	"ringfence/screening"
)

// expect checks a whole course of a call, line by line.
func expect(t *testing.T, s *scene, want string) {
	t.Helper()
	got, err := s.play()
	if err != nil {
		t.Errorf("the call goes back to the dialplan: %v", err)
	}
	var lines []string
	for _, l := range strings.Split(strings.TrimSpace(want), "\n") {
		lines = append(lines, strings.TrimSpace(l))
	}
	if want = strings.Join(lines, "\n"); got != want {
		t.Errorf("the call went\n%s\n\nand should have gone\n%s", got, want)
	}
}

func TestContactRingsUnanswered(t *testing.T) {
	s := newScene()
	s.memory.known.Contact = &screening.Contact{ID: 1, Name: "Daughter"}
	expect(t, s, `
		log: arrived ring
		caller hears ringing
		telephone rings for "Daughter" "020 7946 0999"
		they talk
		log: ended talked`)
}

func TestBlockedCallerIsSentAwayByTheDialplan(t *testing.T) {
	s := newScene()
	s.memory.known.Block = &screening.Block{ID: 1, Farewell: screening.NotWanted}
	expect(t, s, `
		log: arrived turn-away turned-away
		caller sent away with not-wanted`)
}

// The log has the end of such a call from the start; where it does not come about, it is corrected.
func TestBlockedCallerWhoHangsUpAtOnce(t *testing.T) {
	s := newScene()
	s.memory.known.Block = &screening.Block{ID: 1}
	s.caller.gone = 1
	expect(t, s, `
		log: arrived turn-away turned-away
		caller gone
		log: goes on
		log: ended caller-gone`)
}

// Nor is a caller turned away whom the dialplan has taken back.
func TestBlockedCallerTakenBack(t *testing.T) {
	s := newScene()
	s.memory.known.Block = &screening.Block{ID: 1}
	s.caller.gone, s.caller.livesOn = 1, true
	if got, err := s.play(); !errors.Is(err, ErrTakenBack) || !strings.Contains(got, "goes on") || strings.Contains(got, "ended") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestSilentCallerIsAskedOnceMoreAndLetGo(t *testing.T) {
	s := newScene()
	s.caller.says = nil
	expect(t, s, `
		log: arrived screen
		caller answered
		caller hears ask-name tone
		caller is recorded
		caller is recorded
		caller hears ask-name-again tone
		caller is recorded
		caller is recorded
		caller answered
		caller hears no-name
		caller hung up
		log: ended no-name`)
}

func TestNobodyCanTakeTheCall(t *testing.T) {
	for why, words := range map[error]string{
		ErrBusy: "on-another-call leave-message", ErrNoAnswer: "nobody-home leave-message", ErrUnreachable: "nobody-home leave-message",
	} {
		for _, contact := range []*screening.Contact{nil, {Name: "Daughter"}} {
			s := newScene()
			s.memory.known.Contact = contact
			s.home.err = why
			if got, err := s.play(); err != nil || !strings.Contains(got, "caller hears "+words) {
				t.Errorf("%v: %v\n%s", why, err, got)
			}
		}
	}
}

func TestKnownOnlyOffersAMessageAndNoTelephoneRings(t *testing.T) {
	s := newScene()
	s.memory.house.Mode = screening.KnownOnly
	got, err := s.play()
	if err != nil || !strings.Contains(got, "caller hears known-only leave-message") || strings.Contains(got, "telephone") {
		t.Errorf("%v\n%s", err, got)
	}
}
