package config

import (
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"

	"ringfence/asterisk"
)

// lines are the lines of ringfence.toml on which the settings of each trunk are, in the order of the trunks. Without a name it is the line of
// the [[trunk]] itself.
type lines []map[string]int

// linesOf reads a text that has been decoded.
func linesOf(text []byte) (found lines) {
	var p unstable.Parser
	p.Reset(text)
	inTrunk := false
	for p.NextExpression() {
		e := p.Expression()
		keys := e.Key()
		if !keys.Next() {
			continue
		}
		first := keys.Node()
		line := p.Shape(first.Raw).Start.Line
		switch e.Kind {
		case unstable.ArrayTable:
			if inTrunk = string(first.Data) == "trunk" && first.Next() == nil; inTrunk {
				found = append(found, map[string]int{"": line})
			}
		case unstable.Table:
			inTrunk = false
		case unstable.KeyValue:
			if inTrunk {
				found[len(found)-1][string(first.Data)] = line
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
		if t.Name != wrong.Trunk || i >= len(s.lines) {
			continue
		}
		line, there := s.lines[i][wrong.Setting]
		if !there {
			line = s.lines[i][""]
		}
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}
