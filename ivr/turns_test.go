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
	centre := func(s *scene) { s.alarmCentre() }
	back := func(s *scene) { s.number, s.memory.known.Dialled = "101", time.Unix(-60, 0) }
	for name, c := range map[string]struct {
		who   func(*scene)
		rings standing
		room  bool
	}{
		"a contact, for a stranger":                  {contact, stranger, true},
		"a contact, for one who may be help":         {contact, mayBeHelp, false},
		"a contact, for a contact":                   {contact, known, false},
		"a contact, for an official number":          {contact, official, true},
		"a contact, for the alarm centre":            {contact, known, false},
		"the alarm centre, for a stranger":           {centre, stranger, true},
		"the alarm centre, for an official number":   {centre, official, true},
		"101, which they have rung, for a stranger":  {back, stranger, true},
		"who may be help, for a stranger":            {help, stranger, true},
		"who may be help, for an official number":    {help, official, true},
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

// alarmCentre has the household's own alarm centre ring.
func (s *scene) alarmCentre() {
	s.number = "02079460911"
	s.screener.Lines = NewLines(map[string]screening.Line{"home": {Region: "GB", Language: "en-GB", Telecare: []screening.Number{"+442079460911"}}})
}

// talkers are telephones on which the household talks for a while.
type talkers struct {
	*fakeHome
	until time.Time
}

func (h talkers) Use(context.Context, string) (Use, error) {
	if time.Now().Before(h.until) {
		return Talking, nil
	}
	return Free, nil
}

// Who shows an official number states who they are, and waits for their turn; they are announced as soon as the telephones are free.
func TestOfficialNumberWaits(t *testing.T) {
	rings := func(s *scene, who standing) {
		other := &turn{standing: who}
		s.screener.turns.take("home", other, time.Now())
		ringing, left := other.rings(context.Background())
		end := func() { left(); s.screener.turns.end("home", other, time.Now()) }
		if who == known {
			time.AfterFunc(20*time.Second, end)
			return
		}
		context.AfterFunc(ringing, end)
	}
	for name, test := range map[string]struct {
		busy  func(*scene)
		after time.Duration
	}{
		"a stranger makes room":             {func(s *scene) { rings(s, stranger) }, time.Second},
		"a contact rings":                   {func(s *scene) { rings(s, known) }, 20 * time.Second},
		"they talk":                         {func(s *scene) { s.screener.Telephones = talkers{s.home, time.Now().Add(20 * time.Second)} }, 20 * time.Second},
		"after another whom they wait with": {func(s *scene) { rings(s, known); s.screener.turns.wait("home", &turn{standing: official}) }, ringTime},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				s.screener.Now = time.Now
				s.number = "101"
				s.home.phone.keys = []rune{'1'}
				test.busy(s)
				began, rang := time.Now(), time.Time{}
				s.home.rings = func(RingSpec) { rang = time.Now() }
				got, err := s.play()
				if test.after == ringTime { // who is before them never comes to an end
					if err != nil || !rang.IsZero() || !strings.Contains(got, "caller hears on-another-call leave-message") {
						t.Errorf("%v\n%s", err, got)
					}
					return
				}
				if err != nil || strings.Contains(got, "leave-message") || !strings.Contains(got, "telephone hears warn-official call-from name choices") {
					t.Errorf("%v\n%s", err, got)
				}
				if waited := rang.Sub(began); waited < test.after || waited > test.after+useEvery {
					t.Errorf("it rang after %v", waited)
				}
			})
		})
	}
}

// While one who shows an official number waits, no stranger goes before them; and where they make room for a contact, they are announced
// after that.
func TestOfficialNumberMakesRoomAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.screener.Now = time.Now
		s.number = "101"
		s.home.phone.keys = []rune{'1'}
		contact := &turn{standing: known}
		rang := 0
		s.home.rings = func(RingSpec) {
			if rang++; rang > 1 {
				return
			}
			s.screener.turns.take("home", contact, time.Now())
			go s.screener.turns.makeRoom(context.Background(), "home", known)
			synctest.Wait()
			time.AfterFunc(10*time.Second, func() {
				if s.screener.turns.take("home", &turn{screened: true}, time.Now()) {
					t.Error("a stranger has gone before one who waits")
				}
				s.screener.turns.end("home", contact, time.Now())
			})
		}
		got, err := s.play()
		if err != nil || rang != 2 || strings.Contains(got, "leave-message") || !strings.Contains(got, "they talk") {
			t.Errorf("rang %d times: %v\n%s", rang, err, got)
		}
	})
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
		"a stranger":                {func(*scene) {}, "caller refused"},
		"blocked":                   {func(s *scene) { s.memory.known.Block = &screening.Block{} }, "caller refused"},
		"any, when off":             {func(s *scene) { s.memory.house.Mode = screening.Off }, "caller refused"},
		"a contact":                 {func(s *scene) { s.memory.known.Contact = &screening.Contact{Name: "Daughter"} }, "they talk"},
		"the alarm centre":          {func(s *scene) { s.alarmCentre() }, "they talk"},
		"101, which they have rung": {func(s *scene) { s.number, s.memory.known.Dialled = "101", time.Unix(-60, 0) }, "they talk"},
		"an official number":        {func(s *scene) { s.number, s.home.phone.keys = "101", []rune{'1'} }, "they talk"},
		"a forged official number":  {func(s *scene) { s.number, s.forged = "101", true }, "caller refused"},
		"may be help":               {func(s *scene) { s.memory.known.Emergency = time.Unix(-60, 0) }, "they talk"},
		"a forged number":           {func(s *scene) { s.memory.known.Contact, s.forged = &screening.Contact{Name: "Daughter"}, true }, "caller refused"},
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
	for name, who := range map[string]func(*scene){
		"may be help":        func(s *scene) { s.memory.known.Emergency = time.Unix(-60, 0) },
		"an official number": func(s *scene) { s.number = "101" },
	} {
		s := newScene()
		s.crowded = true
		who(s)
		s.screener.crowd.help = map[string]int{"home": mostHelp - 1}
		if got, err := s.play(); err != nil || !strings.Contains(got, "telephone rings") || s.screener.crowd.help["home"] != mostHelp-1 {
			t.Errorf("%s, the last to come in: %v\n%s", name, err, got)
		}
		s.screener.crowd.help["home"], s.did.lines = mostHelp, nil
		if got, err := s.play(); err != nil || got != "caller refused" {
			t.Errorf("%s, one too many: %v\n%s", name, err, got)
		}
	}
}

// Refused calls are one line in the log, also where the dialplan tells twice.
func TestRefusedCallsAreOneLine(t *testing.T) {
	s := newScene()
	refused := 0
	s.screener.OnRefused = func(calls int) { refused += calls }
	told := DialplanReport{Key: "1.2", Household: "home", Refused: 412, At: time.Unix(0, 0), Number: "01614960666", Presentation: "allowed"}
	if err := s.screener.OnDialplanReport(t.Context(), told); err != nil || s.did.String() != "log: arrived turn-away too-many" {
		t.Errorf("%v\n%s", err, s.did)
	}
	s.memory.over = true
	if err := s.screener.OnDialplanReport(t.Context(), told); err != nil || strings.Count(s.did.String(), "\n") > 0 {
		t.Errorf("%v\n%s", err, s.did)
	}
	if refused != 412 {
		t.Errorf("%d calls were counted", refused)
	}
	for calls, want := range map[int]string{1: ", so the caller heard the engaged tone.", 412: ": 412 callers heard the engaged tone within a minute."} {
		if got := refusedText(calls); !strings.HasSuffix(got, want) {
			t.Errorf("%d: %s", calls, got)
		}
	}
}
