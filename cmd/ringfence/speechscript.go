package main

import (
	"bufio"
	"errors"
	"fmt"

	"ringfence/speech/script"
)

type speechScriptCmd struct {
	JSON bool `help:"One JSON object a line."`
}

func (speechScriptCmd) Help() string {
	return help("Reads one text a line from standard input. For each it says how it sounds, and why: none (nothing remarkable), sales, warn "+
		"(parts of a scam) or strong (most of a scam). It knows English.",
		`echo "This is your bank. Move your money." | ringfence speech script`)
}

// scriptJSON is what --json prints: a contract.
type scriptJSON struct {
	Level   string   `json:"level"`
	Reasons []string `json:"reasons"`
}

// longestText is the longest line that is taken, in bytes: more than a recording of a day has.
const longestText = 16 << 20

func (c speechScriptCmd) Run(p *program) error {
	lines := bufio.NewScanner(p.in)
	lines.Buffer(nil, longestText)
	n := 0
	for lines.Scan() {
		n++
		if err := c.print(p, script.Read(lines.Text())); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d is longer than %d MB: give one text a line", n+1, longestText>>20)
	}
	return lines.Err()
}

func (c speechScriptCmd) print(p *program, r script.Reading) error {
	if c.JSON {
		return printJSON(p, []script.Reading{r}, func(r script.Reading) scriptJSON {
			return scriptJSON{Level: string(r.Level), Reasons: append([]string{}, r.Reasons...)} // [], not null
		})
	}
	if err := p.say("%s", r.Level); err != nil {
		return err
	}
	for _, reason := range r.Reasons {
		if err := p.say("  - %s", reason); err != nil {
			return err
		}
	}
	return nil
}
