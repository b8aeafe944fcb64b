// Package guesses says how many guesses a password takes, by zxcvbn.
//
// zxcvbn looks for 93,000 words in a password by dictionaries of them all. Of those it gets the few here that may be in the password: finding them
// takes a twentieth of the time of making the dictionaries, and no memory, which on a small computer two services would hold for passwords that they
// judge once a year.
package guesses

import (
	"strings"
	"sync"
	_ "unsafe" // for linkname

	"early/words"

	"github.com/trustelem/zxcvbn"
)

// longest is how many characters of a password are looked at, because zxcvbn's work grows with the square of the length.
const longest = 48

// dictionaries has the shape of zxcvbn's dictionaryMatch.
type dictionaries struct{ ranks map[string]map[string]int }

// used is the variable from which zxcvbn takes its dictionaries. It has no exported name, and zxcvbn no way to be told; a version without it does not
// link.
//
//go:linkname used github.com/trustelem/zxcvbn/matching.defaultRankedDictionnaries
var used dictionaries

// judging lets one password at a time be judged: the variable is shared by all.
var judging sync.Mutex

// Needed is how many guesses a password takes somebody who also tries the words that are known.
func Needed(password string, known ...string) float64 {
	if runes := []rune(password); len(runes) > longest {
		password = string(runes[:longest])
	}
	judging.Lock()
	defer judging.Unlock()
	used = wordsIn(password)
	defer func() { used = dictionaries{} }()
	return zxcvbn.PasswordStrength(password, known).Guesses
}

// wordsIn are dictionaries with every word that zxcvbn may find in the password, read either way, and hardly any others.
func wordsIn(password string) dictionaries {
	found := dictionaries{map[string]map[string]int{}}
	may := newReading(password)
	for name, list := range words.Lists {
		ranks := map[string]int{}
		for i, word := range list {
			if may.have(word) {
				ranks[word] = i + 1
			}
		}
		if len(ranks) > 0 {
			found.ranks[name] = ranks
		}
	}
	return found
}

// reading is which characters are in a password, and which stand beside one another.
type reading struct {
	has    [256]bool
	beside [256][256]bool
}

func newReading(password string) *reading {
	r := &reading{}
	text := strings.ToLower(password)
	for i := range len(text) {
		one := alike[text[i]]
		r.has[one] = true
		if i > 0 {
			before := alike[text[i-1]]
			r.beside[before][one], r.beside[one][before] = true, true
		}
	}
	return r
}

// have says whether a word may be in the password.
func (r *reading) have(word string) bool {
	for i := 1; i < len(word); i++ {
		if !r.beside[alike[word[i-1]]][alike[word[i]]] {
			return false
		}
	}
	return word != "" && r.has[alike[word[0]]]
}

// alike is one letter for each of the characters that zxcvbn reads as one another, such as 4 as a (its table of "l33t"), and every other character
// itself.
var alike = func() (same [256]byte) {
	for i := range same {
		same[i] = byte(i)
	}
	for _, group := range []string{"a4@", "b8", "c([{<", "e3", "g69", "ilt1!|7+", "o0", "s$5", "x%", "z2"} {
		for _, one := range []byte(group) {
			same[one] = group[0]
		}
	}
	return same
}()
