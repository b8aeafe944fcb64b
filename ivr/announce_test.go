package ivr

import (
	"strings"
	"testing"
	"time"

	"ringfence/screening"
)

const asked = `
	log: arrived screen
	caller answered
	caller hears ask-name tone
	caller is recorded
	kept: name
	telephone rings for "Screened" "020 7946 0999"
	caller hears please-hold
	caller hears ringing
	caller hears ringing
	telephone hears call-from name choices`

func TestKeyOne(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'1'}
	expect(t, s, asked+`
		telephone hears connecting
		they talk
		log: ended accepted`)
}

func TestKeyTwoOffersAMessage(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'2'}
	s.caller.says = append(s.caller.says, Recording{Spoken: 3 * time.Second})
	expect(t, s, asked+`
		telephone hung up
		caller answered
		caller hears not-now leave-message
		caller is recorded
		kept: message
		notice: message-left
		caller answered
		caller hears message-kept
		caller hung up
		log: ended message-left`)
}

func TestKeyThreeSendsAwayAndBlocks(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'3'}
	expect(t, s, asked+`
		caller sent away with inspection
		blocked and reported: +442079460999
		notice: sent-away
		telephone hears sent-away
		telephone hung up
		log: ended sent-away`)
}

// Whoever shows the police's number is announced with a warning, even if they say nothing; key 3 sends them away, and key 4 does
// not open the door to everybody who shows it.
func TestOfficialNumberIsAnnounced(t *testing.T) {
	s := newScene()
	s.number, s.caller.says = "101", nil
	s.memory.house.HumanCheck = screening.CheckAlways
	s.home.phone.keys = []rune{'3'}
	got, err := s.play()
	if err != nil || !strings.Contains(got, "telephone hears warn-official call-from no-words choices") ||
		!strings.Contains(got, "caller sent away with inspection\nnotice: sent-away\ntelephone hears sent-away-official") || strings.Contains(got, "blocked") {
		t.Errorf("%v\n%s", err, got)
	}
	s = newScene()
	s.number = "101"
	s.home.phone.keys = []rune{'4'}
	if got, err := s.play(); err != nil || !strings.Contains(got, "telephone hears warn-official call-from name choices") || strings.Contains(got, "allowed: ") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestKeyThreeWithoutANumber(t *testing.T) {
	s := newScene()
	s.number = "anonymous"
	s.home.phone.keys = []rune{'3'}
	got, err := s.play()
	if err != nil || !strings.Contains(got, "telephone hears sent-away-no-number") || strings.Contains(got, "blocked") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestKeyFourMakesAContact(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'4'}
	expect(t, s, asked+`
		allowed: +442079460999
		telephone hears connecting
		they talk
		log: ended let-through`)
}

func TestStarReadsAgain(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'*', '1'}
	got, _ := s.play()
	if n := strings.Count(got, "call-from name choices"); n != 2 {
		t.Errorf("read %d times, not twice:\n%s", n, got)
	}
}

// Anybody can show a contact's number: one who does so falsely is announced, and sent away with 3, but the contact is not
// blocked for it.
func TestThreeForAFalseContact(t *testing.T) {
	s := newScene()
	s.memory.known.Contact = &screening.Contact{Name: "Daughter"}
	s.forged = true
	s.home.phone.keys = []rune{'3'}
	got, err := s.play()
	if err != nil || !strings.Contains(got, "not blocked: +442079460999") || !strings.Contains(got, "telephone hears sent-away-contact\n") ||
		!strings.Contains(got, "caller sent away with inspection") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestStarForEverEnds(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune(strings.Repeat("*", 100))
	got, _ := s.play()
	if n := strings.Count(got, "call-from name choices"); n != again+readings {
		t.Errorf("read %d times, not %d:\n%s", n, again+readings, got)
	}
}

func TestNoKeyIsNotNow(t *testing.T) {
	s := newScene()
	got, _ := s.play()
	if n := strings.Count(got, "call-from name choices"); n != readings {
		t.Errorf("read %d times, not %d:\n%s", n, readings, got)
	}
	if !strings.Contains(got, "caller hears not-now leave-message") || strings.Contains(got, "they talk") {
		t.Errorf("nobody pressed a key:\n%s", got)
	}
}

func TestWarningsComeBeforeTheVoice(t *testing.T) {
	s := newScene()
	s.memory.known.Entries = []screening.Entry{{List: "parish", Confidence: 0.1}}
	s.home.phone.keys = []rune{'1'}
	if got, _ := s.play(); !strings.Contains(got, "telephone hears warn-reported call-from name choices") {
		t.Errorf("the household was not warned first:\n%s", got)
	}
}
