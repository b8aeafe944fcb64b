package moonshine

import (
	"bytes"
	"math"
	"slices"
	"time"

	"ringfence/sound"
)

const (
	// mostGuesses the model looks at together. Their scores take 130 kB each.
	mostGuesses = 15
	// precedents is how many tokens have to be the same before what follows them is guessed.
	precedents = 2
	// mostDrafts is how many callers may be read along at a time before the first loses their draft. Each takes 200 kB.
	mostDrafts = 4
	// draftTime is how long there may be nothing to read before all drafts go. Whoever goes on speaking is read again within seconds.
	draftTime = 30 * time.Second
)

// token is what the model says comes next, and how likely it thinks that.
type token struct {
	token      int64
	likelihood float64
}

// decoder says what follows each of some tokens more, and can take back the last ones.
type decoder interface {
	step(tokens []int64) (next []token, err error)
	forget(last int) error
}

// decode has a decoder say one token after the other, as many as most. It guesses what follows from a draft, the tokens of what the same caller had said a
// moment before, and has the decoder look at many guesses at once, which takes hardly longer than one. A guess counts only where the decoder says the same.
func decode(d decoder, draft []int64, most int) (found decoded, err error) {
	doubt, next := 0.0, int64(startToken)
	for next != endToken && len(found.tokens) < most {
		var guesses []int64
		// The model rounds the numbers of all tokens in a step together, and those of the first one are large: measured in noise, it moved the scores of the
		// others by 0.17 on average, instead of by 0.10.
		if len(found.tokens) > 0 {
			guesses = guess(draft, found.tokens, most-len(found.tokens)-1)
		}
		said, err := d.step(append([]int64{next}, guesses...))
		if err != nil {
			return found, err
		}
		for i, s := range said {
			next = s.token
			doubt -= math.Log(s.likelihood)
			if next == endToken {
				break
			}
			found.tokens = append(found.tokens, next)
			if i < len(guesses) && guesses[i] != next {
				if err := d.forget(len(guesses) - i); err != nil {
					return found, err
				}
				break
			}
		}
	}
	found.doubt = doubt / float64(len(found.tokens)+1)
	return found, nil
}

// guess is what may follow the tokens, as many as most: what followed the last of them in the draft, where they stand there nearest to their own place.
func guess(draft, tokens []int64, most int) []int64 {
	end, best := len(tokens), -1
	last := tokens[max(0, end-precedents):]
	for at := len(last); at <= len(draft); at++ {
		if slices.Equal(draft[at-len(last):at], last) && (best < 0 || apart(at, end) < apart(best, end)) {
			best = at
		}
	}
	if best < 0 {
		return nil
	}
	return draft[best:min(len(draft), best+most, best+mostGuesses)]
}

func apart(a, b int) int { return max(a-b, b-a) }

// drafts are what was read last, each to begin with when its caller has gone on speaking. They are guesses: the words of one caller are never another's.
type drafts []draft

type draft struct {
	sound  []byte
	tokens []int64
}

// of is the draft for a recording that begins with the draft's, or, as Asterisk takes silence off the end, the other way round.
func (d drafts) of(recording []byte) []int64 {
	data := soundOf(recording)
	for _, earlier := range slices.Backward(d) {
		if both := min(len(data), len(earlier.sound)); both > 0 && bytes.Equal(data[:both], earlier.sound[:both]) {
			return earlier.tokens
		}
	}
	return nil
}

// keep keeps what was read of a recording, in place of what was read of its beginning.
func (d drafts) keep(recording []byte, tokens []int64) drafts {
	if len(tokens) == 0 {
		return d
	}
	data := soundOf(recording)
	d = slices.DeleteFunc(d, func(earlier draft) bool {
		same := bytes.HasPrefix(data, earlier.sound)
		if same && len(earlier.tokens) > len(tokens) {
			tokens = earlier.tokens // this time it was dropped before it had come so far
		}
		return same
	})
	d = append(d, draft{data, tokens})
	return d[max(0, len(d)-mostDrafts):]
}

// await waits for a recording. What callers have said is kept for no longer than their drafts are of use.
func (d drafts) await(recordings <-chan []byte) (recording []byte, kept drafts) {
	select {
	case recording = <-recordings:
		return recording, d
	case <-time.After(draftTime):
		return <-recordings, nil
	}
}

// soundOf is what a recording has without its head, which changes while it grows.
func soundOf(recording []byte) []byte {
	_, data, err := sound.Read(recording)
	if err != nil {
		return nil
	}
	return data
}
