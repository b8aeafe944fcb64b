package notify

import (
	"maps"
	"sync"
)

// Places are for messages on their way, one to a recipient. Each is a process of 50 MB, much of it shared with the program itself, until its service
// has answered; a small computer has room for a few. Recipients that have failed before have places of their own, so that a dead service takes none
// from a working one. It is safe for concurrent use.
type Places struct {
	Most, MostFailed int

	mu    sync.Mutex
	taken map[int64]bool // by recipient, and whether they have failed before
}

// Take gives a recipient a place, if there is one and they have none.
func (p *Places) Take(recipient int64, failed bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, has := p.taken[recipient]; has {
		return false
	}
	taken, most := 0, p.Most
	if failed {
		most = p.MostFailed
	}
	for _, f := range p.taken {
		if f == failed {
			taken++
		}
	}
	if taken >= most {
		return false
	}
	if p.taken == nil {
		p.taken = map[int64]bool{}
	}
	p.taken[recipient] = failed
	return true
}

// Leave gives a recipient's place back.
func (p *Places) Leave(recipient int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, recipient)
}

// Taken are the recipients who have a place, and whether they have failed before.
func (p *Places) Taken() map[int64]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.taken)
}
