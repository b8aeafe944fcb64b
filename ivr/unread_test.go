package ivr

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/calllog"
	"ringfence/speech"
	"ringfence/speech/speechtest"
)

// What was left without words is read at the start, and what was left since then an hour later; carers are told nothing of it.
func TestMessagesWithoutWordsAreReadLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := listening(speechtest.Says(steveSays))
		s.screener.Now = time.Now
		s.memory.unread = [][]UnreadMessage{{{"home", 2}, {"home", 1}}, {{"home", 2}}}
		ctx, cancel := context.WithCancel(t.Context())
		go s.screener.ReadUnread(ctx)
		synctest.Wait()
		got := s.did.String()
		if !strings.HasPrefix(got, "unread messages of 24h0m0s, until 0s ago\n") || strings.Count(got, `words: message "`+steveSays) != 2 {
			t.Errorf("at the start:\n%s", got)
		}
		if strings.Contains(got, "notice:") {
			t.Errorf("carers are told:\n%s", got)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := s.did.String(); !strings.Contains(got, "until 10m0s ago") || strings.Count(got, "words: message") != 3 {
			t.Errorf("an hour later:\n%s", got)
		}
		cancel()
	})
}

// What could not be read is not taken for read: a later look finds it.
func TestWhatCannotBeReadHasNoWordsYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := listening(speechtest.Fails(errors.New("no such model")))
		for _, kind := range []string{calllog.RecordedName, calllog.RecordedMessage} {
			s.screener.startReading(t.Context(), s.screener.Log, spoken{household: "home", call: 1, kind: kind})
		}
		synctest.Wait()
		if got := s.did.String(); strings.Contains(got, "words:") {
			t.Error(got)
		}
	})
}

// Before speech recognition is installed nothing is taken for read, and nobody is warned of what is nobody's fault; once it is there the messages of the last
// day have their words.
func TestMessagesFromBeforeItWasInstalledAreReadLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var installed atomic.Bool
		var asked atomic.Int32
		var log bytes.Buffer
		s := listening(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
			if asked.Add(1); !installed.Load() {
				return speech.Words{}, speech.ErrNone
			}
			return speech.Words{Text: "It's Ann."}, nil
		}))
		s.screener.Now, s.screener.Log = time.Now, slog.New(slog.NewTextHandler(&log, nil))
		waiting := []UnreadMessage{{"home", 2}, {"home", 1}}
		s.memory.unread = [][]UnreadMessage{waiting, waiting}
		s.screener.startReading(t.Context(), s.screener.Log, spoken{household: "home", call: 3, kind: calllog.RecordedMessage})
		ctx, cancel := context.WithCancel(t.Context())
		go s.screener.ReadUnread(ctx)
		synctest.Wait()
		if got := s.did.String(); strings.Contains(got, "words:") || asked.Load() != 2 || log.Len() > 0 {
			t.Errorf("before: asked %d times, logged %q\n%s", asked.Load(), log.String(), got)
		}
		installed.Store(true)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := s.did.String(); strings.Count(got, `words: message "It's Ann."`) != 2 {
			t.Errorf("after:\n%s", got)
		}
		cancel()
	})
}

// From the question who they are until their words are there, messages wait for a caller without a gap, or a piece of one would be begun in it.
func TestWordsOfCallersAreExpected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := listening(nil)
		var expected atomic.Int32
		s.screener.ExpectWords = func() (over func()) {
			expected.Add(1)
			return func() {
				if expected.Add(-1) == 0 {
					s.did.add("no words are expected")
				}
			}
		}
		s.screener.Speech = speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
			time.Sleep(time.Second) // the call goes on meanwhile
			return speech.Words{Text: "It's Joan."}, nil
		})
		s.caller.onRecord = func(int) {
			if expected.Load() == 0 {
				t.Error("a caller says who they are, and their words are not expected")
			}
		}
		playIn(t, s)
		time.Sleep(time.Minute)
		got := s.did.String()
		_, after, found := strings.Cut(got, `words: name "It's Joan."`)
		if !found || expected.Load() != 0 || strings.Count(got, "no words are expected") != 1 || !strings.Contains(after, "no words are expected") {
			t.Errorf("%d are expected in the end:\n%s", expected.Load(), got)
		}
	})
}
