package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A program may ask this often: some at once, as when it starts, and then steadily. Each answer takes a small computer some
// milliseconds, which calls need more.
const (
	askEach   = 5 // a second
	askAtOnce = 100
)

// limits remembers how often each of many has asked.
type limits struct {
	each   rate.Limit
	atOnce int

	mu sync.Mutex
	by map[string]*rate.Limiter
}

func newLimits(each rate.Limit, atOnce int) *limits {
	return &limits{each: each, atOnce: atOnce, by: map[string]*rate.Limiter{}}
}

// mostLimits is how many programs and addresses are kept in mind at most.
const mostLimits = 10_000

// allow says whether somebody may ask now, and counts it.
func (l *limits) allow(who string, now time.Time) bool {
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
