package web

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"ringfence/web/backend"
)

const (
	shelfLife = 30 * time.Minute
	shelfMost = 8 // the oldest goes first
)

// shelf keeps what people have sent until they have looked at it. It stays in memory and on this machine: a whole address book is too much for a
// hidden field, where it could be tampered with as well. Only the person who sent it gets it back, in the household that it was for.
type shelf[T any] struct {
	busy func(T) bool // it must not be dropped yet; nil: all may be
	one  bool         // in each household a person has one thing at a time

	mu   sync.Mutex
	kept []shelved[T] // the oldest first
}

type shelved[T any] struct {
	key       string
	person    int64
	household string
	at        time.Time
	what      T
}

// put keeps something, and returns its key.
func (s *shelf[T]) put(v *backend.Visitor, what T) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	mayGo := func(old shelved[T]) bool { return s.busy == nil || !s.busy(old.what) }
	s.kept = slices.DeleteFunc(s.kept, func(old shelved[T]) bool {
		return mayGo(old) && (v.Now.Sub(old.at) > shelfLife || s.one && old.person == v.Person.ID && old.household == v.Household.Name)
	})
	if oldest := slices.IndexFunc(s.kept, mayGo); len(s.kept) >= shelfMost && oldest >= 0 {
		s.kept = slices.Delete(s.kept, oldest, oldest+1)
	}
	key := rand.Text()
	s.kept = append(s.kept, shelved[T]{key: key, person: v.Person.ID, household: v.Household.Name, at: v.Now, what: what})
	return key
}

// find returns what somebody has put there.
func (s *shelf[T]) find(v *backend.Visitor, key string) (what T, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.kept {
		if one.key == key && one.person == v.Person.ID && one.household == v.Household.Name && v.Now.Sub(one.at) <= shelfLife {
			return one.what, true
		}
	}
	return what, false
}

// drop forgets what is no longer needed.
func (s *shelf[T]) drop(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = slices.DeleteFunc(s.kept, func(one shelved[T]) bool { return one.key == key })
}
