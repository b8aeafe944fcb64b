package columns

import (
	"errors"
	"fmt"
	"slices"
)

// Choose says which columns have the numbers, of the rows so far. wanted are those that somebody has named; nil leaves it to the judge. allRows says that no row is left out
// because another column says that it is no scam. The error is a *Question.
func (j *Judge) Choose(wanted []string, allRows bool) (Choice, error) {
	c, err := j.choice(wanted, allRows)
	c.All = j.columns(j.all())
	if len(c.Numbers) == 1 {
		c.Name = j.nameOf(c.Numbers[0].Index)
	}
	if q := (*Question)(nil); errors.As(err, &q) {
		q.All = c.All
	}
	return c, err
}

func (j *Judge) choice(wanted []string, allRows bool) (Choice, error) {
	c := Choice{Sure: -1, SureOf: 1}
	numbers, err := j.wanted(wanted)
	if err != nil {
		return c, err
	}
	c.Understood = true
	if len(numbers) == 0 {
		if numbers, err = j.choose(); err != nil {
			return c, err
		}
		c.Understood = j.headings == nil || !slices.ContainsFunc(numbers, func(at int) bool { return j.owners[at] == Unsaid || j.owners[at] == Attribute })
	}
	c.Numbers = j.columns(numbers)
	c.LeftOut = j.columns(j.with(func(at int) bool {
		return j.owners[at] == Else && j.seen[at].phones() > 0 && !slices.Contains(numbers, at)
	}))
	if j.use == Callers && !allRows {
		if at := slices.IndexFunc(numbers, func(at int) bool { return saysGood(j.headingAt(at)) }); at >= 0 {
			return c, &Question{Why: fmt.Sprintf("The column %s has callers who are let through, and no scams", c.Numbers[at].Label()), Rows: c.Numbers[at].Label()}
		}
		c.remarks = j.remarked(numbers)
		c.Sure, c.SureOf = j.score(numbers)
		c.verdicts, err = j.verdicts(numbers, c.Sure)
	}
	return c, err
}

func (j *Judge) choose() ([]int, error) {
	if j.use == People {
		return j.people()
	}
	numbers, err := j.callers()
	if err == nil && slices.ContainsFunc(numbers, func(at int) bool { return j.seen[at].doubtful() }) {
		others := slices.DeleteFunc(j.of(Caller, Phone, Number, Place), func(at int) bool { return slices.Contains(numbers, at) })
		return nil, j.ask("The numbers in this column may be times or running numbers, and no phone numbers", append(numbers, others...))
	}
	return numbers, err
}

// of are the columns whose headings say one of these things, and which have telephone numbers.
func (j *Judge) of(owners ...Owner) []int {
	return j.with(func(at int) bool { return slices.Contains(owners, j.owners[at]) && j.seen[at].mostly() })
}

// callers finds the column with the numbers of those who ring.
func (j *Judge) callers() ([]int, error) {
	said := j.of(Caller)
	open := j.of(Phone, Number)
	if len(said) == 1 && len(open) == 1 && j.more(said[0], open[0]) {
		return open, nil // a caller's name, or else the number, and the number beside it
	}
	if len(said) > 0 {
		return j.one(said, "More than one column could have the callers’ numbers")
	}
	if places := j.of(Phone, Place); len(open) > 0 && j.allPlaces(open) {
		return places, nil // several telephones of the same person
	}
	if len(open) > 0 {
		return j.open(open)
	}
	return j.byLooks()
}

// open decides between columns whose headings say that they have numbers, and not whose.
func (j *Judge) open(open []int) ([]int, error) {
	if len(open) == 1 && j.owners[open[0]] == Number && j.seen[open[0]].otherwise() {
		return nil, j.ask("The numbers in this column may be times or running numbers, and no phone numbers", open)
	}
	if len(open) == 1 && j.owners[open[0]] == Number && !j.seen[open[0]].surely() {
		// A column called "Number" of digits alone may be that of anything, where another one shows telephone numbers.
		shown := j.with(func(at int) bool {
			return at != open[0] && j.isOpen(at) && j.seen[at].surely() && !j.same(at, open[0])
		})
		if len(shown) > 0 {
			return nil, j.ask("More than one column could have the callers’ numbers", append(open, shown...))
		}
	}
	return j.one(open, "More than one column could have the callers’ numbers")
}

// allPlaces says whether all headings are of telephones, and say no more than which of somebody's they are.
func (j *Judge) allPlaces(columns []int) bool {
	return !slices.ContainsFunc(columns, func(at int) bool {
		if j.owners[at] != Phone {
			return true
		}
		for _, word := range wordsOf(j.headings[at]) {
			if is := kinds()[word]; is != 0 && is&(telephone|number|place|filler) == 0 {
				return true
			}
		}
		return false
	})
}

// more says whether b has the same numbers as a, and more of them.
func (j *Judge) more(a, b int) bool { return j.same(a, b) && j.seen[b].phones() > j.seen[a].phones() }

// same says whether two columns have the same numbers wherever both have one.
func (j *Judge) same(a, b int) bool {
	pair := j.agree[[2]int{min(a, b), max(a, b)}]
	return !j.crowded && pair[0] > 0 && pair[0] == pair[1]
}

// one decides between columns that could all be meant.
func (j *Judge) one(all []int, why string) ([]int, error) {
	best := slices.MaxFunc(all, func(a, b int) int { return j.seen[a].phones() - j.seen[b].phones() })
	sure := slices.DeleteFunc(slices.Clone(all), func(at int) bool { return !j.seen[at].surely() })
	switch {
	case len(all) == 1:
		return all, nil
	case !slices.ContainsFunc(all, func(at int) bool { return at != best && !j.same(at, best) }):
		return []int{best}, nil
	case len(sure) == 1 && !slices.ContainsFunc(all, func(at int) bool { return at != sure[0] && j.owners[at] != Number }):
		return sure, nil // "Number" with digits alone, beside "Phone" with telephone numbers
	default:
		return nil, j.ask(why, all)
	}
}

// byLooks decides where no heading helps.
func (j *Judge) byLooks() ([]int, error) {
	sure := j.with(func(at int) bool { return j.isOpen(at) && j.seen[at].surely() })
	maybe := j.with(func(at int) bool { return j.isOpen(at) && j.seen[at].mostly() })
	switch {
	case len(maybe) == 1 && !(len(sure) == 0 && j.seen[maybe[0]].otherwise()):
		return maybe, nil
	case len(maybe) > 1:
		return nil, j.ask("More than one column could have the phone numbers", maybe)
	case len(maybe) == 1:
		return nil, j.ask("It is not certain that this column has phone numbers", maybe)
	}
	named := j.with(func(at int) bool { return slices.Contains([]Owner{Caller, Phone, Number}, j.owners[at]) })
	if len(named) > 0 {
		return named[:1], nil // what is wrong with its cells is said line by line
	}
	if few := j.with(func(at int) bool { return j.isOpen(at) && j.seen[at].phones() > 0 }); len(few) == 1 {
		return few, nil
	}
	if elses := j.with(func(at int) bool { return j.owners[at] == Else }); len(elses) > 0 {
		return nil, j.ask("No column is the callers’, by its heading", elses)
	}
	return nil, j.ask("No column is certain to have phone numbers. These are there", j.all())
}

// isOpen says whether nothing in its heading is against a column.
func (j *Judge) isOpen(at int) bool { return j.owners[at] != Else && j.owners[at] != NoPhone }

func (j *Judge) ask(why string, candidates []int) error {
	return &Question{Why: why, Candidates: j.columns(candidates[:min(len(candidates), 12)])}
}

// people finds the columns with the numbers of an address book. Somebody may have several.
func (j *Judge) people() ([]int, error) {
	named := j.with(func(at int) bool {
		s := &j.seen[at]
		switch j.owners[at] {
		case Caller, Phone:
			return true
		case Number:
			return s.mostly() && !s.otherwise()
		case Place:
			return s.surely()
		default:
			return false
		}
	})
	phones := slices.DeleteFunc(slices.Clone(named), func(at int) bool { return j.owners[at] == Number })
	if len(phones) > 0 { // a column called "Number" beside them may be anything
		named = slices.DeleteFunc(named, func(at int) bool { return j.owners[at] == Number && !j.seen[at].surely() })
	}
	if len(named) > 0 {
		return named, nil
	}
	if j.headings != nil {
		return j.byLooks()
	}
	sure := j.with(func(at int) bool {
		return j.seen[at].of[marked]+j.seen[at].of[shortened] > 0 && j.seen[at].of[marked]+j.seen[at].of[shortened] >= j.seen[at].of[bare]
	})
	if len(sure) > 0 {
		return sure, nil
	}
	return j.byLooks()
}

// Wordy is the first column with words, beside those with the numbers; -1 without one. It is the note where there are no headings.
func (j *Judge) Wordy(c Choice) int {
	for at, s := range j.seen {
		if s.filled > 0 && 2*s.of[wording] > s.filled && !slices.Contains(c.Indexes(), at) {
			return at
		}
	}
	return -1
}
