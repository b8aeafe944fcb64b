package web

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"ringfence/sharing/addressbook"
)

// What is kept of address books between the upload and the moment that somebody has looked at what would become of it. It
// stays in memory and on this machine: what a hidden field of the page would have of a whole telephone is too much for the
// way there and back, and could be changed on it.
const (
	uploadLife = 30 * time.Minute
	uploadMost = 8 // in all; a book has 8 MB of text at most, and mostly far less. The oldest goes first
)

// upload is an address book that somebody has sent and not brought in yet.
type upload struct {
	key       string
	person    int64
	household string
	source    string // the file's name
	book      addressbook.Book
	at        time.Time
}

// uploads keeps them. Only who has sent one, in the household for which it was, gets it back.
type uploads struct {
	mu   sync.Mutex
	kept []upload // the oldest first
}

// keep keeps an upload in the place of an earlier one of the same person in that household, and returns its key.
func (u *uploads) keep(one upload) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	one.key = rand.Text()
	u.kept = slices.DeleteFunc(u.kept, func(old upload) bool {
		return one.at.Sub(old.at) > uploadLife || old.person == one.person && old.household == one.household
	})
	if len(u.kept) >= uploadMost {
		u.kept = slices.Delete(u.kept, 0, 1)
	}
	u.kept = append(u.kept, one)
	return one.key
}

func (u *uploads) find(key string, person int64, household string, now time.Time) (upload, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, one := range u.kept {
		if one.key == key && one.person == person && one.household == household && now.Sub(one.at) <= uploadLife {
			return one, true
		}
	}
	return upload{}, false
}

// drop forgets one that has been brought in.
func (u *uploads) drop(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kept = slices.DeleteFunc(u.kept, func(one upload) bool { return one.key == key })
}
