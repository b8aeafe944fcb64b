package columns

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ringfence/screening"
)

const (
	// maxColumns is how many columns are judged. Outlook's tables have about ninety.
	maxColumns = 300
	// maxRivals is how many numbers of one row are compared with one another.
	maxRivals = 8
	// maxRuns is how many groups of numbers are kept of a column, to see whether they run on.
	maxRuns = 256
)

// Judge counts what the rows of a table have in their columns.
type Judge struct {
	use      Use
	numbers  *screening.NumberReader
	headings []string // nil: the table has none
	owners   []Owner
	seen     []stats
	rows     int
	crowded  bool              // a row had more numbers than are compared
	agree    map[[2]int][2]int // of two of them: rows in which both have a number, and in which it is the same one
	scratch  []screening.Number
}

// stats are what is in a column.
type stats struct {
	of      [shapes]int
	filled  int
	epochs  int    // of those that are bare
	running runs   // of those that are bare, or no telephone numbers
	order   order  // likewise
	example string // a number, or else whatever came first
	numbers bool   // the example is a number
	words   values
}

// NewJudge begins with a table. headings may be nil.
func NewJudge(use Use, region string, headings []string) (*Judge, error) {
	reader, err := screening.NewNumberReader(region)
	if err != nil {
		return nil, err
	}
	j := &Judge{use: use, numbers: reader, headings: headings[:min(len(headings), maxColumns)], agree: map[[2]int][2]int{}}
	for _, heading := range j.headings {
		j.owners = append(j.owners, ownerOf(heading, use))
	}
	j.letters()
	j.grow(len(j.headings))
	return j, nil
}

// letters takes “A” for a letter, as spreadsheets call their columns, unless “Da” or “De” stands beside it: then it is Italian or Spanish for whom a call went to.
func (j *Judge) letters() {
	is := func(heading string, words ...string) bool {
		return slices.Contains(words, strings.Join(wordsOf(heading), " "))
	}
	if slices.ContainsFunc(j.headings, func(heading string) bool { return is(heading, "da", "de") }) {
		return
	}
	for at, heading := range j.headings {
		if is(heading, "a") {
			j.owners[at] = Unsaid
		}
	}
}

// grow makes room for columns.
func (j *Judge) grow(to int) {
	for len(j.seen) < to {
		j.seen = append(j.seen, stats{})
	}
	for len(j.owners) < to {
		j.owners = append(j.owners, Unsaid)
	}
}

// Add counts a row.
func (j *Judge) Add(cells []string) {
	cells = cells[:min(len(cells), maxColumns)]
	j.grow(len(cells))
	j.rows++
	j.scratch = append(j.scratch[:0], make([]screening.Number, len(cells))...)
	for at, cell := range cells {
		if j.use == Callers {
			j.seen[at].words.add(cell, j.headingAt(at))
		}
		if owner := j.owners[at]; owner == NoPhone {
			continue
		}
		cell = Cell(cell)
		shape, n := shapeOf(cell, j.numbers)
		j.seen[at].add(shape, cell)
		if n == "" {
			continue
		}
		j.scratch[at] = n
	}
	j.compare()
}

func (j *Judge) headingAt(at int) string {
	if at < len(j.headings) {
		return j.headings[at]
	}
	return ""
}

// compare counts which columns have the same numbers.
func (j *Judge) compare() {
	var filled [maxRivals]int
	rivals := filled[:0]
	for at, n := range j.scratch {
		if n == "" {
			continue
		}
		if len(rivals) == maxRivals {
			j.crowded = true
			return
		}
		rivals = append(rivals, at)
	}
	for i, a := range rivals {
		for _, b := range rivals[i+1:] {
			pair := [2]int{a, b}
			was := j.agree[pair]
			was[0]++
			if j.scratch[a] == j.scratch[b] {
				was[1]++
			}
			j.agree[pair] = was
		}
	}
}

// add counts a cell, as Cell returns it.
func (s *stats) add(is shape, cell string) {
	s.of[is]++
	if is == empty {
		return
	}
	s.filled++
	number := is == marked || is == bare || is == shortened
	if s.example == "" || number && !s.numbers {
		s.example, s.numbers = screening.CleanLine(cell, 30), number
	}
	if is != bare && is != digits {
		return
	}
	if value, err := strconv.ParseInt(cell, 10, 64); err == nil {
		if is == bare && isEpoch(value) {
			s.epochs++
		}
		s.running.add(value)
		s.order.add(value)
	}
}

// phones is how many cells have a telephone number, or what a spreadsheet has left of one.
func (s *stats) phones() int { return s.of[marked] + s.of[bare] + s.of[shortened] }

// mostly says whether at least half of what is in the column are telephone numbers.
func (s *stats) mostly() bool { return s.phones() > 0 && 2*s.phones() >= s.filled }

// surely says whether at least half of what is in the column show themselves that they are telephone numbers.
func (s *stats) surely() bool {
	return s.of[marked]+s.of[shortened] > 0 && 2*(s.of[marked]+s.of[shortened]) >= s.filled
}

// otherwise says whether bare numbers are rather times or running numbers.
func (s *stats) otherwise() bool {
	n := s.of[bare]
	return n > 0 && (2*s.epochs > n || n > 2 && s.running.most())
}

// doubtful says whether the numbers are rather times or running numbers, although the heading says that they are a caller's.
func (s *stats) doubtful() bool {
	return !s.surely() && 2*s.order.count >= s.filled && (s.order.times() || s.counts())
}

// counts says whether numbers follow one another.
func (s *stats) counts() bool {
	return s.order.count >= fewTimes && (s.running.most() || s.order.counts())
}

// looks says what is in a column, in plain words.
func (s *stats) looks(o Owner) string {
	switch {
	case o == Else:
		return "somebody else’s phone numbers, by its heading"
	case o == NoPhone:
		return "no phone numbers, by its heading"
	case s.filled == 0:
		return "empty"
	case s.of[shortened]*2 > s.filled:
		return "shortened by a spreadsheet"
	case s.surely():
		return "phone numbers"
	case s.otherwise() && s.epochs*2 > s.of[bare], s.doubtful() && s.order.times():
		return "times or phone numbers"
	case s.otherwise(), s.doubtful():
		return "running numbers"
	case s.mostly():
		return "digits that could be phone numbers"
	case s.of[moment]*2 > s.filled:
		return "times"
	case s.phones() > 0:
		return "a few phone numbers"
	default:
		return "no phone numbers"
	}
}

// column is a column as people see it.
func (j *Judge) column(at int) Column {
	c := newColumn(at, j.headings)
	c.Owner = j.owners[at]
	c.Phones = j.seen[at].phones()
	c.Example, c.Looks = j.seen[at].example, j.seen[at].looks(c.Owner)
	return c
}

func (j *Judge) columns(at []int) (all []Column) {
	for _, one := range at {
		all = append(all, j.column(one))
	}
	return all
}

// all are all columns that could be chosen.
func (j *Judge) all() []int { return j.with(func(int) bool { return true }) }

// with are the columns for which something is so.
func (j *Judge) with(is func(at int) bool) (all []int) {
	for at := range j.seen {
		if is(at) {
			all = append(all, at)
		}
	}
	return all
}

// nameOf is what wanted finds a column by in a later table, whose columns may have moved: its heading, if no other has the same, or its place, if no other is
// called so.
func (j *Judge) nameOf(at int) string {
	for _, name := range []string{strings.TrimSpace(j.headingAt(at)), strconv.Itoa(at + 1)} {
		if found, err := j.wanted([]string{name}); name != "" && err == nil && slices.Equal(found, []int{at}) && name == screening.CleanLine(name, maxName) {
			return name
		}
	}
	return ""
}

// maxName is how long a heading may be that is remembered, in characters.
const maxName = 200

// wanted finds the columns that somebody has named, by heading or by place, counting from 1.
func (j *Judge) wanted(names []string) (all []int, err error) {
	for _, name := range names {
		name = strings.TrimSpace(name)
		same := j.with(func(at int) bool {
			return at < len(j.headings) && strings.EqualFold(strings.TrimSpace(j.headings[at]), name)
		})
		if len(same) == 0 {
			same = j.with(func(at int) bool {
				return at < len(j.headings) && name != "" && slices.Equal(wordsOf(j.headings[at]), wordsOf(name))
			})
		}
		place, notNumber := strconv.Atoi(name)
		switch {
		case len(same) == 1:
			all = append(all, same[0])
		case len(same) > 1:
			return nil, &Question{Why: fmt.Sprintf("More than one column is called “%s”: give the column’s number", screening.CleanLine(name, 40)), Candidates: j.columns(same)}
		case notNumber == nil && place >= 1 && place <= len(j.seen):
			all = append(all, place-1)
		default:
			return nil, &Question{Why: fmt.Sprintf("There is no column “%s”. These are there", screening.CleanLine(name, 40)), Candidates: j.columns(j.all())}
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
