package ivr

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/screening"
)

// taken is a turn that somebody else has, and for whom the telephones ring.
func (s *scene) taken(t *testing.T, who standing) (ringing context.Context) {
	t.Helper()
	other := &turn{standing: who}
	s.screener.turns.take("home", other, time.Unix(0, 0))
	ringing, left := other.rings(t.Context())
	context.AfterFunc(ringing, left)
	return ringing
}

// While the telephones ring for somebody else, a stranger who has said who they are may leave a message.
func TestOneStrangerAtATime(t *testing.T) {
	s := newScene()
	s.taken(t, stranger)
	got, err := s.play()
	if err != nil || strings.Contains(got, "telephone rings") || !strings.Contains(got, "caller hears on-another-call leave-message") {
		t.Errorf("%v\n%s", err, got)
	}
}

// The same where the household has begun to talk while they were asked.
func TestStrangerFindsThemTalking(t *testing.T) {
	s := newScene()
	s.caller.onRecord = func(int) { s.home.use = Talking }
	got, err := s.play()
	if err != nil || strings.Contains(got, "telephone rings") || !strings.Contains(got, "caller hears on-another-call leave-message") {
		t.Errorf("%v\n%s", err, got)
	}
}

// A turn ends with the ringing: who leaves a message keeps nobody from ringing.
func TestTurnEndsWithAMessage(t *testing.T) {
	s := newScene()
	s.home.err = ErrNoAnswer
	s.caller.onRecord = func(n int) {
		if mine := (&turn{screened: true}); n == 2 && !s.screener.turns.take("home", mine, time.Unix(0, 0)) {
			t.Error("the next stranger has no turn while this one leaves a message")
		}
	}
	if got, err := s.play(); err != nil || !strings.Contains(got, "leave-message") {
		t.Errorf("%v\n%s", err, got)
	}
}

// Telephones that are busy ringing for a stranger ring for a contact, or for one who may be help; not the other way round.
func TestRingingMakesRoom(t *testing.T) {
	contact := func(s *scene) { s.memory.known.Contact = &screening.Contact{Name: "Daughter"} }
	help := func(s *scene) { s.memory.known.Emergency = time.Unix(-60, 0) }
	blocked := func(s *scene) { help(s); s.memory.known.Block = &screening.Block{} }
	off := func(s *scene) { s.memory.house.Mode = screening.Off }
	for name, c := range map[string]struct {
		who   func(*scene)
		rings standing
		room  bool
	}{
		"a contact, for a stranger":                  {contact, stranger, true},
		"a contact, for one who may be help":         {contact, mayBeHelp, false},
		"a contact, for a contact":                   {contact, known, false},
		"who may be help, for a stranger":            {help, stranger, true},
		"a blocked number after a call for help":     {blocked, stranger, false},
		"a stranger whom the mode rings for another": {off, stranger, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			c.who(s)
			ringing := s.taken(t, c.rings)
			s.home.err = ErrBusy
			s.home.rings = func(RingSpec) {
				if ringing.Err() != nil {
					s.home.err = nil
				}
			}
			got, err := s.play()
			if err != nil || strings.Contains(got, "they talk") != c.room || (ringing.Err() != nil) != c.room {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
}

// Between two strangers the telephones are quiet for a while, and a contact may come first.
func TestQuietBetweenStrangers(t *testing.T) {
	for name, contact := range map[string]bool{"alone": false, "a contact comes first": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				s.screener.Now = time.Now
				before := &turn{screened: true}
				s.screener.turns.take("home", before, time.Now())
				s.screener.turns.end("home", before, time.Now())
				if contact {
					time.AfterFunc(time.Second, func() { s.screener.turns.take("home", &turn{standing: known}, time.Now()) })
				}
				rang := time.Time{}
				s.home.rings = func(RingSpec) { rang = time.Now() }
				began := time.Now()
				got, err := s.play()
				switch {
				case err != nil:
					t.Error(err)
				case contact && (!rang.IsZero() || !strings.Contains(got, "on-another-call")):
					t.Errorf("the telephone rang for a stranger beside a contact:\n%s", got)
				case !contact && rang.Sub(began) < quietTime:
					t.Errorf("the telephone rang again after %v:\n%s", rang.Sub(began), got)
				}
			})
		})
	}
}

// Of callers who come when there are too many, those whom the household knows ring, and of those who may be help some; the others are
// refused, without a line each in the log.
func TestCrowd(t *testing.T) {
	for name, c := range map[string]struct {
		who  func(*scene)
		want string
	}{
		"a stranger":      {func(*scene) {}, "caller refused"},
		"blocked":         {func(s *scene) { s.memory.known.Block = &screening.Block{} }, "caller refused"},
		"any, when off":   {func(s *scene) { s.memory.house.Mode = screening.Off }, "caller refused"},
		"a contact":       {func(s *scene) { s.memory.known.Contact = &screening.Contact{Name: "Daughter"} }, "they talk"},
		"may be help":     {func(s *scene) { s.memory.known.Emergency = time.Unix(-60, 0) }, "they talk"},
		"a forged number": {func(s *scene) { s.memory.known.Contact, s.forged = &screening.Contact{Name: "Daughter"}, true }, "caller refused"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.crowded = true
			c.who(s)
			got, err := s.play()
			if err != nil || !strings.Contains(got, c.want) || c.want == "caller refused" && got != c.want {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
	s := newScene()
	s.crowded = true
	s.memory.known.Emergency = time.Unix(-60, 0)
	s.screener.crowd.help = map[string]int{"home": mostHelp}
	if got, err := s.play(); err != nil || got != "caller refused" {
		t.Errorf("%v\n%s", err, got)
	}
}

// Refused calls are one line in the log, also where the dialplan tells twice.
func TestRefusedCallsAreOneLine(t *testing.T) {
	s := newScene()
	told := Told{Key: "1.2", Household: "home", Refused: 412, At: time.Unix(0, 0), Number: "01614960666", Presentation: "allowed"}
	if err := s.screener.Told(t.Context(), told); err != nil || s.did.String() != "log: arrived turn-away too-many" {
		t.Errorf("%v\n%s", err, s.did)
	}
	s.memory.over = true
	if err := s.screener.Told(t.Context(), told); err != nil || strings.Count(s.did.String(), "\n") > 0 {
		t.Errorf("%v\n%s", err, s.did)
	}
	for calls, want := range map[int]string{1: ", so the caller heard the engaged tone.", 412: ": 412 callers heard the engaged tone within a minute."} {
		if got := refusedText(calls); !strings.HasSuffix(got, want) {
			t.Errorf("%d: %s", calls, got)
		}
	}
}
