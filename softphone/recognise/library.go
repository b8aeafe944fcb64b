package recognise

import (
	"cmp"
	"fmt"
	"slices"

	"ringfence/softphone/audio"
)

// Library holds the recordings that can be recognised. It does not change, and is safe for several goroutines.
type Library struct {
	templates []*template
	starts    *row // the recordings' first sounds, with which most of what is heard begins
	all       *row
}

// template is one recording, smoothed, at 8 kHz.
type template struct {
	name   string
	pcm    []int16
	low    []float32 // the coarse version
	energy []float64 // of all frames before each
	mean   float64   // energy of a frame
	first  int       // the first frame with sound
	active int       // frames with speech
}

// NewLibrary prepares recordings, by name, for recognition. Each has to have at least 0.1 s of sound.
func NewLibrary(recordings map[string]audio.Sound) (*Library, error) {
	var templates []*template
	for name, sound := range recordings {
		t := newTemplate(name, sound)
		if t.active < 5 {
			return nil, fmt.Errorf("the recording %q is too short or too quiet to be recognised", name)
		}
		templates = append(templates, t)
	}
	slices.SortFunc(templates, func(a, b *template) int { return cmp.Compare(a.name, b.name) })
	return prepare(templates), nil
}

func prepare(templates []*template) *Library {
	return &Library{
		templates: templates,
		starts: newRow(templates, startSize, func(t *template) (from, span int) {
			return t.first*frameSize/coarseStep - startReach, 2*startReach + 1
		}),
		all: newRow(templates, querySize, func(t *template) (from, span int) {
			return -querySize / 2, querySize/2 + len(t.low)
		}),
	}
}

func (l *Library) has(name string) bool {
	return slices.ContainsFunc(l.templates, func(t *template) bool { return t.name == name })
}

func newTemplate(name string, sound audio.Sound) *template {
	pcm := newSmoother(sound.Rate).extend(nil, sound.PCM, len(sound.PCM))
	t := &template{name: name, pcm: pcm, low: coarse(pcm, 0, len(pcm)/coarseStep)}
	frames := len(pcm) / frameSize
	t.energy = make([]float64, frames+1)
	for f := range frames {
		t.energy[f+1] = t.energy[f] + energy(t.frame(f))
	}
	t.mean = t.energy[frames] / float64(max(frames, 1))
	for f := range frames {
		if t.speaks(f) {
			t.active++
		}
	}
	for t.first < frames && !sounds(t.frame(t.first)) {
		t.first++
	}
	return t
}

func (t *template) frame(f int) []int16 { return t.pcm[f*frameSize : (f+1)*frameSize] }

// speaks says whether a frame is loud enough to be heard on any line: at most 25 dB below the mean.
func (t *template) speaks(f int) bool {
	e := t.energy[f+1] - t.energy[f]
	return e > t.mean/300 && e > quiet*quiet*frameSize
}

// weak says whether some frames together are no louder than one.
func (t *template) weak(from, to int) bool { return t.energy[to]-t.energy[from] < t.mean }
