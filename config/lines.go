package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"

	"ringfence/asterisk"
)

// lines are the lines of ringfence.toml on which the settings of each trunk are, in the order of the trunks, and those of each household. Without a
// name it is the line of the [[trunk]] or [[household]] itself.
type lines struct{ trunks, households []map[string]int }

// linesOf reads a text that has been decoded.
func linesOf(text []byte) (found lines) {
	var p unstable.Parser
	p.Reset(text)
	in, line, counted := (*[]map[string]int)(nil), 1, 0
	for p.NextExpression() {
		e := p.Expression()
		keys := e.Key()
		if !keys.Next() {
			continue
		}
		first := keys.Node()
		// Parser.Shape would count the lines from the start each time.
		at := int(first.Raw.Offset)
		line += bytes.Count(text[counted:at], []byte("\n"))
		counted = at
		switch e.Kind {
		case unstable.ArrayTable:
			in = map[string]*[]map[string]int{"trunk": &found.trunks, "household": &found.households}[string(first.Data)]
			if first.Next() != nil { // such as a [[household.phone]]
				in = nil
			}
			if in != nil {
				*in = append(*in, map[string]int{"": line})
			}
		case unstable.Table:
			in = nil
		case unstable.KeyValue:
			if in != nil {
				(*in)[len(*in)-1][string(first.Data)] = line
			}
		}
	}
	return found
}

// withLine puts the line before an error about a trunk's setting, and before each of several that are joined together.
func (s Settings) withLine(err error) error {
	if joined, several := err.(interface{ Unwrap() []error }); several { //nolint:errorlint // each of those that are joined has its own line
		var errs []error
		for _, one := range joined.Unwrap() {
			errs = append(errs, s.withLine(one))
		}
		return errors.Join(errs...)
	}
	var wrong asterisk.Fault
	if !errors.As(err, &wrong) {
		return err
	}
	for i, t := range s.Trunks {
		if t.Name != wrong.Trunk || i >= len(s.lines.trunks) {
			continue
		}
		line, there := s.lines.trunks[i][wrong.Setting]
		if !there {
			line = s.lines.trunks[i][""]
		}
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// LinesOfBlocks are the lines on which trunks begin in a text, and then those on which households do.
func LinesOfBlocks(text []byte) (all []int) {
	found := linesOf(text)
	for _, block := range slices.Concat(found.trunks, found.households) {
		all = append(all, block[""])
	}
	return all
}
