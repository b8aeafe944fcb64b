package script

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write tables/en.weights.tsv anew")

// strangers are the files that were read once before anything was learned from them.
var strangers = []string{"fresh.tsv", "second.tsv", "third.tsv", "fourth.tsv", "fifth.tsv", "sixth.tsv", "seventh.tsv", "eighth.tsv", "ninth.tsv", "tenth.tsv", "eleventh.tsv"}

// learned are the files that the weights of words were learned from. Of openings.tsv only the half is that the rules were written with.
var learned = append([]string{"openings.tsv", "harder.tsv"}, strangers...)

// toLearn are the openings to learn from, without those of some files.
func toLearn(t *testing.T, without ...string) (all []opening) {
	t.Helper()
	for _, name := range learned {
		if slices.Contains(without, name) {
			continue
		}
		for _, o := range openings(t, name) {
			if o.half != "held out" {
				all = append(all, o)
			}
		}
	}
	return all
}

// english are the tables that these openings are for.
func english(t *testing.T) *Tables {
	t.Helper()
	for _, language := range tables() {
		if language.language == "en" {
			return language
		}
	}
	t.Fatal("there is no English")
	return nil
}

// example is an opening as it is learned from: its features by number.
type example struct {
	scam  float64
	words []int
	scale float64
}

const (
	passes    = 300
	pace      = 0.5
	inertia   = 0.9
	restraint = 0.0005 // keeps weights small
	least     = 3      // hundredths, of a weight that is kept
	twice     = 5      // how many openings have to have a feature
)

// learn finds what words weigh, by logistic regression. It always comes out alike.
func learn(language *Tables, all []opening) map[string]float64 {
	count := map[string]int{}
	texts := make([]map[string]bool, len(all))
	for i, o := range all {
		texts[i] = language.dictionary.features(language.dictionary.words(o.text))
		for f := range texts[i] {
			count[f]++
		}
	}
	number, names := map[string]int{}, []string{anyText}
	for _, f := range slices.Sorted(maps.Keys(count)) {
		if count[f] >= twice {
			number[f] = len(names)
			names = append(names, f)
		}
	}
	examples := make([]example, len(all))
	for i, o := range all {
		for _, f := range slices.Sorted(maps.Keys(texts[i])) {
			if n, found := number[f]; found {
				examples[i].words = append(examples[i].words, n)
			}
		}
		if o.truth == "scam" {
			examples[i].scam = 1
		}
		examples[i].scale = 1 / math.Sqrt(float64(max(len(examples[i].words), leastLean)))
	}
	rarity := make([]float64, len(names))
	for i, name := range names {
		rarity[i] = 1
		if name != anyText {
			rarity[i] = math.Log(float64(len(all))/float64(count[name])) / 3
		}
	}
	byName := map[string]float64{}
	for n, w := range descend(examples, rarity) {
		byName[names[n]] = w * rarity[n]
	}
	return byName
}

// descend is the gradient descent, with momentum. Word 0 is in every text. A word counts for more the rarer it is.
func descend(examples []example, rarity []float64) []float64 {
	weights, momentum := make([]float64, len(rarity)), make([]float64, len(rarity))
	for range passes {
		for i, w := range weights {
			momentum[i] = inertia*momentum[i] + restraint*w
		}
		for _, e := range examples {
			sum := 0.0
			for _, f := range e.words {
				sum += weights[f] * rarity[f]
			}
			off := (1/(1+math.Exp(-weights[0]-sum*e.scale)) - e.scam) / float64(len(examples))
			momentum[0] += off
			for _, f := range e.words {
				momentum[f] += off * e.scale * rarity[f]
			}
		}
		for i, m := range momentum {
			weights[i] -= pace * m
		}
	}
	return weights
}

// weightsFile is how weights are kept: those that are next to nothing are left out.
func weightsFile(weights map[string]float64) string {
	var b strings.Builder
	for _, f := range slices.Sorted(maps.Keys(weights)) {
		if w := int(math.Round(perWeight * weights[f])); w < -least || w > least || f == anyText {
			fmt.Fprintf(&b, "%s\t%d\n", f, w)
		}
	}
	return b.String()
}

// The weights are what is learned from these openings, and from nothing else. Processors round differently, so the last digit may differ.
func TestWeightsAreLearnedFromTheOpenings(t *testing.T) {
	const name = "tables/en.weights.tsv"
	english := *english(t)
	kept := english.weights
	learnt := weightsFile(learn(&english, toLearn(t)))
	if *update {
		if err := os.WriteFile(name, []byte(learnt), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := english.Learn([]byte(learnt)); err != nil {
		t.Fatal(err)
	}
	both := maps.Clone(kept)
	maps.Copy(both, english.weights)
	for f := range both {
		if off := english.weights[f] - kept[f]; off < -least-1 || off > least+1 {
			t.Fatalf("%q weighs %d, and %d when it is learned anew: go test ./speech/script -run TestWeights -update", f, kept[f], english.weights[f])
		}
	}
}

// Who is called Brian, or lives in Essex, is no more honest than others.
func TestNamesWeighNothing(t *testing.T) {
	const text = "Hello, it's Brian from Dunmow, I'm ringing about your boiler and the appointment on Tuesday."
	other := strings.NewReplacer("Brian", "James", "Dunmow", "London").Replace(text)
	language := english(t)
	if one, two := language.lean(language.dictionary.words(text)), language.lean(language.dictionary.words(other)); one != two || one == 0 {
		t.Errorf("%q leans %f, %q %f", text, one, other, two)
	}
	for f := range language.weights {
		if slices.ContainsFunc(strings.Fields(f), func(w string) bool { return language.dictionary.names[w] }) {
			t.Errorf("%q has a weight", f)
		}
	}
}

// A file of weights with a fault is refused, and it is said where.
func TestFaultyWeightsAreRefused(t *testing.T) {
	for text, says := range map[string]string{"card\t12\nbank 7": "line 2", "card\t1.5": "line 1", "card\t": "line 1"} {
		if err := new(Tables).Learn([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, not %q", text, err, says)
		}
	}
}

// Words tip the balance: with them more scams are warned of than for phrases alone, and fewer honest callers. Words alone warn of nobody.
func TestWordsTipTheBalance(t *testing.T) {
	phrases := *english(t)
	phrases.weights = nil
	gained, spared := 0, 0
	for _, o := range slices.Concat(openings(t, "eighth.tsv"), openings(t, "ninth.tsv")) {
		alone, both := rank(phrases.Read(o.text).Level) >= rank(Warn), rank(Read(o.text).Level) >= rank(Warn)
		switch {
		case o.truth == "scam" && both && !alone:
			gained++
		case o.truth == "genuine" && alone && !both:
			spared++
		}
	}
	if gained == 0 || spared == 0 {
		t.Errorf("words add a warning of %d scams and spare %d honest callers one", gained, spared)
	}
	english := *english(t)
	english.claims, english.hooks, english.asks = nil, nil, nil
	for _, o := range openings(t, "fourth.tsv") {
		if got := english.Read(o.text); rank(got.Level) >= rank(Warn) {
			t.Errorf("%q: %v", o.text, got)
		}
	}
}
