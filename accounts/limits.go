package accounts

import (
	"maps"
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
	return l.of(who, now).AllowN(now, 1)
}

// of finds the limiter of a name. If there are too many limiters, those that are full again are dropped; if that is not enough, because somebody asks
// under very many names, all are.
func (l *Limits) of(who string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limiter, known := l.by[who]; known {
		return limiter
	}
	if len(l.by) >= mostLimits {
		maps.DeleteFunc(l.by, func(_ string, other *rate.Limiter) bool { return other.TokensAt(now) >= float64(l.atOnce) })
	}
	if len(l.by) >= mostLimits {
		clear(l.by)
	}
	l.by[who] = rate.NewLimiter(l.each, l.atOnce)
	return l.by[who]
}
