package recognise

import (
	"time"

	"ringfence/softphone/audio"
)

// Times of the recogniser, in samples at 8 kHz.
const (
	querySpan   = querySize * coarseStep
	unknownStep = querySpan / 2 // how far to go on after a search without result
	pauseSpan   = 4800          // unknown sounds that are closer together count as one
	leastSpan   = 1600          // of a sound before what a search has found, for it to be searched too
	clickSpan   = 1200          // shorter unknown sounds are not worth reporting
	skipMost    = 2400          // how much of a recording may be missed or heard twice at a hitch
	hitchMost   = 16000         // silence in the middle of a recording that then goes on, as on a machine that is too busy
)

// recogniser goes through what was heard and names it. It keeps its place, so that it can go on when more has been heard.
type recogniser struct {
	searches *searches
	pos      int // everything before is explained
	named    int // where the last sound with a name ended; what came after may be the beginning of another one, in noise
	open     *walk
	found    []span
}

// span is a sound that was recognised, in samples at 8 kHz.
type span struct {
	name     string
	at       int // where it begins
	from, to int // what was heard of the recording
	of       int // its length
	open     bool
	pitch    pitch // of a tone
}

// advance explains as much as it can of what was heard. ended says that nothing more will come.
func (r *recogniser) advance(heard []int16, ended bool) {
	for {
		if r.open != nil {
			done := r.open.forward(heard, ended)
			r.note(heard, done)
			if !done {
				return
			}
			r.open = nil
			continue
		}
		onset, ok := r.onset(heard)
		if !ok || (len(heard)-onset < querySpan && !ended) || len(heard)-onset < frameSize {
			return
		}
		r.identify(heard, onset)
	}
}

// onset is where the next unexplained sound begins.
func (r *recogniser) onset(heard []int16) (at int, ok bool) {
	for ; r.pos+frameSize <= len(heard); r.pos += frameSize {
		if sounds(heard[r.pos : r.pos+frameSize]) {
			return r.pos, true
		}
	}
	return 0, false
}

// identify names the sound at onset, or goes past it.
func (r *recogniser) identify(heard []int16, onset int) {
	p, end, isTone := toneAt(heard, onset)
	if isTone && p.isTelephones() {
		r.tone(p, onset, end)
		return
	}
	to := min(onset+querySpan, len(heard))
	w := r.look(heard, onset, to)
	switch {
	case w == nil && isTone:
		r.tone(p, onset, end)
	case w == nil:
		r.unknown(heard, onset, min(onset+unknownStep, to))
	case w.heardAt(w.low)-onset >= leastSpan:
		// Something else came first, and was cut short.
		r.identifyFront(heard, onset, w)
	default:
		r.open = w
	}
}

// identifyFront names what was heard before a recording.
func (r *recogniser) identifyFront(heard []int16, onset int, next *walk) {
	begin := next.heardAt(next.low)
	if p, end, ok := toneAt(heard[:begin], onset); ok {
		r.tone(p, onset, end)
		return
	}
	if r.open = r.look(heard, onset, begin); r.open == nil {
		r.unknown(heard, onset, begin)
	}
}

// look searches for heard[from:to] and starts a walk along what it finds.
func (r *recogniser) look(heard []int16, from, to int) *walk {
	a, ok := r.searches.search(heard, from, to)
	if !ok {
		return nil
	}
	w := newWalk(a, heard, from, to)
	if w != nil {
		w.back(heard, r.named)
	}
	return w
}

// note keeps what the open walk has heard so far, if that is enough to name it.
func (r *recogniser) note(heard []int16, done bool) {
	w := r.open
	from, to := w.extent()
	if done {
		r.pos = max(r.pos+frameSize, w.end())
	}
	if !w.sure() {
		if done {
			r.unknown(heard, w.heardAt(w.low), r.pos)
		}
		return
	}
	r.named = w.end()
	s := span{name: w.template.name, at: max(0, w.begin+from), from: from, to: to, of: len(w.template.pcm), open: !done}
	n := len(r.found)
	if n > 0 && r.found[n-1].name == Unknown {
		r.found[n-1].to = min(r.found[n-1].to, s.at-r.found[n-1].at)
		if r.found[n-1].isClick() {
			n--
			r.found = r.found[:n]
		}
	}
	switch {
	case n > 0 && r.found[n-1].open:
		s.at, s.from = r.found[n-1].at, r.found[n-1].from
		r.found[n-1] = s
	case n > 0 && r.found[n-1].goesOn(s):
		r.found[n-1].to, r.found[n-1].open = s.to, s.open
	default:
		r.found = append(r.found, s)
	}
}

// isClick says whether a span is not worth reporting.
func (s span) isClick() bool { return s.name == Unknown && s.to < clickSpan }

// goesOn says whether next is the next piece of the same recording, after a hitch such as a lost packet.
func (s span) goesOn(next span) bool {
	skipped := next.from - s.to
	paused := next.at - (s.at + s.to - s.from)
	return s.name == next.name && s.of > 0 && max(skipped, -skipped) < skipMost && max(paused, -paused) < hitchMost
}

// unknown keeps a sound that is in no recording, together with the one before it if they are close.
func (r *recogniser) unknown(heard []int16, from, to int) {
	r.pos = max(r.pos, to)
	for to-frameSize > from && !sounds(heard[to-frameSize:to]) {
		to -= frameSize
	}
	if n := len(r.found); n > 0 && r.found[n-1].name == Unknown && from-(r.found[n-1].at+r.found[n-1].to) < pauseSpan {
		r.found[n-1].to = to - r.found[n-1].at
		return
	}
	r.found = append(r.found, span{name: Unknown, at: from, to: to - from})
}

func samplesTime(n int) time.Duration { return audio.Length(n, audio.Narrow) }
