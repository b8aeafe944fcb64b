package ivr

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/speech"
	"ringfence/speech/speechtest"
)

const steveSays = "Hello, my name is Steve from Microsoft Windows. Your computer has a virus."

// listening is a scene in which a machine reads what callers say, and whoever picks up presses 1. It knows sales, scams and what may be one.
func listening(ears speech.Transcriber) *scene {
	s := newScene()
	s.memory.house.DisplayWords = true
	s.home.phone.keys = []rune{'1'}
	s.screener.Speech, s.screener.MessageSpeech = ears, ears
	s.screener.Judge = func(words string) (calllog.ScriptLevel, string) {
		switch {
		case strings.Contains(words, "virus"):
			return calllog.ScriptStrong, "Says that there is a virus."
		case strings.Contains(words, "payment"):
			return calllog.ScriptWarn, "Says that there was a payment."
		case strings.Contains(words, "offer"):
			return calllog.ScriptSales, "Has something to sell."
		}
		return "", ""
	}
	return s
}

// readAtOnce waits for everything that can come of the recording before the caller's next step.
func (s *scene) readAtOnce() *scene {
	s.caller.onHear = func(words string) {
		if words == "please-hold" {
			synctest.Wait()
		}
	}
	return s
}

// sorted is a call without its order: what is read comes beside it.
func sorted(call string) string {
	lines := strings.Split(call, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func playIn(t *testing.T, s *scene) string {
	t.Helper()
	got, err := s.play()
	if err != nil {
		t.Error(err)
	}
	return got
}

// What is read before the telephone rings is on its display, and the household is warned before it hears the caller.
func TestWordsOnTheDisplayAndWarning(t *testing.T) {
	for words, want := range map[string]struct{ display, level, warning string }{
		steveSays:                   {"Steve, Microsoft Windows", "strong: Says that there is a virus.", "warn-sounds-scam "},
		"There was a payment":       {"There was a payment", "warn: Says that there was a payment.", "warn-may-be-scam "},
		"We have an offer for you.": {"We have an offer for you", "sales: Has something to sell.", "warn-sounds-sales "},
		"It's Joan.":                {"Says Joan", "", ""},
		"":                          {"Screened", "", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			got := playIn(t, listening(speechtest.Says(words)).readAtOnce())
			for _, line := range []string{`telephone rings for "` + want.display + `" "020 7946 0999"`, "telephone hears " + want.warning + "call-from name choices", "they talk"} {
				if !strings.Contains(got, line+"\n") {
					t.Errorf("%q: no %q in\n%s", words, line, got)
				}
			}
			if want.level != "" && !strings.Contains(got, "step: "+want.level+"\n") || strings.Contains(got, "step: the household was warned\n") != (want.warning != "") {
				t.Errorf("%q: the log is wrong:\n%s", words, got)
			}
			if strings.Contains(got, "notice: sounds like a scam") != (strings.HasPrefix(want.level, "strong") || strings.HasPrefix(want.level, "warn")) {
				t.Errorf("%q: the carers are or are not told:\n%s", words, got)
			}
		})
	}
}

// Where telephones show words, they ring while the caller is told to hold if those come soon. Otherwise the words have that time, too.
func TestTelephonesWaitALittleForTheirWords(t *testing.T) {
	for name, c := range map[string]struct {
		words   string
		took    time.Duration
		display string
		first   bool // they ring before the caller is told to hold
	}{
		"at once":          {"It's Joan from next door.", 0, "Joan, next door", true},
		"soon":             {"It's Joan from next door.", displayTime - time.Millisecond, "Joan, next door", true},
		"nothing, soon":    {"", displayTime - time.Millisecond, "Screened", true},
		"during the words": {"It's Joan from next door.", displayTime + time.Millisecond, "Joan, next door", false},
		"later":            {"It's Joan from next door.", time.Minute, "Screened", false},
		"a swindler's":     {steveSays, displayTime / 2, "Steve, Microsoft Windows", false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := listening(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
				time.Sleep(c.took)
				return speech.Words{Text: c.words}, nil
			}))
			began, told := time.Now(), time.Duration(0)
			s.caller.onHear = func(words string) {
				if words == string(prompts.PleaseHold) {
					told = time.Since(began)
					time.Sleep(time.Second)
				}
			}
			got := playIn(t, s)
			rings, hold := strings.Index(got, `telephone rings for "`+c.display+`" "`), strings.Index(got, "caller hears please-hold\n")
			if rings < 0 || hold < 0 || (rings < hold) != c.first || told != min(c.took, displayTime) {
				t.Errorf("%s: told to hold after %v\n%s", name, told, got)
			}
			time.Sleep(time.Minute)
		})
	}
}

// A household may not want words on its display; what the machine isn't sure of is marked there.
func TestWordsOnTheDisplayAsChosen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := listening(speechtest.Says(steveSays)).readAtOnce()
		s.memory.house.DisplayWords = false
		if got := playIn(t, s); !strings.Contains(got, `telephone rings for "Screened" "`) || !strings.Contains(got, "hears warn-sounds-scam") {
			t.Error(got)
		}
		s = listening(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
			return speech.Words{Text: "It's Joan.", Unsure: true}, nil
		})).readAtOnce()
		if got := playIn(t, s); !strings.Contains(got, `telephone rings for "Says Joan?" "`) || !strings.Contains(got, `words: name "It's Joan." true`) {
			t.Error(got)
		}
	})
}

// A warning comes before the caller's voice even where the machine has not read their words by the time that somebody picks up, if it takes no longer
// than they can be left waiting.
func TestWhoPicksUpAtOnceIsWarnedFirst(t *testing.T) {
	for took, want := range map[time.Duration]string{
		wordsTime - time.Millisecond: "warn-sounds-scam call-from name choices\n",
		wordsTime + time.Millisecond: "call-from name choices\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := listening(speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
				time.Sleep(took)
				return speech.Words{Text: steveSays}, nil
			}))
			s.memory.house.DisplayWords = false
			s.home.phone.onStay = func(next time.Duration) { s.did.add("telephone stays for %v", next) }
			got := playIn(t, s)
			rings := "telephone rings for \"Screened\" \"020 7946 0999\"\ncaller hears please-hold\n"
			// The dialplan may not take the telephone meanwhile, and the caller's words were cut short.
			waits := "telephone stays for 2s\ncaller hears ringing\n"
			for _, want := range []string{rings, waits, "telephone hears " + want} {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			time.Sleep(time.Minute)
		})
	}
}

// Without words in time the call goes as without a machine: one that fails or dies costs no caller a moment, and one that hangs makes whoever picks up
// wait a little.
func TestWordsThatDoNotComeChangeNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		usual := newScene()
		usual.home.phone.keys = []rune{'1'}
		want := playIn(t, usual)
		release := make(chan struct{})
		for what, ears := range map[string]speech.Transcriber{
			"fails": speechtest.Fails(errors.New("no such model")), "hangs": speechtest.Hangs(release), "finds nothing": speechtest.Says(""),
			"panics": speechtest.Func(func(context.Context, []byte) (speech.Words, error) { panic("a fault") }),
		} {
			began, waits := time.Now(), time.Duration(0)
			if what == "hangs" {
				waits = wordsTime
			}
			s := listening(ears)
			s.memory.house.DisplayWords = false
			got := strings.ReplaceAll(playIn(t, s), "\nwords: name \"\" false", "")
			got = strings.ReplaceAll(got, strings.Repeat("\ncaller hears ringing", 3), strings.Repeat("\ncaller hears ringing", 2)) // while one hangs
			if got != want || time.Since(began) != waits {
				t.Errorf("%s: after %v\n%s\nand usually\n%s", what, time.Since(began), got, want)
			}
		}
		close(release)
	})
}

// With "watch" the log says what the machine thinks, and nobody else hears of it.
func TestScamWordsAreOnlyNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := listening(speechtest.Says(steveSays)).readAtOnce()
		s.memory.house.ScamWords = screening.ScamWatch
		if got := playIn(t, s); !strings.Contains(got, "step: strong: Says that there is a virus.\nstep: only noted, as the household has chosen\n") || strings.Contains(got, "warn-") || strings.Contains(got, "notice: sounds like") {
			t.Error(got)
		}
	})
}

// Where an owner has chosen that the machine decides, who is sure to be a scam doesn't reach the household, even if the machine takes its time. Whom it
// isn't sure of is announced with a warning, and so is everybody if it doesn't answer in its time, and whoever shows an official number.
func TestScamWordsDecideWhereAnOwnerWantsIt(t *testing.T) {
	slow := func(words string, after time.Duration) speech.Transcriber {
		return speechtest.Func(func(ctx context.Context, _ []byte) (speech.Words, error) {
			select {
			case <-time.After(after):
				return speech.Words{Text: words}, nil
			case <-ctx.Done():
				return speech.Words{}, ctx.Err()
			}
		})
	}
	unsure := func(words string) speech.Transcriber {
		return speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
			return speech.Words{Text: words, Unsure: true}, nil
		})
	}
	for what, c := range map[string]struct {
		rule   screening.ScamWords
		ears   speech.Transcriber
		number string
		want   string
	}{
		"turned away":     {screening.ScamTurnAway, slow(steveSays, 4*time.Second), "", "step: turned away\ncaller sent away with inspection\nlog: ended turned-away"},
		"message":         {screening.ScamMessage, slow(steveSays, 0), "", "step: could only leave a message\ncaller answered\ncaller hears known-only leave-message\n"},
		"not sure":        {screening.ScamTurnAway, slow("There was a payment", 0), "", "telephone hears warn-may-be-scam call-from name choices\n"},
		"too slow":        {screening.ScamTurnAway, slow(steveSays, time.Minute), "", "telephone hears call-from name choices\n"},
		"heard unsurely":  {screening.ScamTurnAway, unsure(steveSays), "", "telephone hears warn-sounds-scam call-from name choices\n"},
		"official number": {screening.ScamTurnAway, slow(steveSays, 0), "101", "call-from name choices\n"},
		"of a newer one":  {"shout", slow(steveSays, 0), "", "telephone hears warn-sounds-scam call-from name choices\n"},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := listening(c.ears).readAtOnce()
				s.memory.house.ScamWords = c.rule
				if c.number != "" {
					s.number = c.number
				}
				got := playIn(t, s)
				if !strings.Contains(got+"\n", c.want) || strings.Contains(c.want, "telephone hears") != strings.Contains(got, "telephone rings") && c.number == "" {
					t.Errorf("no %q in\n%s", c.want, got)
				}
				time.Sleep(2 * speech.Limit) // until the machine has given up
			})
		})
	}
}

// A message is read as well, and nothing of the call waits for that.
func TestMessagesAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := listening(speechtest.Says(steveSays))
		s.home.err = ErrNoAnswer
		s.caller.says = append(s.caller.says, Recording{Spoken: time.Second})
		playIn(t, s)
		synctest.Wait()
		if got := s.did.String(); !strings.Contains(got, `words: message "`+steveSays) || strings.Count(got, "step: strong: Says that there is a virus.") != 2 {
			t.Error(got)
		}
	})
}

// A message has minutes to be read, by what takes its time; what is read of it before something breaks is kept.
func TestMessagesHaveTimeToBeRead(t *testing.T) {
	for what, ears := range map[string]speech.Transcriber{
		"slow": speechtest.Func(func(ctx context.Context, _ []byte) (speech.Words, error) {
			select {
			case <-time.After(4 * time.Minute):
				return speech.Words{Text: "Ring me back.", Unsure: true}, nil
			case <-ctx.Done():
				return speech.Words{}, ctx.Err()
			}
		}),
		"breaks": speechtest.Func(func(context.Context, []byte) (speech.Words, error) {
			return speech.Words{Text: "Ring me back.", Unsure: true}, errors.New("it broke")
		}),
	} {
		synctest.Test(t, func(t *testing.T) {
			s := listening(speechtest.Says("It's Joan."))
			s.screener.MessageSpeech = ears
			s.home.err = ErrNoAnswer
			s.caller.says = append(s.caller.says, Recording{Spoken: time.Second})
			playIn(t, s)
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			if got := s.did.String(); !strings.Contains(got, `words: message "Ring me back." true`) || !strings.Contains(got, `words: name "It's Joan." false`) {
				t.Errorf("%s: %s", what, got)
			}
		})
	}
}

// What is displayed is whole words of who they are, as far as there is room.
func TestDisplayed(t *testing.T) {
	for said, want := range map[string]string{
		"Hello, this is Steve calling from Microsoft Windows.":                                       "Steve, Microsoft Windows",
		"Hello. My name is Steve, I'm calling from the Windows technical helpdesk.":                  "Steve, Windows technical",
		"Hello, my name is Steve, and I am calling from the Microsoft Windows Technical Department.": "Steve, Microsoft Windows",
		"Good morning, it's the surgery about your prescription":                                     "the surgery about your",
		"Um, hi there, er, it's Joan next door.":                                                     "Joan next door",
		"I'm calling from Dunmow Heating about the boiler":                                           "Dunmow Heating about the",
		"Is that Mrs Taylor?":              "Is that Mrs Taylor",
		"Bonjour, c'est la pharmacie":      "Bonjour, c'est la",
		"Hello? Hello?":                    "",
		"":                                 "",
		strings.Repeat("a", 40):            "Says " + strings.Repeat("a", 19),
		"It's Anna":                        "Says Anna",
		"It's Dr. Smith from the surgery.": "Dr Smith, the surgery",
	} {
		if got := displayed(speech.Words{Text: said}); got != want || len([]rune(got)) > mostDisplayed {
			t.Errorf("%q is %q, not %q", said, got, want)
		}
	}
}
