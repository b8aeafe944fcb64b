// Package guesses says how many guesses a password takes, by zxcvbn.
//
// zxcvbn makes its dictionaries in every process as soon as that starts, and keeps them: 6 MB, which on a small computer two services would hold for
// passwords that they judge once a year. Here they are made when a password is judged, and collected with the rest of the garbage after that.
package guesses

import (
	"sync"
	_ "unsafe" // for linkname
	"weak"

	"github.com/trustelem/zxcvbn"
	_ "github.com/trustelem/zxcvbn/matching" // its dictionaries are made before init drops them
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

// load makes them.
//
//go:linkname load github.com/trustelem/zxcvbn/matching.loadDefaultDictionnaries
func load() dictionaries

// judging lets one password at a time be judged: the variable is shared by all.
var judging struct {
	sync.Mutex
	kept weak.Pointer[dictionaries] // until the next collection, for several passwords in a row
}

func init() { used = dictionaries{} }

// Needed is how many guesses a password takes somebody who also tries the words that are known.
func Needed(password string, known ...string) float64 {
	if runes := []rune(password); len(runes) > longest {
		password = string(runes[:longest])
	}
	judging.Lock()
	defer judging.Unlock()
	made := judging.kept.Value()
	if made == nil {
		loaded := load()
		made = &loaded
		judging.kept = weak.Make(made)
	}
	used = *made
	defer func() { used = dictionaries{} }()
	return zxcvbn.PasswordStrength(password, known).Guesses
}
