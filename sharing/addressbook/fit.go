package addressbook

import (
	"fmt"
	"slices"
	"strings"

	"ringfence/screening"
)

// notWanted are names that people give to numbers in their telephones that they do not want to answer.
var notWanted = []string{
	"scam", "spam", "do not answer", "don't answer", "dont answer", "don’t answer", "nuisance", "cold caller", "cold call", "arnaque",
	"ne pas répondre", "ne pas decrocher", "ne pas décrocher", "démarchage", "nicht rangehen", "betrüger",
}

// Unwanted says whether a name shows that somebody does not want to hear from whoever has it.
func Unwanted(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(notWanted, func(word string) bool { return strings.Contains(name, word) })
}

// Advice is about a number that somebody wants to give to a contact: why that is not possible, or what they should know. Both are sentences, or "".
type Advice struct{ Refused, Warning string }

// Fit says whether a number can be a contact's in a household.
func Fit(n screening.Number, house Household) Advice { return newFitness(house).of(n) }

// fitness finds a household's blocks by their digits.
type fitness struct {
	region          string
	own             screening.Number
	exact, prefixes map[string]screening.Block
}

func newFitness(house Household) *fitness {
	f := &fitness{region: house.Region, own: house.Own, exact: map[string]screening.Block{}, prefixes: map[string]screening.Block{}}
	for _, b := range house.Blocks {
		if b.Prefix {
			f.prefixes[b.Digits] = b
		} else {
			f.exact[b.Digits] = b
		}
	}
	return f
}

func (f *fitness) of(n screening.Number) Advice {
	shown := func() string { return n.National(f.region) } // slow, and rarely needed
	if n == f.own && n != "" {
		return Advice{Refused: shown() + " is this household's own number: whoever shows it is not calling from there"}
	}
	if err := screening.NobodysNumber(n, f.region); err != nil {
		return Advice{Refused: err.Error()}
	}
	if whose, never := screening.NeverBlocked(n, f.region); never {
		return Advice{Refused: screening.NoContact(shown(), whose)}
	}
	if beginning, is := n.Beginning(); is {
		return f.ofBeginning(beginning, shown())
	}
	digits, international := strings.CutPrefix(string(n), "+")
	if b, blocked := f.exact[digits]; blocked {
		return Advice{Refused: fmt.Sprintf("%s is blocked by this household%s: lift the block first, if it should ring", shown(), noted(b))}
	}
	if screening.Identify(screening.Identity{Number: string(n)}, f.region).PremiumRate {
		return Advice{Warning: fmt.Sprintf("%s is a premium-rate number, which is dear to ring back; as a contact's it always rings.", shown())}
	}
	for end := range digits {
		if _, blocked := f.prefixes[digits[:end]]; blocked && international {
			return Advice{Warning: fmt.Sprintf("%s begins like the numbers that this household blocks (+%s…); as a contact's it rings all the same.", shown(), digits[:end])}
		}
	}
	return Advice{}
}

// noted is what a household has noted about a block, in brackets after a space; "" if it has noted nothing.
func noted(b screening.Block) string {
	note := screening.CleanLine(b.Note, 64)
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}

// ofBeginning is the advice about the beginning of numbers. A block that is longer, or on one of the numbers, still turns away.
func (f *fitness) ofBeginning(digits, shown string) Advice {
	if strings.HasPrefix(string(f.own), "+"+digits) {
		return Advice{Refused: shown + " is also the beginning of this household's own number, which scammers like to show: write more digits"}
	}
	if b, blocked := f.prefixes[digits]; blocked {
		return Advice{Refused: fmt.Sprintf("numbers that begin %s are blocked by this household%s: lift the block first, if they should ring", shown, noted(b))}
	}
	return Advice{Warning: "Every number that begins " + strings.TrimSuffix(shown, "*") + " rings. " + screening.BeginningCaveat}
}
