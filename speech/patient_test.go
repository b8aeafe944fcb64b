package speech_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/sound"
	"ringfence/speech"
	"ringfence/speech/speechtest"
)

// message is a recording of a person who says the same again and again, nine seconds each time, with pauses of a second.
func message(t *testing.T, times int) []byte {
	t.Helper()
	_, said, err := sound.Read(caller(t))
	if err != nil {
		t.Fatal(err)
	}
	return sound.WAV(sound.Rate, bytes.Repeat(append(slices.Clone(said), make([]byte, sound.BytesPerSecond)...), times))
}

// pieceByPiece is a recogniser that keeps what it is given, and says which piece it was.
type pieceByPiece struct {
	one    chan struct{} // it reads one after the other
	pieces [][]byte
	takes  time.Duration
}

func newPieceByPiece() *pieceByPiece { return &pieceByPiece{one: make(chan struct{}, 1)} }

func (p *pieceByPiece) Read(_ context.Context, recording []byte) (speech.Words, error) {
	p.one <- struct{}{}
	defer func() { <-p.one }()
	p.pieces = append(p.pieces, recording)
	time.Sleep(p.takes)
	return speech.Words{Text: fmt.Sprintf("piece %d.", len(p.pieces)), Unsure: len(p.pieces) == 2}, nil
}

// What a message says is what its pieces say. None is longer than half a minute, which the model can take, nor so long that a call would wait for it,
// and none begins or ends within a word where there are pauses.
func TestMessageIsReadInPieces(t *testing.T) {
	recording := message(t, 6)
	recogniser := newPieceByPiece()
	words, err := speech.NewReader(recogniser).Patient().Read(t.Context(), recording)
	if err != nil || len(recogniser.pieces) != 6 || !words.Unsure {
		t.Fatalf("%d pieces, %+v, %v", len(recogniser.pieces), words, err)
	}
	var all []byte
	var texts []string
	for i, piece := range recogniser.pieces {
		_, data, err := sound.Read(piece)
		if err != nil || len(data) > 10*sound.BytesPerSecond {
			t.Errorf("piece %d has %d bytes, %v", i+1, len(data), err)
		}
		const edge = sound.BytesPerSecond / 10
		if first := data[:edge]; i > 0 && !bytes.Equal(first, make([]byte, edge)) {
			t.Errorf("piece %d begins within a word", i+1)
		}
		all = append(all, data...)
		texts = append(texts, fmt.Sprintf("piece %d.", i+1))
	}
	if _, want, err := sound.Read(recording); err != nil || !bytes.HasPrefix(want, all) || len(want)-len(all) > 10*sound.BytesPerSecond {
		t.Errorf("the pieces are %d of %d bytes, and not in order, %v", len(all), len(want), err)
	}
	if words.Text != strings.Join(texts, " ") {
		t.Errorf("read %q", words.Text)
	}
}

func TestWhatIsShortIsReadWhole(t *testing.T) {
	recogniser := newPieceByPiece()
	recording := caller(t)
	if words, err := speech.NewReader(recogniser).Patient().Read(t.Context(), recording); err != nil || words.Text != "piece 1." || len(recogniser.pieces) != 1 {
		t.Errorf("%d pieces, %+v, %v", len(recogniser.pieces), words, err)
	}
	for name, reader := range map[string]*speech.Reader{"none": speech.NewReader(nil), "nil": nil} {
		if words, err := reader.Patient().Read(t.Context(), recording); err != nil || words.Text != "" {
			t.Errorf("%s: read %+v, %v", name, words, err)
		}
	}
	if _, err := speech.NewReader(recogniser).Patient().Read(t.Context(), []byte("no recording")); err == nil {
		t.Error("what is no recording was read")
	}
}

// Somebody who never pauses is cut anywhere, and what follows them is read too; minutes of noise have no words.
func TestMessageWithoutPausesIsReadInPieces(t *testing.T) {
	_, said, err := sound.Read(caller(t))
	if err != nil {
		t.Fatal(err)
	}
	recogniser := newPieceByPiece()
	said = said[sound.BytesPerSecond/2 : 5*sound.BytesPerSecond/2]
	_, err = speech.NewReader(recogniser).Patient().Read(t.Context(), sound.WAV(sound.Rate, bytes.Repeat(said, 20)))
	if n := len(recogniser.pieces); err != nil || n < 4 || n > 14 {
		t.Errorf("40 s in %d pieces, %v", n, err)
	}
	invents := speech.NewReader(speechtest.Says("Thank you for watching."))
	_, hiss, err := sound.Read(speechtest.NonSpeech()["hiss"])
	if err != nil {
		t.Fatal(err)
	}
	if words, err := invents.Patient().Read(t.Context(), sound.WAV(sound.Rate, bytes.Repeat(hiss, 20))); err != nil || words.Text != "" {
		t.Errorf("read %+v, %v in noise", words, err)
	}
}

// Without a recogniser a message is not read in part, nor taken for one without words, and nothing is tried twice.
func TestMessageWithoutARecogniserIsNotRead(t *testing.T) {
	long := message(t, 3)
	synctest.Test(t, func(t *testing.T) {
		asked, began := 0, time.Now()
		reader := speech.NewReader(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
			if asked++; asked == 1 {
				return speech.Words{Text: "Hello."}, nil // then it is removed
			}
			return speech.Words{}, speech.ErrNone
		}))
		if words, err := reader.Patient().Read(t.Context(), long); !errors.Is(err, speech.ErrNone) || words.Text != "" || asked != 2 || time.Since(began) != 0 {
			t.Errorf("asked %d times, after %v: %+v, %v", asked, time.Since(began), words, err)
		}
	})
}

// A call that comes while a message is read has the recogniser next, and so has every other one before the message goes on.
func TestCallsAreReadBeforeMessages(t *testing.T) {
	long, call := message(t, 3), caller(t)
	synctest.Test(t, func(t *testing.T) {
		recogniser := newPieceByPiece()
		recogniser.takes = time.Second
		reader := speech.NewReader(recogniser)
		over := make(chan error, 4)
		go func() {
			_, err := reader.Patient().Read(t.Context(), long)
			over <- err
		}()
		synctest.Wait() // it is at its first piece
		for i := range 3 {
			go func() {
				time.Sleep(time.Duration(i) * 1200 * time.Millisecond) // while the one before it is read
				_, err := reader.Read(t.Context(), call)
				over <- err
			}()
		}
		for range 4 {
			if err := <-over; err != nil {
				t.Error(err)
			}
		}
		for i, read := range recogniser.pieces {
			if isCall := bytes.Equal(read, call); isCall != (i >= 1 && i <= 3) {
				t.Errorf("reading %d of %d is a call's: %t", i+1, len(recogniser.pieces), isCall)
			}
		}
	})
}

// A message's piece that hangs is given up, and tried once more; then the message goes on. What reads one recording at a time, as the built-in recogniser
// does, keeps the calls waiting meanwhile: they go on without words in their time.
func TestPieceThatHangsIsGivenUp(t *testing.T) {
	long, call := message(t, 3), caller(t)
	synctest.Test(t, func(t *testing.T) {
		one, pieces := make(chan struct{}, 1), 0
		reader := speech.NewReader(speechtest.Func(func(ctx context.Context, recording []byte) (speech.Words, error) {
			select {
			case one <- struct{}{}:
			case <-ctx.Done():
				return speech.Words{}, ctx.Err()
			}
			defer func() { <-one }()
			if bytes.Equal(recording, call) {
				return speech.Words{Text: "It's Ann."}, nil
			}
			if pieces++; pieces == 2 {
				<-ctx.Done()
				return speech.Words{}, ctx.Err()
			}
			return speech.Words{Text: "Hello."}, nil
		}))
		over := make(chan speech.Words)
		go func() {
			words, err := reader.Patient().Read(t.Context(), long)
			if err != nil {
				t.Error(err)
			}
			over <- words
		}()
		synctest.Wait() // the second piece hangs
		began := time.Now()
		if _, err := reader.Read(t.Context(), call); !errors.Is(err, speech.ErrSlow) || time.Since(began) != speech.Limit {
			t.Errorf("a call beside it, after %v: %v", time.Since(began), err)
		}
		if words := <-over; words != (speech.Words{Text: "Hello. Hello. Hello."}) {
			t.Errorf("the message is %+v", words)
		}
		if words, err := reader.Read(t.Context(), call); err != nil || words.Text != "It's Ann." {
			t.Errorf("the next call: %+v, %v", words, err)
		}
	})
}

// One error loses nothing, and two lose a piece and no more. Where nothing can be read there are no words, so that the message can be read later.
func TestMessageLosesNoMoreThanWhatCannotBeRead(t *testing.T) {
	long, broken := message(t, 3), errors.New("broken")
	for what, c := range map[string]struct {
		fails []bool // by attempt; none after the last
		every bool
		want  string
	}{
		"once":       {fails: []bool{false, true}, want: "read. read. read."},
		"twice":      {fails: []bool{false, true, true}, want: "read. … read."},
		"twice each": {fails: []bool{true, true, true, true}, want: "… read."},
		"always":     {every: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			reader := speech.NewReader(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
				if attempts++; c.every || attempts <= len(c.fails) && c.fails[attempts-1] {
					return speech.Words{}, broken
				}
				return speech.Words{Text: "read."}, nil
			}))
			words, err := reader.Patient().Read(t.Context(), long)
			lost := c.every || strings.Contains(c.want, "…")
			if words != (speech.Words{Text: c.want, Unsure: strings.Contains(c.want, "…")}) || lost != errors.Is(err, broken) {
				t.Errorf("%s: %+v, %v", what, words, err)
			}
		})
	}
}

// What was read when its time is over is kept; whoever ends the program wants none of it, as the message is read again at the next start.
func TestMessageWhoseTimeIsOver(t *testing.T) {
	long := message(t, 3)
	for what, c := range map[string]struct {
		cause error
		want  string
	}{"its time is over": {speech.ErrSlow, "piece 1. …"}, "the program ends": {nil, ""}} {
		synctest.Test(t, func(t *testing.T) {
			recogniser := newPieceByPiece()
			recogniser.takes = 20 * time.Second
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(30*time.Second, func() { cancel(c.cause) })
			words, err := speech.NewReader(recogniser).Patient().Read(ctx, long)
			if words.Text != c.want || !errors.Is(err, context.Cause(ctx)) {
				t.Errorf("%s: %+v, %v", what, words, err)
			}
			time.Sleep(time.Minute) // until the recogniser is done, too
		})
	}
}

// While a call's words are expected, the piece that is being read is the last one.
func TestNoPieceIsBegunWhileACallIsExpected(t *testing.T) {
	long, call := message(t, 3), caller(t)
	synctest.Test(t, func(t *testing.T) {
		recogniser := newPieceByPiece()
		recogniser.takes = 3600 * time.Millisecond // as on a slow computer (docs/speech-measured.md)
		reader := speech.NewReader(recogniser)
		over := make(chan error)
		go func() {
			_, err := reader.Patient().Read(t.Context(), long)
			over <- err
		}()
		synctest.Wait()
		expected := reader.Expect()
		time.Sleep(5 * time.Second) // they say who they are
		if words, err := reader.Read(t.Context(), call); err != nil || words.Text != "piece 2." {
			t.Errorf("a call that was expected has read %+v, %v", words, err)
		}
		expected()
		if err := <-over; err != nil || len(recogniser.pieces) != 4 {
			t.Errorf("the message: %v, %d pieces", err, len(recogniser.pieces))
		}
	})
}

// Whoever waits for calls all the time gives up when its own time is over, and more messages than memory is meant for aren't taken.
func TestMessagesWaitForNoMoreThanTheirTime(t *testing.T) {
	long, call := message(t, 1), caller(t)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		reader := speech.NewReader(speechtest.Hangs(release))
		go func() { _, _ = reader.Read(t.Context(), call) }() // gives up after speech.Limit
		synctest.Wait()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, speech.ErrSlow)
		defer cancel()
		over := make(chan error)
		for range 17 {
			go func() {
				_, err := reader.Patient().Read(ctx, long)
				over <- err
			}()
		}
		busy, slow := 0, 0
		for range 17 {
			switch err := <-over; {
			case errors.Is(err, speech.ErrBusy):
				busy++
			case errors.Is(err, speech.ErrSlow):
				slow++
			default:
				t.Errorf("it ended with %v", err)
			}
		}
		if busy != 1 || slow != 16 {
			t.Errorf("%d were not taken, %d had too little time", busy, slow)
		}
		close(release)
	})
}
