package recognise

import (
	"math"
	"sync"
)

// What the search demands of a place, at 8 kHz.
const (
	fineCertain = 0.9 // correlation at which a recording's beginning is accepted without looking further
	fineLeast   = 0.6 // correlation at which the best place of all is accepted
	fineReach   = 10  // samples to either side of a coarse place
	stride      = 2   // samples from one that is compared to the next, which is enough below 2 kHz
)

// alignment says where in what was heard a template begins (which may be before the first sample).
type alignment struct {
	template *template
	begin    int
}

// search finds the sound heard[from:to] in the library. Most sounds are the beginning of a recording, so that is tried first, at an eighth of the cost.
func (l *Library) search(heard []int16, from, to int) (alignment, bool) {
	if a, r := l.starts.closely(heard, from, to); r >= fineCertain {
		return a, true
	}
	a, r := l.all.closely(heard, from, to)
	return a, r >= fineLeast
}

// searches are those that a track has made, so that each sound is searched for once, whoever asks for it. They are safe for several goroutines.
type searches struct {
	library *Library
	mu      sync.Mutex
	made    map[[2]int]searched
}

type searched struct {
	alignment
	ok bool
}

// search is the library's, for a track whose sound heard is, or begins with, at each call.
func (s *searches) search(heard []int16, from, to int) (alignment, bool) {
	s.mu.Lock()
	known, ok := s.made[[2]int{from, to}]
	s.mu.Unlock()
	if !ok {
		known.alignment, known.ok = s.library.search(heard, from, to)
		s.mu.Lock()
		s.made[[2]int{from, to}] = known
		s.mu.Unlock()
	}
	return known.alignment, known.ok
}

// closely finds the best alignment of heard[from:to] with a row, and its correlation.
func (r *row) closely(heard []int16, from, to int) (best alignment, most float64) {
	size := (to - from) / coarseStep
	for _, c := range r.search(coarse(heard[:to], from, min(size, r.size))) {
		t, sample, _ := r.at(c.index)
		begin := from - sample*coarseStep
		for shift := -fineReach; shift <= fineReach; shift++ {
			a := alignment{t, begin + shift}
			if correlation := a.correlate(heard, from, to); correlation > most {
				best, most = a, correlation
			}
		}
	}
	return best, most
}

// correlate compares heard[from:to] with the template as aligned. 1 means that they are equal apart from the level.
func (a alignment) correlate(heard []int16, from, to int) float64 {
	cross, theirs, ours := a.products(heard, from, to)
	if theirs == 0 || ours == 0 {
		return 0
	}
	return cross / math.Sqrt(theirs*ours)
}

// products are the energies of the template and of what was heard, and their product. Beyond its ends the template is silent.
func (a alignment) products(heard []int16, from, to int) (cross, theirs, ours float64) {
	for i := from; i < to; i += stride {
		h := float64(heard[i])
		ours += h * h
		if at := i - a.begin; at >= 0 && at < len(a.template.pcm) {
			t := float64(a.template.pcm[at])
			cross += h * t
			theirs += t * t
		}
	}
	return cross, theirs, ours
}
