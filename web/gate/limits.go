package gate

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits remembers how often each of many has asked. Its methods may be called from any goroutine.
type Limits struct {
	each   rate.Limit
	atOnce int

	mu sync.Mutex
	by map[string]*rate.Limiter
}

// NewLimits lets each ask so often, and so often at once.
func NewLimits(each rate.Limit, atOnce int) *Limits {
	return &Limits{each: each, atOnce: atOnce, by: map[string]*rate.Limiter{}}
}

// mostLimits is how many programs and addresses are kept in mind at most.
const mostLimits = 10_000

// Allow says whether somebody may ask now, and counts it.
func (l *Limits) Allow(who string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, known := l.by[who]
	if !known {
		if len(l.by) >= mostLimits {
			for name, other := range l.by {
				if other.TokensAt(now) >= float64(l.atOnce) { // as good as new
					delete(l.by, name)
				}
			}
		}
		if len(l.by) >= mostLimits {
			clear(l.by) // somebody asks from very many addresses, and would only fill the memory
		}
		limiter = rate.NewLimiter(l.each, l.atOnce)
		l.by[who] = limiter
	}
	return limiter.AllowN(now, 1)
}
