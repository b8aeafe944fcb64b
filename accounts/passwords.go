package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"

	"ringfence/internal/guesses"
	"ringfence/store/people"
)

// The length of passwords. NIST SP 800-63B-4 asks for at least 15 characters where there is no second factor, 8 where there is; OWASP for at most
// 128, so that nobody can keep us hashing for ever.
const (
	minPassword = 12
	maxPassword = 128
)

// enoughGuesses is how many a good guesser needs at least (zxcvbn's score 3, "safely unguessable" where tries are few).
const enoughGuesses = 1e8

// CheckPassword returns nil, or a people.Refusal that says what is wrong with a new password. personal is what others know of the person: their name
// and e-mail address.
func CheckPassword(password string, personal ...string) error {
	switch {
	case !utf8.ValidString(password):
		return people.Refusal("This password has characters that can't be typed: choose another.")
	case utf8.RuneCountInString(password) < minPassword:
		return people.Refusal(fmt.Sprintf("A password needs at least %d letters or digits. Three or four unrelated words are good, and easy to remember.", minPassword))
	case utf8.RuneCountInString(password) > maxPassword:
		return people.Refusal(fmt.Sprintf("A password can have at most %d letters or digits.", maxPassword))
	}
	if guesses.Needed(password, "ringfence") < enoughGuesses || ownLetters(password, personal) < ownLeast {
		return people.Refusal("This password is too easy to guess: it is on the lists of common ones, or made of things others know about you. " +
			"Three or four unrelated words are good, and easy to remember.")
	}
	return nil
}

// ownLeast is how many letters and digits a password must have besides the person's name and e-mail address.
const ownLeast = 6

func ownLetters(password string, personal []string) int {
	rest := strings.ToLower(password)
	for _, p := range personal {
		for _, word := range strings.FieldsFunc(strings.ToLower(p), notLetter) {
			if utf8.RuneCountInString(word) > 2 {
				rest = strings.ReplaceAll(rest, word, "")
			}
		}
	}
	return utf8.RuneCountInString(strings.Join(strings.FieldsFunc(rest, notLetter), ""))
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// Passwords hashes and compares passwords. It does only a few at a time, because each takes memory that calls may need on a small computer.
type Passwords struct {
	slots  chan struct{}
	nobody string // the hash of a password that nobody knows
}

// work is what one comparison costs: 19 MiB and two rounds, the minimum in OWASP's Password Storage Cheat Sheet.
var work = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// atOnce is how many passwords are hashed at the same moment.
const atOnce = 2

// NewPasswords returns Passwords with a dummy hash for accounts that do not exist.
func NewPasswords() *Passwords {
	bits := make([]byte, work.SaltLength+work.KeyLength)
	_, _ = rand.Read(bits) // which never fails (crypto/rand)
	return &Passwords{make(chan struct{}, atOnce), encoded(bits[:work.SaltLength], bits[work.SaltLength:])}
}

// encoded is a hash as argon2id writes it. NewPasswords makes one up instead of hashing a password, because a small computer is busy enough at
// start-up: 19 MiB would take the garbage collector to its limit.
func encoded(salt, key []byte) string {
	text := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, work.Memory, work.Iterations, work.Parallelism, text(salt), text(key))
}

func (p *Passwords) slot(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Hash returns a password as it is stored.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if err := p.slot(ctx); err != nil {
		return "", err
	}
	defer func() { <-p.slots }()
	return argon2id.CreateHash(password, &work)
}

// Match compares a password with a hash. With the hash "" it does the same work, and returns false, so nobody can tell from the time taken whether
// somebody has an account. stale means that the password should be hashed again, because work has grown since.
func (p *Passwords) Match(ctx context.Context, password, hash string) (match, stale bool, err error) {
	if err := p.slot(ctx); err != nil {
		return false, false, err
	}
	defer func() { <-p.slots }()
	known := hash != ""
	if !known {
		hash = p.nobody
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // which nobody has
	}
	match, was, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("a stored password cannot be read: %w", err)
	}
	match = match && known
	return match, match && (was.Memory != work.Memory || was.Iterations != work.Iterations), nil
}
