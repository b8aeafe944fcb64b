// Package sharing is shared lists of scam numbers: the packages below it read them as people hand them on (forms), write and
// read the open format that is signed (list), keep them up to date, and say how sure a report makes (evidence). Here stands
// what they have in common.
package sharing

import "fmt"

// Refusal is a line of a file that did not go in.
type Refusal struct {
	Line int // counted from 1; of a file without lines, such as JSON, which of its numbers
	Why  string
}

func (r Refusal) String() string { return fmt.Sprintf("line %d: %s", r.Line, r.Why) }
