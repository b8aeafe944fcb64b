// Package sharing is about shared lists of scam numbers. The packages below it read lists as people exchange them (forms), write and read the
// open, signed format (list), keep lists up to date (subscribe), and say how sure reports make one (evidence). This package has what they
// have in common.
package sharing

import "fmt"

// Refusal is a line of a file that was not accepted.
type Refusal struct {
	Line int // counting from 1; in a file without lines, such as JSON, which of its numbers
	Why  string
}

func (r Refusal) String() string { return fmt.Sprintf("line %d: %s", r.Line, r.Why) }
