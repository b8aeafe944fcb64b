package recognise

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/softphone/audio"
)

// live plays a sound to a track packet by packet, with a look at what happened after each.
func live(e *Track, s audio.Sound, look func(played time.Duration)) {
	size := s.Rate / 50
	for at := 0; at+size <= len(s.PCM); at += size {
		e.Put(at, s.PCM[at:at+size])
		look(audio.Length(at+size, s.Rate))
	}
}

func TestKnownSoonAfterItsBegin(t *testing.T) {
	t.Parallel()
	all, l := narrow(t), library(t)
	for name, through := range map[string]func(audio.Sound) audio.Sound{"G.711": alaw, "G.722": wideband} {
		line := through(join(all["ask-name"], silence(time.Second), all["please-hold"], all["inspection"]))
		e := NewTrack(l, line.Rate)
		var known []string
		live(e, line, func(played time.Duration) {
			got := e.Heard()
			if len(got) == len(known) {
				return
			}
			last := got[len(got)-1]
			if delay := played - last.At; !last.Open || last.From != 0 || delay > 900*time.Millisecond {
				t.Errorf("%s: %v after its begin it is known: %+v", name, delay, last)
			}
			known = Names(got)
		})
		if want := []string{"ask-name", "please-hold", "inspection"}; !slices.Equal(known, want) {
			t.Errorf("%s: heard %v, not %v", name, known, want)
		}
	}
}

func TestHearsWhileItIsPlayed(t *testing.T) {
	t.Parallel()
	all := narrow(t)
	e := NewTrack(library(t), audio.Narrow)
	heard := make(chan Heard)
	go func() {
		h, err := e.Listen().Hears(t.Context(), "inspection")
		if err != nil {
			t.Error(err)
		}
		heard <- h
	}()
	// Only so much is played that there is more to come.
	line := alaw(join(all["please-hold"], cut(all["inspection"], 0, 3*time.Second)))
	live(e, line, func(time.Duration) {})
	if h := <-heard; h.Name != "inspection" || !h.Open {
		t.Errorf("heard %+v", h)
	}
}

func TestListenerGoesOn(t *testing.T) {
	t.Parallel()
	all, l := narrow(t), library(t)
	line := alaw(join(all["choices"], all["choices"], tone(400*time.Millisecond, 400, 450), silence(200*time.Millisecond),
		tone(400*time.Millisecond, 400, 450), all["goodbye"]))
	e := NewTrack(l, line.Rate)
	e.Put(0, line.PCM[:4*line.Rate])
	ctx, listener := t.Context(), e.Listen()
	first, err := listener.Hears(ctx, "choices")
	if err != nil || !first.Open {
		t.Fatalf("%+v, %v", first, err)
	}
	e.Put(4*line.Rate, line.PCM[4*line.Rate:])
	e.Close()
	second, err := listener.Hears(ctx, "choices")
	if err != nil || !near(second.At, all["choices"].Length(), 30*time.Millisecond) {
		t.Errorf("the second time: %+v, %v", second, err)
	}
	if h, err := listener.HearsOut(ctx); err != nil || h.Name != RingingTone {
		t.Errorf("then: %+v, %v", h, err)
	}
	// The second pulse of a ringing tone is no other ringing tone.
	if h, err := listener.HearsOut(ctx); err != nil || h.Name != "goodbye" || !h.Whole() {
		t.Errorf("then: %+v, %v", h, err)
	}
	if h, err := listener.Hears(ctx); !errors.Is(err, ErrOver) {
		t.Errorf("at the end: %+v, %v", h, err)
	}
	if h, err := e.Listen().Hears(ctx, "goodbye", "choices"); err != nil || h.Name != "choices" || h.At != 0 {
		t.Errorf("another listener: %+v, %v", h, err)
	}
}

func TestListenerIsNotMisled(t *testing.T) {
	t.Parallel()
	all, l := narrow(t), library(t)
	// Both begin with "This household", and the first and third end with "Goodbye".
	line := alaw(join(all["not-wanted"], all["known-only"], all["message-kept"]))
	e := NewTrack(l, line.Rate)
	e.Put(0, line.PCM)
	e.Close()
	h, err := e.Listen().Hears(t.Context(), "known-only")
	if err != nil || !near(h.At, all["not-wanted"].Length(), 30*time.Millisecond) {
		t.Errorf("%+v, %v", h, err)
	}
	if h, err := e.Listen().Hears(t.Context(), "goodbye"); !errors.Is(err, ErrOver) {
		t.Errorf("goodbye was heard: %+v, %v", h, err)
	}
}

func TestListenerStops(t *testing.T) {
	e := NewTrack(library(t), audio.Narrow)
	listener := e.Listen()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := listener.Hears(ctx, "choices"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := listener.Hears(t.Context(), "nothing-like-it"); err == nil || !strings.Contains(err.Error(), "nothing-like-it") {
		t.Errorf("an unknown name: %v", err)
	}
	waiting := make(chan error)
	go func() {
		_, err := listener.Hears(t.Context(), "choices")
		waiting <- err
	}()
	e.Put(0, make([]int16, 100000))
	e.Close()
	if err := <-waiting; !errors.Is(err, ErrOver) {
		t.Errorf("closed: %v", err)
	}
}

func TestSilences(t *testing.T) {
	all := narrow(t)
	line := alaw(join(silence(2*time.Second), all["goodbye"], silence(1500*time.Millisecond), all["busy"]))
	e := NewTrack(nil, line.Rate)
	e.Put(0, line.PCM)
	e.Close()
	got := e.Silences(time.Second, 500*time.Millisecond, line.Length()+3*time.Second)
	want := []Silence{{500 * time.Millisecond, 1500 * time.Millisecond}, {2*time.Second + all["goodbye"].Length(), 1500 * time.Millisecond}, {line.Length(), 3 * time.Second}}
	if len(got) != len(want) {
		t.Fatalf("silences: %v", got)
	}
	for i := range want {
		if !near(got[i].At, want[i].At, 150*time.Millisecond) || !near(got[i].Length, want[i].Length, 300*time.Millisecond) {
			t.Errorf("silence %v, not %v", got[i], want[i])
		}
	}
	if got := e.Silences(5*time.Second, 0, line.Length()); got != nil {
		t.Errorf("long silences: %v", got)
	}
}

func TestTooShortForALibrary(t *testing.T) {
	if _, err := NewLibrary(map[string]audio.Sound{"nothing": silence(time.Second)}); err == nil || !strings.Contains(err.Error(), `"nothing"`) {
		t.Errorf("a silent recording: %v", err)
	}
}

// BenchmarkLive is what one second of listening costs, for a leg on which somebody waits.
func BenchmarkLive(b *testing.B) {
	all, l := narrow(b), library(b)
	line := join(all["ask-name"], all["please-hold"], silence(3*time.Second), all["choices"], all["test-call"])
	for name, line := range map[string]audio.Sound{"G.711": alaw(line), "G.722": wideband(line)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				e := NewTrack(l, line.Rate)
				live(e, line, func(time.Duration) { e.Heard() })
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/line.Length().Seconds(), "µs/s-heard")
		})
	}
}

// A track knows how far somebody who waits lags behind what was heard; nobody lags who does not wait.
func TestBehind(t *testing.T) {
	t.Parallel()
	e := NewTrack(library(t), audio.Narrow)
	second := make([]int16, audio.Narrow)
	e.Put(0, second)
	if behind := e.Behind(); behind != 0 {
		t.Errorf("nobody waits, and is %v behind", behind)
	}
	e.smoothing.Lock() // whoever listens is held up there
	ctx, cancel := context.WithCancel(t.Context())
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		_, _ = e.Listen().Hears(ctx, "inspection") // nothing comes
	}()
	await := func(what string, is func(time.Duration) bool) {
		t.Helper()
		for until := time.Now().Add(time.Minute); !is(e.Behind()); time.Sleep(time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("%s: %v", what, e.Behind())
			}
		}
	}
	await("held up", func(d time.Duration) bool { return d == time.Second })
	e.Put(audio.Narrow, second)
	await("held up for longer", func(d time.Duration) bool { return d == 2*time.Second })
	e.smoothing.Unlock()
	await("caught up", func(d time.Duration) bool { return d < 2*patience })
	cancel()
	<-waited
	if len(e.looked) != 0 {
		t.Errorf("%d still wait", len(e.looked))
	}
}

// join puts sounds one after another, at the rate of the first.
func join(first audio.Sound, more ...audio.Sound) audio.Sound {
	joined := audio.Sound{Rate: first.Rate, PCM: slices.Clone(first.PCM)}
	for _, s := range more {
		joined.PCM = append(joined.PCM, s.At(first.Rate).PCM...)
	}
	return joined
}
