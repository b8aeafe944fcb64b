package moonshine

import (
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/sound"
)

// What follows the last two words in the draft is guessed, at the place that is nearest; and no more than is asked for.
func TestGuess(t *testing.T) {
	for _, c := range []struct {
		draft, tokens []int64
		most          int
		want          []int64
	}{
		{nil, nil, 9, nil}, {[]int64{5, 6, 7}, nil, 9, []int64{5, 6, 7}}, {[]int64{5, 6, 7}, nil, 2, []int64{5, 6}}, {[]int64{5, 6, 7}, []int64{5}, 9, []int64{6, 7}},
		{[]int64{5, 6, 7, 8}, []int64{5, 6}, 9, []int64{7, 8}}, {[]int64{5, 6, 7, 8}, []int64{5, 9}, 9, nil}, {[]int64{5, 6, 7, 8}, []int64{5, 9, 7}, 9, nil},
		{[]int64{5, 6, 7, 8, 9}, []int64{5, 4, 7, 8}, 9, []int64{9}}, {[]int64{5, 6, 7, 8, 9}, []int64{6, 7}, 9, []int64{8, 9}}, {[]int64{5, 6}, []int64{5, 6}, 9, nil},
		{[]int64{1, 2, 3, 1, 2, 4}, []int64{1, 2}, 9, []int64{3, 1, 2, 4}}, {[]int64{1, 2, 3, 1, 2, 4}, []int64{1, 2, 3, 1, 2}, 9, []int64{4}},
		{[]int64{5, 6, 7}, []int64{5, 6}, 0, nil}, {make([]int64, 40), nil, 99, make([]int64, mostGuesses)},
	} {
		if got := guess(c.draft, c.tokens, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%v after %v: %v, not %v", c.draft, c.tokens, got, c.want)
		}
	}
}

// scripted is a decoder that has some tokens to say, whatever it is asked.
type scripted struct {
	says  []int64
	had   []int64 // the tokens that it goes on from
	steps int
}

func (s *scripted) step(tokens []int64) (next []token, err error) {
	s.steps++
	for _, t := range tokens {
		s.had = append(s.had, t)
		next = append(next, token{endToken, 1})
		if at := len(s.had) - 1; at < len(s.says) && slices.Equal(s.had[1:], s.says[:at]) {
			next[len(next)-1] = token{s.says[at], 0.5}
		}
	}
	return next, nil
}

func (s *scripted) forget(last int) error {
	s.had = s.had[:len(s.had)-last]
	return nil
}

// Whatever the draft is, what is read is what the decoder says, as surely; with a good draft it is asked a few times only.
func TestDecodeIsFasterWithADraft(t *testing.T) {
	says := []int64{30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49}
	changed := slices.Concat(says[:9], []int64{99}, says[10:])
	for what, c := range map[string]struct {
		draft []int64
		most  int
		steps int
	}{
		"none": {nil, 99, 21}, "the same": {says, 99, 3}, "its beginning": {says[:12], 99, 10}, "with another word": {changed, 99, 6}, "with a word less": {slices.Concat(says[:9], says[10:]), 99, 5},
		"another caller's": {[]int64{5, 6, 7}, 99, 21}, "cut short": {says, 10, 2}, "cut short, without": {nil, 10, 10}, "too long": {slices.Concat(says, says), 99, 3},
	} {
		d := &scripted{says: says}
		got, err := decode(d, c.draft, c.most)
		want := says[:min(len(says), c.most)]
		if err != nil || !slices.Equal(got.tokens, want) || d.steps > c.steps {
			t.Errorf("%s: in %d steps %v, %v", what, d.steps, got.tokens, err)
		}
		alone, _ := decode(&scripted{says: says}, nil, c.most)
		if math.Abs(got.doubt-alone.doubt) > 1e-9 {
			t.Errorf("%s: the doubt is %f, not %f", what, got.doubt, alone.doubt)
		}
	}
}

// A draft is for a recording that goes on, or is cut shorter; for no other, and least of all another caller's.
func TestDraftsAreForWhoGoesOnSpeaking(t *testing.T) {
	of := func(said string) []byte { return sound.WAV(sound.Rate, []byte(said)) }
	var d drafts
	d = d.keep(of("hell"), []int64{1}).keep(of("hello."), []int64{1, 2}).keep(of("it's me."), []int64{3})
	if len(d) != 2 {
		t.Errorf("%d drafts of two callers", len(d))
	}
	for said, want := range map[string][]int64{"hello. it's Joan.": {1, 2}, "hello.": {1, 2}, "hell": {1, 2}, "it's me, Joan": nil, "it's me. Joan": {3}, "": nil, "bye": nil} {
		if got := d.of(of(said)); !slices.Equal(got, want) {
			t.Errorf("%q has the draft %v, not %v", said, got, want)
		}
	}
	if got := d.keep(of("hello. it's"), []int64{1}).of(of("hello. it's Joan")); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("after a reading that was dropped early it is %v", got)
	}
	if got := d.keep(of("hello. it's"), nil).of(of("hello. it's Joan")); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("after a reading that was dropped at once it is %v", got)
	}
	for i := range mostDrafts + 2 {
		d = d.keep(of(fmt.Sprintf("%d......", i)), []int64{9})
	}
	if len(d) != mostDrafts || d.of(of("hello.")) != nil || d.keep([]byte("no recording"), []int64{9}).of([]byte("no recording")) != nil {
		t.Errorf("%d drafts", len(d))
	}
}

// While callers are read one after the other their drafts stay; once there has been nothing to read for a while, nothing of them is left.
func TestDraftsGoOnceNobodySpeaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recordings := make(chan []byte)
		go func() {
			for _, pause := range []time.Duration{draftTime - 1, draftTime + 1} {
				time.Sleep(pause)
				recordings <- []byte("next")
			}
		}()
		d := drafts{{[]byte("hello"), []int64{1}}}
		for _, want := range []int{1, 0} {
			var next []byte
			if next, d = d.await(recordings); string(next) != "next" || len(d) != want {
				t.Errorf("%q, with %d drafts left, not %d", next, len(d), want)
			}
		}
	})
}

// With a draft, even one of something else, the model reads what it reads without.
func TestDraftsChangeNoWords(t *testing.T) {
	m := loaded(t)
	var all [][]int64
	for _, voice := range []string{"microsoft", "surgery", "bank"} {
		recording, err := os.ReadFile("../../softphone/voices/" + voice + ".wav")
		if err != nil {
			t.Fatal(err)
		}
		alone, err := m.hear(recording, nil)
		if err != nil || alone.text == "" {
			t.Fatalf("%s: %+v, %v", voice, alone, err)
		}
		changed := slices.Clone(alone.tokens)
		changed[len(changed)/2]++
		for _, draft := range append(all, alone.tokens, alone.tokens[:len(alone.tokens)/2], changed, slices.Concat(alone.tokens, alone.tokens), []int64{startToken}) {
			if got, err := m.hear(recording, draft); err != nil || got.text != alone.text {
				t.Errorf("%s, with the draft %q: read %q, %v, not %q", voice, m.words.text(draft), got.text, err, alone.text)
			}
		}
		all = append(all, alone.tokens)
	}
}
