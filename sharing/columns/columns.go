// Package columns says which columns of a table have the telephone numbers that are wanted, and which rows a table says are no scam. Callers' lists and address books ask
// the same judge. It looks at what the headings say about whose number it is (six languages), and at the cells of all rows, never at one row alone.
//
// Where more than one column could be meant, the answer is a Question that names them, and nothing may be imported until somebody has said which. Everything here is
// pure: a Judge is given the rows one by one, keeps counts of them and no rows, and answers at any time for those that it has seen.
package columns

import (
	"fmt"
	"slices"
	"strings"

	"ringfence/screening"
)

// Use is what the numbers of a table are for.
type Use int

const (
	Callers Use = iota // a list of those who ring: scammers
	People             // an address book
)

// Owner says whose number a column has, by its heading.
type Owner int

const (
	Unsaid    Owner = iota // there is no heading, or one that is not understood
	Caller                 // whoever rings
	Phone                  // a telephone, and nothing about anybody else
	Number                 // a number; of what is not said
	Place                  // only which of somebody's telephones, such as "Home"
	Else                   // somebody else's telephone: the victim's, the one who reported it, one's own
	NoPhone                // no telephone number: of an order, a policy, a time
	Attribute              // a name or a note
)

// Column is one column of a table.
type Column struct {
	Index   int    // counting from 0
	Heading string // as the file has it, in one line; "" without one
	Example string // a number in it, or else any cell
	Owner   Owner
	Looks   string // what its cells look like, in plain words
	Phones  int    // how many telephone numbers are in it
}

// Label is how people find a column: by its heading, or by its place.
func (c Column) Label() string {
	if c.Heading == "" {
		return fmt.Sprintf("column %d", c.Index+1)
	}
	return "“" + c.Heading + "”"
}

func (c Column) named() string {
	if c.Heading == "" {
		return c.Label()
	}
	return "the column " + c.Label()
}

// Choice is which columns have the numbers, and what else the table says.
type Choice struct {
	Numbers []Column
	// LeftOut are the columns with telephone numbers of somebody else.
	LeftOut []Column
	// All are all columns of the table.
	All []Column
	// Sure is the column that says how sure somebody is of each number, from 0 to SureOf, which is 1 or 100; -1 without one.
	Sure   int
	SureOf float64
	// Name is by what the only column is found again in a later table: its heading, or its place where that is the only way. "" if there are several, or
	// if neither is its own.
	Name string
	// Understood says that the numbers' headings were understood, or chosen by somebody, or that there are no headings and only one column has numbers.
	Understood bool

	verdicts []verdict
	remarks  []Column
}

// Headed says whether the headings of the columns were understood.
func (c Choice) Headed() bool {
	return !slices.ContainsFunc(c.Numbers, func(one Column) bool { return one.Owner == Unsaid })
}

// From says where the numbers are from, as a part of a sentence: "from the column “Caller”".
func (c Choice) From() string {
	if len(c.Numbers) == 0 {
		return ""
	}
	var labels []string
	headed := true
	for _, one := range c.Numbers {
		labels = append(labels, one.Label())
		headed = headed && one.Heading != ""
	}
	which := "from "
	switch {
	case headed && len(labels) == 1:
		which += "the column "
	case headed:
		which += "the columns "
	}
	return which + screening.Listed(labels, "and")
}

// NotTaken says which columns have somebody else's numbers, as a sentence; "" if there are none.
func (c Choice) NotTaken() string {
	if len(c.LeftOut) == 0 {
		return ""
	}
	var labels []string
	for _, one := range c.LeftOut {
		labels = append(labels, one.Label())
	}
	has := "has"
	if len(labels) > 1 {
		has = "have"
	}
	return fmt.Sprintf("Not imported: %s, which %s other people’s numbers.", screening.Listed(labels, "and"), has)
}

// Headings are the columns' headings, or their places.
func (c Choice) Headings() []string {
	all := []string{}
	for _, one := range c.Numbers {
		if one.Heading != "" {
			all = append(all, one.Heading)
		} else {
			all = append(all, fmt.Sprint(one.Index+1))
		}
	}
	return all
}

// Indexes are the places of the numbers' columns, counting from 0.
func (c Choice) Indexes() (all []int) {
	for _, one := range c.Numbers {
		all = append(all, one.Index)
	}
	return all
}

// Question is what somebody has to say before a table can be imported.
type Question struct {
	Why        string   // a sentence
	Candidates []Column // which of these has the numbers
	// Rows is the heading of a column that may say that some rows are no scam; "" if the question is which column.
	Rows string
	// All are all columns of the table.
	All []Column
}

func (q *Question) Error() string {
	var all []string
	for _, c := range q.Candidates {
		one := c.Label()
		var about []string
		if c.Heading != "" {
			about = append(about, fmt.Sprintf("column %d", c.Index+1))
		}
		if c.Looks != "" {
			about = append(about, c.Looks)
		}
		if c.Example != "" {
			about = append(about, "such as "+c.Example)
		}
		all = append(all, one+" ("+strings.Join(about, ", ")+")")
	}
	if len(all) == 0 {
		return q.Why
	}
	return q.Why + ": " + strings.Join(all, "; ")
}

// Open says whether somebody can answer: there is a column with telephone numbers, or one of which it is not clear what it says.
func (q *Question) Open() bool {
	return q.Rows != "" || slices.ContainsFunc(q.All, func(c Column) bool { return c.Phones > 0 })
}

// newColumn is a column as people see it.
func newColumn(at int, headings []string) Column {
	c := Column{Index: at}
	if at < len(headings) {
		c.Heading = screening.CleanLine(headings[at], 40)
	}
	return c
}
