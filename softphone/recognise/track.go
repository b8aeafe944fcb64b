package recognise

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ringfence/softphone/audio"
)

// Track keeps what one telephone has heard, and recognises it on demand. It is safe for several goroutines.
type Track struct {
	searches *searches
	rate     int

	mu     sync.Mutex
	pcm    []int16 // at rate; it only ever grows
	closed bool
	more   chan struct{}     // closed and renewed when more was heard while somebody waits
	looked map[*Listener]int // how far each waiting listener has come, in samples at 8 kHz

	smoothing sync.Mutex
	smoother  smoother
	smooth    []int16 // what was heard, smoothed, as far as anybody has needed it

	work sync.Mutex // one search at a time
	all  recogniser
}

// ErrOver is returned when a track is closed before it has heard what somebody is waiting for.
var ErrOver = errors.New("no more will be heard")

// NewTrack makes a track for sound of 8 or 16 kHz. Without a library it only recognises tones.
func NewTrack(library *Library, rate int) *Track {
	if library == nil {
		library = prepare(nil)
	}
	s := &searches{library: library, made: map[[2]int]searched{}}
	return &Track{searches: s, rate: rate, smoother: newSmoother(rate), all: recogniser{searches: s}, looked: map[*Listener]int{}}
}

// Put adds samples at an index; without samples, it says that there was silence up to there. A gap before them is silence; samples that come too late are
// left out, as a telephone would.
func (t *Track) Put(at int, pcm []int16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at < len(t.pcm) || at == len(t.pcm) && len(pcm) == 0 {
		return
	}
	t.pcm = append(t.pcm, make([]int16, at-len(t.pcm))...)
	t.pcm = append(t.pcm, pcm...)
	t.wake()
}

// Close says that nothing more will be heard.
func (t *Track) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.wake()
}

func (t *Track) wake() {
	if t.more != nil {
		close(t.more)
		t.more = nil
	}
}

// Sound is everything that was heard.
func (t *Track) Sound() audio.Sound {
	t.mu.Lock()
	defer t.mu.Unlock()
	return audio.Sound{Rate: t.rate, PCM: t.pcm[:len(t.pcm):len(t.pcm)]}
}

// heard is what was heard, smoothed, and whether that is all.
func (t *Track) heard() (smooth []int16, ended bool) {
	t.mu.Lock()
	pcm, ended := t.pcm[:len(t.pcm):len(t.pcm)], t.closed
	t.mu.Unlock()
	t.smoothing.Lock()
	defer t.smoothing.Unlock()
	to := len(pcm)
	if !ended {
		to -= t.smoother.reach()
	}
	t.smooth = t.smoother.extend(t.smooth, pcm, to)
	return t.smooth[:len(t.smooth):len(t.smooth)], ended
}

// Silences are the stretches of at least a length in which nothing was heard, between two times since sound began to flow.
func (t *Track) Silences(least, from, until time.Duration) []Silence {
	smooth, _ := t.heard()
	end := audio.Samples(until, audio.Narrow)
	var silences []Silence
	begin := audio.Samples(from, audio.Narrow)
	for at := begin; at <= end; at += frameSize {
		if at+frameSize <= min(end, len(smooth)) && !sounds(smooth[at:at+frameSize]) || at >= len(smooth) && at+frameSize <= end {
			continue
		}
		if s := (Silence{samplesTime(begin), samplesTime(at - begin)}); s.Length >= least {
			silences = append(silences, s)
		}
		begin = at + frameSize
	}
	return silences
}

// Heard is everything that was recognised so far, in order.
func (t *Track) Heard() []Heard {
	t.work.Lock()
	defer t.work.Unlock()
	t.all.advance(t.heard())
	return list(t.all.found)
}

// Behind is how much of what was heard a waiting listener has not looked at yet. It is little unless the machine is too busy; 0 if nobody is waiting.
func (t *Track) Behind() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	behind := 0
	for _, looked := range t.looked {
		behind = max(behind, len(t.pcm)/(t.rate/audio.Narrow)-looked)
	}
	return samplesTime(behind)
}

func (t *Track) hasLooked(l *Listener, upTo int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.looked[l] = upTo
}

func (t *Track) waitsNoMore(l *Listener) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.looked, l)
}

// Listener waits for sounds, one after another. It is safe for several goroutines, which take turns.
type Listener struct {
	track *Track
	turn  chan struct{}
	last  []span // the last sound that was returned
	open  *walk  // that sound, if it was still going on
	from  int    // in samples at 8 kHz; sounds that began before have been returned already
}

// Listen makes a listener that begins with the first sound.
func (t *Track) Listen() *Listener { return &Listener{track: t, turn: make(chan struct{}, 1)} }

// patience is how much more has to be heard before a listener looks again.
const patience = 100 * time.Millisecond

// Hears waits for one of the named recordings or tones, or for any if none is named, beginning after the last one that it returned. It returns as soon as it
// is sure, even if the sound is still going on.
func (l *Listener) Hears(ctx context.Context, names ...string) (Heard, error) {
	return l.wait(ctx, false, names)
}

// HearsOut waits like Hears, but until the recording has ended, by itself or because it was cut short. For a tone, which may always come again, it is the
// same as Hears.
func (l *Listener) HearsOut(ctx context.Context, names ...string) (Heard, error) {
	return l.wait(ctx, true, names)
}

func (l *Listener) wait(ctx context.Context, out bool, names []string) (Heard, error) {
	for _, name := range names {
		if !l.track.searches.library.has(name) && !isTone(name) {
			return Heard{}, fmt.Errorf("no recording is called %q", name)
		}
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return Heard{}, ctx.Err()
	}
	r := recogniser{searches: l.track.searches, pos: l.from, named: l.from, open: l.open, found: l.last}
	l.track.hasLooked(l, l.from)
	defer l.track.waitsNoMore(l)
	for {
		heard, ended := l.track.heard()
		r.advance(heard, ended)
		l.track.hasLooked(l, len(heard))
		for i := len(l.last); i < len(r.found); i++ {
			if s := r.found[i]; wants(names, s.name) && !(s.open && out) {
				l.keep(&r, i)
				return named(s), nil
			}
		}
		if ended {
			return Heard{}, ErrOver
		}
		if err := l.track.grown(ctx, len(heard)+audio.Samples(patience, audio.Narrow)); err != nil {
			return Heard{}, err
		}
	}
}

// keep remembers where the next wait goes on: within the sound that is being returned, if that is not over.
func (l *Listener) keep(r *recogniser, found int) {
	s := r.found[found]
	l.last, l.open, l.from = []span{s}, nil, s.at+max(frameSize, s.to-s.from)
	if s.open {
		l.open = r.open
	}
}

// grown waits until so many samples at 8 kHz have been heard, or nothing more will be.
func (t *Track) grown(ctx context.Context, narrow int) error {
	for {
		t.mu.Lock()
		if t.closed || len(t.pcm) >= narrow*(t.rate/audio.Narrow) {
			t.mu.Unlock()
			return nil
		}
		if t.more == nil {
			t.more = make(chan struct{})
		}
		more := t.more
		t.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
