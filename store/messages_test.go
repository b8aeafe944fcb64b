package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store/columns"
)

// aCall logs a call that has ended.
func aCall(t *testing.T, s *Store, household string, at time.Time, number screening.Number, name string) int64 {
	t.Helper()
	call, err := s.CallArrived(t.Context(), household, "1", at, screening.Identity{Number: string(number)},
		screening.Caller{Number: number, Name: name, Presentation: screening.Allowed}, screening.Verdict{}, "")
	must(t, err)
	must(t, s.CallEnded(t.Context(), call, at.Add(time.Minute), "message-left"))
	return call
}

// aMessage leaves one of ten seconds and a hundred bytes.
func aMessage(t *testing.T, s *Store, household string, at time.Time, number screening.Number, name string) int64 {
	t.Helper()
	call := aCall(t, s, household, at, number, name)
	must(t, s.Keep(t.Context(), call, "message", make([]byte, 100), 10*time.Second))
	_, err := s.write.Exec("UPDATE recordings SET at = ? WHERE call_id = ?", at.Unix(), call)
	must(t, err)
	return call
}

func callsOf(messages []Message) (calls []int64) {
	for _, m := range messages {
		calls = append(calls, m.Call)
	}
	return calls
}

func TestMessages(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	one := aMessage(t, s, "home", now.Add(-3*time.Hour), joan, "JOAN SMITH")
	two := aMessage(t, s, "home", now.Add(-2*time.Hour), steve, "STEVE")
	three := aMessage(t, s, "home", now.Add(-time.Hour), "", "")
	must(t, s.Keep(ctx, three, "name", []byte("RIFF"), time.Second)) // no message
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	must(t, s.AddContact(ctx, "other", "Not Steve", steve))
	must(t, s.MarkHeard(ctx, "home", three))
	must(t, s.MarkHeard(ctx, "home", three)) // again
	messages, err := s.Messages(ctx, "home")
	must(t, err)
	if got, want := fmt.Sprint(callsOf(messages)), fmt.Sprint([]int64{two, one, three}); got != want {
		t.Fatalf("%s, not the unheard first and the newest of them first: %s", got, want)
	}
	if m := messages[1]; m.Name != "Joan" || m.Number != joan || m.Said != string(joan) || m.Length != 10*time.Second || !m.At.Equal(now.Add(-3*time.Hour)) || m.Heard {
		t.Errorf("%+v", m)
	}
	if messages[0].Name != "STEVE" || !messages[2].Heard {
		t.Errorf("%+v", messages)
	}
	if unheard, heard, err := s.MessageCount(ctx, "home"); unheard != 2 || heard != 1 || err != nil {
		t.Error(unheard, heard, err)
	}
	if err := s.MarkHeard(ctx, "home", 999); !errors.Is(err, ErrNoMessage) {
		t.Error(err)
	}
	file, err := s.ForgetMessage(ctx, "home", two)
	must(t, err)
	must(t, s.DeleteSound(file))
	if _, err := os.Stat(messages[0].Path); !os.IsNotExist(err) {
		t.Errorf("its sound is still there: %v", err)
	}
	if _, err := s.ForgetMessage(ctx, "home", two); !errors.Is(err, ErrNoMessage) {
		t.Error(err)
	}
	if calls, err := s.Calls(ctx, "home", 10); err != nil || len(calls) != 3 {
		t.Errorf("the call has gone too: %v %v", calls, err)
	}
	// A message that the caller speaks anew has not been heard.
	must(t, s.Keep(ctx, three, "message", []byte("RIFF"), time.Second))
	if unheard, heard, _ := s.MessageCount(ctx, "home"); unheard != 2 || heard != 0 {
		t.Error(unheard, heard)
	}
}

func TestAHouseholdsMessagesAreItsOwn(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	call := aMessage(t, s, "other", time.Now(), joan, "")
	must(t, s.AddNotice(ctx, "other", time.Now(), NoticeMessageLeft, "text", call))
	messages, err := s.Messages(ctx, "home")
	unheard, heard, err2 := s.MessageCount(ctx, "home")
	notices, err3 := s.Notices(ctx, "home", 10)
	if len(messages)+unheard+heard+len(notices) != 0 || errors.Join(err, err2, err3) != nil {
		t.Error(messages, unheard, heard, notices, err, err2, err3)
	}
	if err := s.MarkHeard(ctx, "home", call); !errors.Is(err, ErrNoMessage) {
		t.Error(err)
	}
	if _, err := s.ForgetMessage(ctx, "home", call); !errors.Is(err, ErrNoMessage) {
		t.Error(err)
	}
	must(t, s.MarkHeard(ctx, "other", call))
	if gone, ok, err := s.MakeRoom(ctx, "home", MessageLimits{Count: 1}, Need{}); len(gone) != 0 || !ok || err != nil {
		t.Error(gone, ok, err)
	}
	if err := s.AddNotice(ctx, "home", time.Now(), NoticeMessageLeft, "text", call); err == nil {
		t.Error("a notice about another household's call")
	}
	aMessage(t, s, "home", time.Now(), joan, "")
	counts, err := s.MessageCounts(ctx)
	if want := []MessageCount{{"home", 1, 0}, {"other", 0, 1}}; !slices.Equal(counts, want) || err != nil {
		t.Errorf("%v, not %v: %v", counts, want, err)
	}
}

func TestMakingRoom(t *testing.T) {
	now := time.Now()
	for name, test := range map[string]struct {
		limits MessageLimits
		need   Need
		gone   int // of the three that were heard, the oldest
		ok     bool
	}{
		"no limits":                  {MessageLimits{}, Need{time.Hour, 1 << 20}, 0, true},
		"enough":                     {MessageLimits{5, time.Minute, 500}, Need{10 * time.Second, 100}, 0, true},
		"one too many":               {MessageLimits{4, 0, 0}, Need{}, 1, true},
		"room for one":               {MessageLimits{2, 0, 0}, Need{}, 3, true},
		"only the unheard":           {MessageLimits{1, 0, 0}, Need{}, 0, false},
		"too long":                   {MessageLimits{0, 45 * time.Second, 0}, Need{10 * time.Second, 0}, 1, true},
		"much too long":              {MessageLimits{0, 45 * time.Second, 0}, Need{30 * time.Second, 0}, 3, true},
		"longer than all":            {MessageLimits{0, 45 * time.Second, 0}, Need{time.Minute, 0}, 0, false},
		"too large":                  {MessageLimits{0, 0, 499}, Need{0, 100}, 1, true},
		"larger than all":            {MessageLimits{0, 0, 499}, Need{0, 400}, 0, false},
		"it has to fit in all three": {MessageLimits{5, 45 * time.Second, 350}, Need{10 * time.Second, 100}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t)
			ctx := t.Context()
			oldest := aMessage(t, s, "home", now.Add(-9*time.Hour), joan, "") // nobody has heard it
			var heard []int64
			for i := range 3 {
				call := aMessage(t, s, "home", now.Add(time.Duration(i)*time.Hour), joan, "")
				must(t, s.MarkHeard(ctx, "home", call))
				heard = append(heard, call)
			}
			before, err := s.Messages(ctx, "home")
			must(t, err)
			gone, ok, err := s.MakeRoom(ctx, "home", test.limits, test.need)
			if ok != test.ok || err != nil || fmt.Sprint(callsOf(gone)) != fmt.Sprint(heard[:test.gone]) {
				t.Errorf("gone %v (not %d of %v), ok %v, %v", callsOf(gone), test.gone, heard, ok, err)
			}
			left, err := s.Messages(ctx, "home")
			must(t, err)
			if len(left) != len(before)-test.gone || left[0].Call != oldest {
				t.Errorf("%v are left", callsOf(left))
			}
			for _, m := range gone {
				if _, err := os.Stat(m.Path); !os.IsNotExist(err) {
					t.Errorf("its sound is still there: %v", err)
				}
			}
		})
	}
}

func TestRoomLeft(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	limits := MessageLimits{2, 15 * time.Second, 150}
	must(t, s.MarkHeard(ctx, "home", aMessage(t, s, "home", time.Now(), joan, "")))
	if room, err := s.RoomLeft(ctx, "home", limits); room != limits || err != nil {
		t.Errorf("what was heard takes room: %+v %v", room, err)
	}
	call := aMessage(t, s, "home", time.Now(), joan, "")
	if room, err := s.RoomLeft(ctx, "home", limits); room != (MessageLimits{1, 5 * time.Second, 50}) || err != nil {
		t.Errorf("%+v %v", room, err)
	}
	aMessage(t, s, "home", time.Now(), joan, "")
	if room, err := s.RoomLeft(ctx, "home", limits); room != (MessageLimits{}) || err != nil {
		t.Errorf("%+v %v", room, err)
	}
	if room, err := s.RoomLeft(ctx, "home", MessageLimits{}); room.Count < 1000 || room.Length < time.Hour || room.Bytes < 1<<30 || err != nil {
		t.Errorf("no limits: %+v %v", room, err)
	}
	// A sound that somebody has deleted by hand takes no room, and stops nothing.
	messages, err := s.Messages(ctx, "home")
	must(t, err)
	must(t, os.Remove(messages[0].Path))
	must(t, s.MarkHeard(ctx, "home", call))
	if _, ok, err := s.MakeRoom(ctx, "home", MessageLimits{Count: 2}, Need{}); !ok || err != nil {
		t.Error(ok, err)
	}
}

func TestNoMessagesOnAFullDisk(t *testing.T) {
	s, path := open(t)
	free, err := FreeDisk(path)
	if err != nil || free <= 0 {
		t.Fatal(free, err)
	}
	if _, err := FreeDisk(path + ".gone"); err == nil {
		t.Error("there is room where there is nothing")
	}
	must(t, s.MarkHeard(t.Context(), "home", aMessage(t, s, "home", time.Now(), joan, "")))
	if _, ok, err := s.MakeRoom(t.Context(), "home", MessageLimits{}, Need{Bytes: free}); ok || !errors.Is(err, ErrDiskFull) {
		t.Errorf("all of the disk for one message: %v %v", ok, err)
	}
	s.leastFree = 1 << 62
	gone, ok, err := s.MakeRoom(t.Context(), "home", MessageLimits{Count: 1}, Need{})
	if len(gone) != 0 || ok || !errors.Is(err, ErrDiskFull) {
		t.Errorf("%v %v %v", gone, ok, err)
	}
}

// A message that nobody has heard goes only a week after the carers were told.
func TestAnUnheardMessageDoesNotExpireUntold(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now()
	const day = 24 * time.Hour
	heard := aMessage(t, s, "home", now.Add(-100*day), steve, "")
	must(t, s.MarkHeard(ctx, "home", heard))
	unheard := aMessage(t, s, "home", now.Add(-100*day), joan, "JOAN")
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	young := aMessage(t, s, "home", now, "", "")
	has := func(want ...int64) {
		t.Helper()
		messages, err := s.Messages(ctx, "home")
		if err != nil || fmt.Sprint(callsOf(messages)) != fmt.Sprint(want) {
			t.Errorf("%v %v, not %v", callsOf(messages), err, want)
		}
	}
	expire := func(at time.Time) { t.Helper(); must(t, s.expire(ctx, at.Add(-90*day), at)) }
	expire(now)
	has(young, unheard)
	notices, err := s.Notices(ctx, "home", 10)
	if err != nil || len(notices) != 1 || notices[0].Kind != NoticeMessageExpiring || notices[0].Call != unheard || !strings.Contains(notices[0].Text, "Joan") ||
		!strings.Contains(notices[0].Text, now.Add(7*day).Format("2 January")) {
		t.Fatalf("%+v %v", notices, err)
	}
	if notices, err := s.Notices(ctx, "other", 10); len(notices) != 0 || err != nil {
		t.Error("another household was told", notices, err)
	}
	must(t, s.expire(ctx, now.Add(6*day), now.Add(6*day))) // with the shortest retention there is, too
	if notices, _ := s.Notices(ctx, "home", 10); len(notices) != 2 || notices[1].Call != unheard {
		t.Errorf("told again, or the notice has gone before the message: %+v", notices)
	}
	has(young, unheard)
	expire(now.Add(8 * day))
	has(young)
	if calls, _ := s.Calls(ctx, "home", 10); len(calls) != 1 {
		t.Errorf("%+v", calls)
	}
	notices, _ = s.Notices(ctx, "home", 10)
	if len(notices) != 2 || notices[1].Call != 0 {
		t.Errorf("a notice names a call that has gone: %+v", notices)
	}
}

// What was told stays true: heard or not, it is there until the day that was named.
func TestAMessageIsThereUntilTheDayThatWasNamed(t *testing.T) {
	s, _ := open(t)
	now := time.Now()
	call := aMessage(t, s, "home", now.Add(-100*24*time.Hour), joan, "")
	must(t, s.expire(t.Context(), now, now))
	must(t, s.MarkHeard(t.Context(), "home", call))
	must(t, s.expire(t.Context(), now, now.Add(24*time.Hour)))
	if _, heard, _ := s.MessageCount(t.Context(), "home"); heard != 1 {
		t.Error("it has gone too early")
	}
	must(t, s.expire(t.Context(), now, now.Add(7*24*time.Hour)))
	if _, heard, _ := s.MessageCount(t.Context(), "home"); heard != 0 {
		t.Error("it is there still")
	}
}

// Everything new that takes a household says that there is none of that name, or finds nothing of it.
func TestNothingNewForAHouseholdThatIsNotThere(t *testing.T) {
	s, _ := open(t)
	ctx := context.Background()
	for method, call := range map[string]func() error{
		"AddNotice":     func() error { return s.AddNotice(ctx, "nobody", time.Now(), NoticeDiskFull, "text", 0) },
		"NumberDialled": func() error { return s.NumberDialled(ctx, "nobody", joan, time.Now()) },
		"AddPassCode":   func() error { _, err := s.AddPassCode(ctx, "nobody", "Joan", ""); return err },
		"TryPassCode":   func() error { _, _, err := s.TryPassCode(ctx, "nobody", "195837", 1, time.Now()); return err },
		"MakeRoom":      func() error { _, _, err := s.MakeRoom(ctx, "nobody", MessageLimits{}, Need{}); return err },
		"SetPhrase":     func() error { return s.SetPhrase(ctx, "nobody", PhraseGreeting, sound.WAV(sound.Rate, []byte{1, 0})) },
		"Phrase":        func() error { _, _, _, err := s.Phrase(ctx, "nobody", PhraseGreeting); return err },
		"RemovePhrase":  func() error { return s.RemovePhrase(ctx, "nobody", PhraseGreeting) },
	} {
		if err := call(); !errors.Is(err, columns.ErrNoHousehold) || !strings.Contains(err.Error(), "nobody") {
			t.Errorf("%s: %v", method, err)
		}
	}
}
