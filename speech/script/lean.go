package script

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// What words weigh has been learned from openings of calls, scams and others (testdata/README.md), by logistic regression. Phrases are sure of what
// they find, and miss whatever is said in another way; the words of a text together are never sure, and miss less. Each makes up for the other.
//
// A lean is the sum of what its features weigh, divided by the root of how many they are: above 0 for a scam.
const (
	leastLean = 8  // so that one word is no opinion
	fullLean  = 24 // features, about ten words: what is shorter leans less
	stem      = 4  // letters of a word that are its beginning
	perWeight = 100
	anyName   = "@"
	anyText   = "" // its weight is what every text has
)

// Learn takes what the words of the language weigh: a line each of a feature, a tab, and hundredths.
func (t *Tables) Learn(file []byte) error {
	weights := map[string]int{}
	lines := bufio.NewScanner(bytes.NewReader(file))
	for n := 1; lines.Scan(); n++ {
		feature, weight, found := strings.Cut(lines.Text(), "\t")
		hundredths, err := strconv.Atoi(weight)
		if !found || err != nil {
			return fmt.Errorf("line %d: %q has to be words, a tab and a whole number", n, lines.Text())
		}
		weights[feature] = hundredths
	}
	t.weights = weights
	return lines.Err()
}

// features are what of an opening has a weight, each once: its words, how its longer words begin ("comp*"), and the pairs of words that follow one
// another. Which name somebody has, or where they are, weighs nothing: names and places are all one word.
func (d *dictionary) features(split []string) map[string]bool {
	words := slices.Clone(split)
	for i, w := range words {
		if d.names[w] {
			words[i] = anyName
		}
	}
	all := make(map[string]bool, 3*len(words))
	for i, w := range words {
		all[w] = true
		if letters := []rune(w); len(letters) > stem+1 {
			all[string(letters[:stem])+"*"] = true
		}
		if i > 0 {
			all[words[i-1]+" "+w] = true
		}
	}
	return all
}

// lean is how much an opening sounds like a scam by its words alone.
func (t *Tables) lean(words []string) float64 {
	sum, known := 0, 0
	for f := range t.dictionary.features(words) {
		if w, found := t.weights[f]; found {
			sum += w
			known++
		}
	}
	lean := (float64(t.weights[anyText]) + float64(sum)/math.Sqrt(float64(max(known, leastLean)))) / perWeight
	return lean * min(1, float64(known)/fullLean)
}
