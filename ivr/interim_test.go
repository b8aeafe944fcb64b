package ivr

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/screening"
	"ringfence/speech"
	"ringfence/speech/speechtest"
)

// readsSoFar is what reads what callers have said so far; nil reads nothing.
type readsSoFar struct{ speech.Transcriber }

func (r readsSoFar) HasInterim() bool { return r.Transcriber != nil }
func (r readsSoFar) Interim(ctx context.Context, recording []byte) (speech.Words, error) {
	return r.Read(ctx, recording)
}

// along has a scene's caller read while they speak, in a recording that grows twice.
func (s *scene) along(ears speech.Transcriber) *scene {
	s.screener.Interim, s.screener.OnSaying = readsSoFar{ears}, func() { s.did.add("so far: %q", s.screener.Saying("home", 1).Text) }
	s.caller.grows = 2
	return s
}

// What has been read so far is there while the caller speaks, and until the words of the whole are; whatever it is, it is not kept, warns nobody and is on
// no display. Only the words of the whole count, even if there are none.
func TestWordsSoFarAreShownAndCountForNothing(t *testing.T) {
	for whole, want := range map[string]string{"": "Screened", "It's Joan from the surgery.": "Joan, the surgery"} {
		synctest.Test(t, func(t *testing.T) {
			said := []string{"Hello", steveSays}
			s := listening(speechtest.Says(whole)).readAtOnce().along(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
				now := said[0]
				said = said[1:]
				return speech.Words{Text: now}, nil
			}))
			s.screener.SecondOpinion = nil
			got := playIn(t, s)
			if !strings.Contains(got, "caller is recorded\nso far: \"Hello\"\nso far: \""+steveSays+"\"\n") || !strings.Contains(got, `words: name "`+whole+`" false`) {
				t.Errorf("%q:\n%s", whole, got)
			}
			if strings.Contains(got, "so far: \"\"") != (whole == "") {
				t.Errorf("%q: pages are or are not told that there is nothing to show any more:\n%s", whole, got)
			}
			for _, not := range []string{"warn-", "step: strong", "notice: sounds", `words: name "` + steveSays} {
				if strings.Contains(got, not) {
					t.Errorf("%q: there is %q in\n%s", whole, not, got)
				}
			}
			if !strings.Contains(got, `telephone rings for "`+want) {
				t.Errorf("%q: the display is wrong:\n%s", whole, got)
			}
			if left := s.screener.Saying("home", 1); left != (speech.Words{}) {
				t.Errorf("%q: after the call there is %+v", whole, left)
			}
		})
	}
}

// While one call's words are there, another household, or another call, has none.
func TestWordsSoFarAreOneHouseholds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := listening(speechtest.Says("")).along(speechtest.Says(steveSays))
		checked := false
		s.screener.OnSaying = func() {
			if s.screener.Saying("home", 1).Text != "" {
				checked = s.screener.Saying("other", 1).Text == "" && s.screener.Saying("home", 2).Text == ""
			}
		}
		if playIn(t, s); !checked {
			t.Error("they are to be had elsewhere")
		}
	})
}

// Nothing that goes wrong with it costs the caller a moment, or changes their call.
func TestWordsSoFarThatDoNotComeChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := sorted(playIn(t, listening(speechtest.Says(steveSays)).readAtOnce()))
		release := make(chan struct{})
		for what, ears := range map[string]speech.Transcriber{
			"fails": speechtest.Fails(errors.New("no such model")), "hangs": speechtest.Hangs(release), "is not there": nil, "finds nothing": speechtest.Says(""),
			"panics": speechtest.Func(func(context.Context, []byte) (speech.Words, error) { panic("a fault") }),
		} {
			began := time.Now()
			if got := sorted(playIn(t, listening(speechtest.Says(steveSays)).readAtOnce().along(ears))); got != want || time.Since(began) != 0 {
				t.Errorf("%s: after %v\n%s\nand usually\n%s", what, time.Since(began), got, want)
			}
		}
		close(release)
	})
}

// What is read too late, once the recording has ended, is not shown beside the words of the whole.
func TestWordsSoFarThatComeTooLateAreNotShown(t *testing.T) {
	y := &saying{}
	ctx, cancel := context.WithCancel(t.Context())
	if !y.set(ctx, speech.Words{Text: "Hello"}) || y.set(ctx, speech.Words{Text: "Hello"}) {
		t.Error("what is new is not, or what is not new is")
	}
	cancel()
	if y.set(ctx, speech.Words{Text: "Hello, Steve"}) || y.now().Text != "Hello" {
		t.Errorf("it is %+v", y.now())
	}
	if !y.end() || y.set(t.Context(), speech.Words{Text: "Hello"}) || y.now().Text != "" || y.end() {
		t.Error("it goes on after its end")
	}
}

// Who says what recordings say is asked for a key, whatever they said before and however they talked; nobody waits for more words, and what is doubted counts
// for nothing.
func TestWhoSaysWhatRecordingsSayIsAskedForAKey(t *testing.T) {
	type readings []speech.Words
	for what, c := range map[string]struct {
		said   readings
		change func(*scene)
		asked  bool
	}{
		"a recording":         {readings{{Text: "Your service ends."}, {Text: "Your service ends. Press one"}}, nil, true},
		"a person":            {readings{{Text: "It's Joan."}, {Text: "It's Joan from next door."}}, nil, false},
		"heard unsurely":      {readings{{}, {Text: "Press one", Unsure: true}}, nil, false},
		"presses hash":        {readings{{}, {Text: "Press one"}}, func(s *scene) { s.caller.says[0].EndedByKey = true }, false},
		"nobody looks for it": {readings{{}, {Text: "Press one"}}, func(s *scene) { s.memory.house.HumanCheck = screening.CheckOff }, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := listening(speechtest.Says("It's Joan.")).along(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
				now := c.said[0]
				c.said = c.said[1:]
				return now, nil
			}))
			s.memory.house.HumanCheck = screening.CheckSuspicious
			s.screener.SoundsRecorded = func(words string) bool { return strings.Contains(words, "Press one") }
			if c.change != nil {
				c.change(s)
			}
			got := playIn(t, s)
			if strings.Contains(got, "caller hears prove-human") != c.asked || strings.Contains(got, "telephone rings") == c.asked {
				t.Errorf("%s:\n%s", what, got)
			}
		})
	}
}
