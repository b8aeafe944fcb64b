package script

import (
	"cmp"
	"slices"
	"strings"
)

// What the kinds of evidence may weigh at most, and from where on they warn. How much each counts was tried on openings that no rule had seen: what is
// said to have happened tells most, who somebody says they are a little less than a warning, and what they want less again, as honest callers want things
// too. No claim is ever enough by itself. Where a bank says what its customers are told to do, to ring the number on their card, neither who it is nor what
// it says has happened counts, unless that is enough by itself.
const (
	mostHook, mostAsk, mostCalm = 4, 4, 2
	anyClaim                    = 0.5 // for a claim, whatever it weighs
	perAsk, perCalm             = 0.6, 0.5
	enough                      = 2.65 // for a warning
	besides                     = 3.5  // for one beside a sale
	plenty                      = 5.5  // for a strong one
	byItself                    = 3    // what weighs so much cannot be calmed
)

// What a lean adds to phrases, and what one away from scams takes off at most. From what is enough by itself it takes nothing.
const perLean, mostLeaning, leastLeaning = 2.5, 1.5, 1.0

// found is a piece of evidence that a text has.
type found struct {
	evidence
	weight float64
}

// How many words are judged together, about twenty seconds, and how far apart such parts of a longer text begin. What phrases and words count was found
// for openings; in a message of minutes each would meet something of everything.
const part, stride = 60, 30

// Read says what kind of caller speaks like this, in this language. Of a long text the worst part holds.
func (t *Tables) Read(text string) Reading {
	words := t.dictionary.words(text)
	worst := t.readPart(words, 0)
	for from := stride; from+part-stride < len(words); from += stride {
		if r := t.readPart(words, from); rank(r.Level) > rank(worst.Level) {
			worst = r
		}
	}
	return worst
}

// readPart reads the words from that one on. A part in the middle has the word before it at its beginning, without the blank that phrases look for: no
// phrase finds it, and none takes the part for the beginning of the text. What words weigh was learned from beginnings, so there it warns of nobody.
func (t *Tables) readPart(all []string, from int) Reading {
	split := all[from:min(from+part, len(all))]
	words := " " + strings.Join(split, " ") + " "
	lean := t.lean(split)
	if from > 0 {
		words, lean = all[from-1]+words, min(lean, 0)
	}
	claims, hooks, asks := find(t.claims, words), find(t.hooks, words), find(t.asks, words)
	claims = slices.DeleteFunc(claims, func(c found) bool { return c.lonely(hooks, asks) })
	calms := find(t.calms, words)
	if heaviest(calms) >= byItself {
		claims, hooks = nil, slices.DeleteFunc(hooks, func(h found) bool { return h.weight < byItself })
	}
	worst := max(heaviest(hooks), heaviest(asks))
	score := min(sum(hooks), mostHook) + wanted(asks) + leaning(lean, worst)
	if len(claims) > 0 {
		score += anyClaim + heaviest(claims)
	}
	if t.urgent != nil && t.urgent.MatchString(words) && worst > 1 {
		score++
	}
	calm := min(sum(calms), mostCalm)
	if worst < byItself {
		score -= perCalm * calm
	}
	sales := find(t.sales, words)
	switch {
	case score >= plenty:
		return Reading{Level: Strong, Reasons: t.reasons(claims, hooks, asks)}
	case score >= enough && len(hooks)+len(asks) > 0 && (score > besides || len(sales) == 0 || len(claims)+len(asks) > 0):
		return Reading{Level: Warn, Reasons: t.reasons(claims, hooks, asks)}
	case sum(sales) > calm:
		return Reading{Level: Sales, Reasons: []string{join(say(t.sentences.Sales, "{sale}", sales[0].says), sales[0].advice)}}
	}
	return Reading{Level: None}
}

// wanted is what asks count. One that is enough by itself counts in full.
func wanted(asks []found) float64 {
	if most := heaviest(asks); most >= byItself {
		return most + perAsk*min(sum(asks)-most, mostAsk-byItself)
	}
	return perAsk * min(sum(asks), mostAsk)
}

// leaning is what a lean adds to phrases, where the heaviest of what has happened and what is wanted weighs so much.
func leaning(lean, worst float64) float64 {
	least := -leastLeaning
	if worst >= byItself {
		least = 0
	}
	return max(least, min(mostLeaning, perLean*lean))
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
				has = append(has, found{evidence: e, weight: float64(i + 1)})
				break
			}
		}
	}
	slices.SortStableFunc(has, func(a, b found) int { return cmp.Compare(b.weight, a.weight) })
	return has
}

func sum(all []found) (weight float64) {
	for _, f := range all {
		weight += f.weight
	}
	return weight
}

func heaviest(sorted []found) float64 {
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
