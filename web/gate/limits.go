package gate

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits limits how often each of many may ask. Its methods may be called from any goroutine.
type Limits struct {
	each   rate.Limit
	atOnce int

	mu sync.Mutex
	by map[string]*rate.Limiter
}

// NewLimits makes limits at a rate, with bursts of atOnce.
func NewLimits(each rate.Limit, atOnce int) *Limits {
	return &Limits{each: each, atOnce: atOnce, by: map[string]*rate.Limiter{}}
}

// mostLimits is how many programs and addresses are remembered at most.
const mostLimits = 10_000

// Allow says whether somebody may ask now, and counts it.
func (l *Limits) Allow(who string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, known := l.by[who]
	if !known {
		if len(l.by) >= mostLimits {
			for name, other := range l.by {
				if other.TokensAt(now) >= float64(l.atOnce) { // it is like a new one
					delete(l.by, name)
				}
			}
		}
		if len(l.by) >= mostLimits {
			clear(l.by) // somebody is asking from very many addresses, which would fill the memory
		}
		limiter = rate.NewLimiter(l.each, l.atOnce)
		l.by[who] = limiter
	}
	return limiter.AllowN(now, 1)
}
