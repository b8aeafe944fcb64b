package guesses

import (
	"runtime"
	"strings"
	"testing"
)

// What is on a list of common passwords takes few guesses, however often one was judged before.
func TestCommonPasswordsTakeFewGuesses(t *testing.T) {
	for range 2 {
		for password, most := range map[string]float64{"password": 10, "letmein": 100, "drowssap": 100, "Hedgehog!": 1e6} {
			if got := Needed(password); got > most {
				t.Errorf("%s takes %.0f guesses, not at most %.0f", password, got, most)
			}
		}
		if got := Needed("wet herons on 7 walls"); got < 1e10 {
			t.Errorf("five words take %.0f guesses", got)
		}
		if unknown, known := Needed("kestrelbarn"), Needed("kestrelbarn", "kestrelbarn"); known >= unknown {
			t.Errorf("a password that is known takes %.0f guesses, one that isn't %.0f", known, unknown)
		}
		runtime.GC()
	}
}

func TestALongPasswordIsJudgedByItsBeginning(t *testing.T) {
	head := strings.Repeat("ä7", longest/2)
	if one, other := Needed(head), Needed(head+strings.Repeat("correct horse", 1000)); one != other {
		t.Errorf("%.0f and %.0f guesses", one, other)
	}
}

// keptAtTheStart is whether zxcvbn still had its dictionaries when the tests began.
var keptAtTheStart bool

func init() { keptAtTheStart = used.ranks != nil }

// Neither a process that judges no password nor one that has judged some keeps the dictionaries.
func TestTheDictionariesAreNotKept(t *testing.T) {
	if keptAtTheStart {
		t.Error("zxcvbn kept its dictionaries at the start")
	}
	Needed("password")
	runtime.GC()
	if used.ranks != nil || judging.kept.Value() != nil {
		t.Error("they are kept after a password was judged")
	}
}
