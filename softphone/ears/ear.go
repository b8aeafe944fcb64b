package ears

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ringfence/softphone/audio"
)

// Ear keeps what one telephone has heard, and recognises it on demand. It is safe for several goroutines.
type Ear struct {
	library *Library
	rate    int

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

// ErrOver is returned when an ear is closed before it has heard what somebody is waiting for.
var ErrOver = errors.New("no more will be heard")

// NewEar makes an ear for sound of 8 or 16 kHz. Without a library it only recognises tones.
func NewEar(library *Library, rate int) *Ear {
	if library == nil {
		library = prepare(nil)
	}
	return &Ear{library: library, rate: rate, smoother: newSmoother(rate), all: recogniser{library: library}, looked: map[*Listener]int{}}
}

// Put adds samples at an index; without samples, it says that there was silence up to there. A gap before them is silence; samples that come too late are
// left out, as a telephone would.
func (e *Ear) Put(at int, pcm []int16) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at < len(e.pcm) || at == len(e.pcm) && len(pcm) == 0 {
		return
	}
	e.pcm = append(e.pcm, make([]int16, at-len(e.pcm))...)
	e.pcm = append(e.pcm, pcm...)
	e.wake()
}

// Close says that nothing more will be heard.
func (e *Ear) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.wake()
}

func (e *Ear) wake() {
	if e.more != nil {
		close(e.more)
		e.more = nil
	}
}

// Sound is everything that was heard.
func (e *Ear) Sound() audio.Sound {
	e.mu.Lock()
	defer e.mu.Unlock()
	return audio.Sound{Rate: e.rate, PCM: e.pcm[:len(e.pcm):len(e.pcm)]}
}

// heard is what was heard, smoothed, and whether that is all.
func (e *Ear) heard() (smooth []int16, ended bool) {
	e.mu.Lock()
	pcm, ended := e.pcm[:len(e.pcm):len(e.pcm)], e.closed
	e.mu.Unlock()
	e.smoothing.Lock()
	defer e.smoothing.Unlock()
	to := len(pcm)
	if !ended {
		to -= e.smoother.reach()
	}
	e.smooth = e.smoother.extend(e.smooth, pcm, to)
	return e.smooth[:len(e.smooth):len(e.smooth)], ended
}

// Silences are the stretches of at least a length in which nothing was heard, between two times since sound began to flow.
func (e *Ear) Silences(least, from, until time.Duration) []Silence {
	smooth, _ := e.heard()
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
func (e *Ear) Heard() []Heard {
	e.work.Lock()
	defer e.work.Unlock()
	e.all.advance(e.heard())
	return list(e.all.found)
}

// Behind is how much of what was heard a waiting listener has not looked at yet. It is little unless the machine is too busy; 0 if nobody is waiting.
func (e *Ear) Behind() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	behind := 0
	for _, looked := range e.looked {
		behind = max(behind, len(e.pcm)/(e.rate/audio.Narrow)-looked)
	}
	return samplesTime(behind)
}

func (e *Ear) hasLooked(l *Listener, upTo int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.looked[l] = upTo
}

func (e *Ear) waitsNoMore(l *Listener) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.looked, l)
}

// Listener waits for sounds, one after another. It is safe for several goroutines, which take turns.
type Listener struct {
	ear  *Ear
	turn chan struct{}
	last []span // the last sound that was returned
	open *walk  // that sound, if it was still going on
	from int    // in samples at 8 kHz; sounds that began before have been returned already
}

// Listen makes a listener that begins with the first sound.
func (e *Ear) Listen() *Listener { return &Listener{ear: e, turn: make(chan struct{}, 1)} }

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
		if !l.ear.library.has(name) && !isTone(name) {
			return Heard{}, fmt.Errorf("no recording is called %q", name)
		}
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return Heard{}, ctx.Err()
	}
	r := recogniser{library: l.ear.library, pos: l.from, named: l.from, open: l.open, found: l.last}
	l.ear.hasLooked(l, l.from)
	defer l.ear.waitsNoMore(l)
	for {
		heard, ended := l.ear.heard()
		r.advance(heard, ended)
		l.ear.hasLooked(l, len(heard))
		for i := len(l.last); i < len(r.found); i++ {
			if s := r.found[i]; wants(names, s.name) && !(s.open && out) {
				l.keep(&r, i)
				return named(s), nil
			}
		}
		if ended {
			return Heard{}, ErrOver
		}
		if err := l.ear.grown(ctx, len(heard)+audio.Samples(patience, audio.Narrow)); err != nil {
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
func (e *Ear) grown(ctx context.Context, narrow int) error {
	for {
		e.mu.Lock()
		if e.closed || len(e.pcm) >= narrow*(e.rate/audio.Narrow) {
			e.mu.Unlock()
			return nil
		}
		if e.more == nil {
			e.more = make(chan struct{})
		}
		more := e.more
		e.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
