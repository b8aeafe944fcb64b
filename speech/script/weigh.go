package script

import (
	"cmp"
	"slices"
	"strings"
)

// What the kinds of evidence may weigh at most, and from where on they warn. A claim weighs less than a warning does, whatever is claimed.
const (
	mostHook, mostAsk, mostCalm = 4, 4, 2
	enough                      = 2.2 // for a warning: phrases that weigh three, or two where the words lean so as well
	besides                     = 3   // what it has to weigh more than beside a sale
	plenty                      = 5   // for a strong one
	byItself                    = 3   // what weighs so much cannot be calmed
)

// A lean towards scams adds to what phrases weigh, up to mostLean; one away from them takes off, but not enough to silence what is enough by itself.
const perLean, perLess, mostLean, leastLeaning = 2, 1, 1.5, -0.8

// found is a piece of evidence that a text has.
type found struct {
	evidence
	weight int
}

// Read says what kind of caller begins like this, in this language.
func (t *Tables) Read(text string) Reading {
	split := t.dictionary.words(text)
	words := " " + strings.Join(split, " ") + " "
	claims, hooks, asks := find(t.claims, words), find(t.hooks, words), find(t.asks, words)
	claims = slices.DeleteFunc(claims, func(c found) bool { return c.lonely(hooks, asks) })
	points := heaviest(claims) + min(sum(hooks), mostHook) + min(sum(asks), mostAsk)
	if t.urgent != nil && t.urgent.MatchString(words) && max(heaviest(hooks), heaviest(asks)) > 1 {
		points++
	}
	calm := min(sum(find(t.calms, words)), mostCalm)
	worst := max(heaviest(hooks), heaviest(asks))
	if worst < byItself {
		points -= calm
	}
	score := float64(points) + leaning(t.lean(split), worst)
	sales := find(t.sales, words)
	switch {
	case score >= plenty:
		return Reading{Level: Strong, Reasons: t.reasons(claims, hooks, asks)}
	case score >= enough && (score > besides || len(sales) == 0 || len(claims)+len(asks) > 0):
		return Reading{Level: Warn, Reasons: t.reasons(claims, hooks, asks)}
	case sum(sales) > calm:
		return Reading{Level: Sales, Reasons: []string{join(say(t.sentences.Sales, "{sale}", sales[0].says), sales[0].advice)}}
	}
	return Reading{Level: None}
}

// leaning is what a lean adds to phrases, the heaviest of which weighs so much.
func leaning(lean float64, heaviest int) float64 {
	switch {
	case lean >= 0:
		return min(mostLean, perLean*lean)
	case heaviest >= byItself:
		return max(leastLeaning, perLess*lean)
	}
	return perLess * lean
}

// lonely claims are those that say nothing without certain hooks and asks: every family has somebody who says "it's me".
func (c found) lonely(hooks, asks []found) bool {
	return len(c.with) > 0 && !slices.ContainsFunc(slices.Concat(hooks, asks), func(f found) bool { return slices.Contains(c.with, f.name) })
}

// find is what a text has of these, the heaviest first.
func find(all []evidence, words string) (has []found) {
	for _, e := range all {
		for i := len(e.weights) - 1; i >= 0; i-- {
			if e.weights[i] != nil && e.weights[i].MatchString(words) {
				has = append(has, found{evidence: e, weight: i + 1})
				break
			}
		}
	}
	slices.SortStableFunc(has, func(a, b found) int { return cmp.Compare(b.weight, a.weight) })
	return has
}

func sum(all []found) (weight int) {
	for _, f := range all {
		weight += f.weight
	}
	return weight
}

func heaviest(sorted []found) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[0].weight
}

// mostReasons is how many sentences somebody reads while the phone rings.
const mostReasons = 3

// reasons are the sentences for a carer: who it is said to be and what is said to have happened, then what is wanted, each with what is true of it.
func (t *Tables) reasons(claims, hooks, asks []found) (reasons []string) {
	s := t.sentences
	switch {
	case len(claims) > 0 && len(hooks) > 0:
		text := say(say(s.ClaimAndHook, "{claim}", claims[0].says), "{hook}", hooks[0].says)
		reasons = append(reasons, join(text, cmp.Or(claims[0].advice, hooks[0].advice)))
	case len(hooks) > 0:
		reasons = append(reasons, join(say(s.Hook, "{hook}", hooks[0].says), hooks[0].advice))
	case len(claims) > 0:
		reasons = append(reasons, join(say(s.Claim, "{claim}", claims[0].says), claims[0].advice))
	}
	for _, ask := range asks {
		reasons = append(reasons, join(say(s.Ask, "{ask}", ask.says), ask.advice))
	}
	return reasons[:min(len(reasons), mostReasons)]
}

func say(sentence, name, words string) string { return strings.ReplaceAll(sentence, name, words) }

// join puts a piece of advice behind a sentence, if there is one.
func join(sentence, advice string) string { return strings.TrimSpace(sentence + " " + advice) }
