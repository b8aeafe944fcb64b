package guesses

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"early/words"

	"github.com/trustelem/zxcvbn"
)

// What is on a list of common passwords takes few guesses, however often one was judged before.
func TestCommonPasswordsTakeFewGuesses(t *testing.T) {
	for range 2 { // others were judged before
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
	}
}

func TestALongPasswordIsJudgedByItsBeginning(t *testing.T) {
	head := strings.Repeat("ä7", longest/2)
	if one, other := Needed(head), Needed(head+strings.Repeat("correct horse", 1000)); one != other {
		t.Errorf("%.0f and %.0f guesses", one, other)
	}
}

// madeAtTheStart is whether zxcvbn had made its dictionaries when the tests began.
var madeAtTheStart bool

func init() { madeAtTheStart = len(used.ranks) > 0 }

func TestNoDictionariesAreMadeAtTheStart(t *testing.T) {
	if madeAtTheStart {
		t.Error("zxcvbn has made its dictionaries")
	}
	if len(words.Lists) != 6 {
		t.Errorf("there are %d lists of words, not 6", len(words.Lists))
	}
}

// A password takes as many guesses as with all words.
func TestTheWordsThatAreLeftOutMakeNoDifference(t *testing.T) {
	all := dictionaries{map[string]map[string]int{}}
	for name, list := range words.Lists {
		all.ranks[name] = map[string]int{}
		for i, word := range list {
			if strings.ToLower(word) != word {
				t.Errorf("zxcvbn would make %q smaller", word)
			}
			all.ranks[name][word] = i + 1
		}
	}
	passwords := []string{
		"", "a", "A", "7", "\u212aing\u212aong", "p\u00e4ssw0rd", "\xffpassword", "correcthorsebatterystaple", "l\u0130verpool", "pass\u0131on",
		"neverneverneverland", "drowssap", "1ll1n01s", "D0g..................", "0okmNJI(", "qwertyuiop", "19841984", "29.2.1988", "(at&<@t|!{[c]}x%z2",
		strings.Repeat("l1|7+t", 20),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, list := range words.Lists {
		for range 5 {
			word := list[random.IntN(len(list))]
			for _, pair := range []string{"a4", "a@", "b8", "c(", "c{", "c[", "c<", "e3", "g6", "g9", "i1", "i!", "i|", "l1", "l|", "l7", "o0", "s$", "s5", "t+", "t7", "x%", "z2"} {
				if strings.Contains(word, pair[:1]) {
					passwords = append(passwords, strings.ReplaceAll(word, pair[:1], pair[1:]))
				}
			}
			back := []byte(word)
			slices.Reverse(back)
			passwords = append(passwords, strings.ToUpper(word), string(back), fmt.Sprintf("%s%d!%s", word, random.IntN(100), list[random.IntN(len(list))]))
		}
	}
	for range 100 {
		some := make([]byte, 1+random.IntN(24))
		for i := range some {
			some[i] = ' ' + byte(random.IntN(95))
		}
		passwords = append(passwords, string(some))
	}
	for _, password := range passwords {
		used = all
		want := zxcvbn.PasswordStrength(password, []string{"ringfence"}).Guesses
		used = dictionaries{}
		if got := Needed(password, "ringfence"); got != want && utf8.RuneCountInString(password) <= longest {
			t.Errorf("%q takes %g guesses, not %g as with all words", password, got, want)
		}
	}
}

func BenchmarkNeeded(b *testing.B) {
	for b.Loop() {
		Needed("t2Lb9+GqW0nzXc1R", "hall", "ringfence")
	}
}
