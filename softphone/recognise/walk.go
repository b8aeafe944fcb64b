package recognise

// frameSize is 20 ms at 8 kHz.
const frameSize = 160

// quiet is the level (RMS, of 32768) below which a frame is silent: -60 dBFS. Prompts and voices are recorded at -20 dBFS; an idle A-law line is at
// -72 dBFS.
const quiet = 32

// What a walk demands of each step.
const (
	stepFrames = 5   // frames that are compared together, 100 ms
	stepRest   = 0.6 // share of a step's energy that the template may leave unexplained
	frameRest  = 0.8 // and of the last frame's, inside a step that disagrees
	gainRange  = 2   // factor by which a step may be louder or quieter than the search found, as when the line clips
	noise      = 0.1 // share of the mean energy that is taken for noise, in the pauses of the template
)

// sounds says whether a frame is louder than silence.
func sounds(frame []int16) bool {
	return energy(frame) > quiet*quiet*float64(len(frame))
}

func energy(frame []int16) (sum float64) {
	for _, v := range frame {
		sum += float64(v) * float64(v)
	}
	return sum
}

// walk follows a template that was found in what is heard, as more is heard. It predicts each step from the template and the level at which the search found it,
// and stops where the prediction fails.
type walk struct {
	alignment
	gain      float64
	low, high int     // the frames of the template that were certainly heard: from low up to high
	next      int     // the next frame to compare
	first     int     // the first that was compared
	active    int     // frames of sound that were heard
	frames    int     // frames with sound that agreed
	ours      float64 // energy of those
}

// newWalk begins in the middle of heard[from:to], where the search has found the template, at the frame that the template explains best. It returns nil if the
// two have less than a frame in common.
func newWalk(a alignment, heard []int16, from, to int) *walk {
	cross, theirs, ours := a.products(heard, from, to)
	w := &walk{alignment: a, gain: cross / theirs}
	w.ours, w.frames = ours, (to-from)/frameSize
	best := 0.0
	for f := max(0, (from-a.begin+frameSize-1)/frameSize); f < a.length() && w.heardAt(f+1) <= to; f++ {
		if cross, _, _ := a.products(heard, w.heardAt(f), w.heardAt(f+1)); cross > best {
			best, w.first = cross, f
		}
	}
	if best == 0 {
		return nil
	}
	w.low, w.high, w.next = w.first, w.first, w.first
	return w
}

// length is the length of the template in whole frames.
func (a alignment) length() int { return len(a.template.pcm) / frameSize }

// heardAt is the sample at which a frame of the template was heard.
func (w *walk) heardAt(frame int) int { return w.begin + frame*frameSize }

// back goes backwards for as long as the two agree, but not before limit.
func (w *walk) back(heard []int16, limit int) {
	f := w.first
	for f > 0 && w.heardAt(f-1) >= max(0, limit) {
		agrees, silent := w.compare(heard, f-1, f, frameRest)
		if !agrees {
			return
		}
		f--
		if !silent {
			w.low = f
			w.count(heard, f, f+1)
		}
	}
	if f == 0 {
		w.low = 0
	}
}

// forward goes on for as long as there is sound to compare. done says that the walk has come to its end.
func (w *walk) forward(heard []int16, ended bool) (done bool) {
	for w.next < w.length() {
		to := min(w.next+stepFrames, w.length())
		if w.heardAt(to) > len(heard) {
			if !ended {
				return false
			}
			if to = (len(heard) - w.begin) / frameSize; to <= w.next {
				return true
			}
		}
		agrees, silent := w.compare(heard, w.next, to, stepRest)
		if !agrees {
			w.finish(heard, to)
			return true
		}
		if !silent {
			w.high = to
			w.count(heard, w.next, to)
		}
		w.next = to
	}
	w.high = w.length()
	return true
}

// finish finds the last frame that agrees, in a step that does not.
func (w *walk) finish(heard []int16, to int) {
	for f := w.next; f < to; f++ {
		agrees, silent := w.compare(heard, f, f+1, frameRest)
		if !agrees {
			return
		}
		if !silent {
			w.high = f + 1
			w.count(heard, f, f+1)
		}
	}
}

// compare says whether some frames were heard as the template predicts them, and whether both are silent apart from noise, so that nothing can be said.
func (w *walk) compare(heard []int16, from, to int, rest float64) (agrees, silent bool) {
	cross, theirs, ours := w.products(heard, w.heardAt(from), w.heardAt(to))
	gain := w.gain
	if theirs > 0 {
		gain = max(w.gain/gainRange, min(w.gain*gainRange, cross/theirs))
	}
	predicted := gain * gain * theirs
	residue := ours - 2*gain*cross + predicted
	silence := quiet * quiet * frameSize / stride * float64(to-from)
	if predicted > silence && residue <= rest*predicted {
		return true, false
	}
	floor := max(silence, noise*w.ours/float64(max(w.frames, 1))*float64(to-from))
	silent = residue <= floor && predicted <= floor
	return silent, silent
}

func (w *walk) count(heard []int16, from, to int) {
	_, _, ours := w.products(heard, w.heardAt(from), w.heardAt(to))
	w.ours += ours
	w.frames += to - from
	for f := from; f < to; f++ {
		if w.template.speaks(f) {
			w.active++
		}
	}
}

// How much of a recording has to be heard to be sure of it.
const (
	sureFrames = 12  // 0.24 s of sound
	sureShare  = 0.7 // or this share of a short recording
)

// sure says whether enough has agreed so far to name the recording.
func (w *walk) sure() bool {
	return w.active >= sureFrames || float64(w.active) >= sureShare*float64(w.template.active)
}

// extent is how much of the template was heard, in its samples. What is missing at its beginning or end counts as heard if it is weak or silent.
func (w *walk) extent() (from, to int) {
	from, to = w.low*frameSize, w.high*frameSize
	if w.template.weak(0, w.low) {
		from = 0
	}
	if w.template.weak(w.high, w.length()) {
		to = len(w.template.pcm)
	}
	return from, to
}

// end is the sample after the last sound of the template that was heard.
func (w *walk) end() int {
	f := w.high
	for f > w.low+1 && !sounds(w.template.frame(f-1)) {
		f--
	}
	return w.heardAt(f)
}
