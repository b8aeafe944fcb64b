package replay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// File is a log of calls as some program has written it.
type File struct {
	Form    string // what kind of file it is, in words
	Calls   []Call
	Outside int      // calls from the household to others, which were left out
	Refused []string // lines that could not be read, each with its number and the reason
	From    string   // of a table: where the numbers are from, as a part of a sentence
}

const (
	// maxFile is how large a log may be, in bytes, and maxRefusals how many lines may be wrong.
	maxFile     = 256 << 20
	maxRefusals = 1000
)

// Read reads a log of calls: what `ringfence calls --json` writes, Asterisk's Master.csv, the call list of a FRITZ!Box, or any CSV with a heading for
// the date and the number, or of date, number and name. Times without a zone are of the household's clocks. column is the one with the callers'
// numbers, by its heading or counting from 1, if somebody has named it. A *columns.Question says that somebody has to.
func Read(from io.Reader, line screening.Line, column string) (f File, err error) {
	if line.Zone == nil {
		line.Zone = time.UTC
	}
	in := bufio.NewReader(io.LimitReader(from, maxFile+1))
	start, err := in.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, err
	}
	if bytes.Equal(start, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3) // it is there
	}
	text, err := io.ReadAll(in)
	switch {
	case err != nil:
		return f, err
	case len(text) > maxFile:
		return f, errors.New("it is larger than 256 MB: cut it into smaller files")
	case len(bytes.TrimSpace(text)) == 0:
		return f, errors.New("it is empty")
	case !utf8.Valid(text):
		return f, errors.New("it is no text in UTF-8: save it as CSV in UTF-8")
	case bytes.TrimSpace(text)[0] == '{':
		if column != "" {
			return f, errors.New("it is a log of Ringfence, which has no columns to choose from: leave out the column")
		}
		f.readJSON(text)
	default:
		if err := f.readCSV(text, line, column); err != nil {
			return f, err
		}
	}
	if len(f.Refused) > len(f.Calls)+f.Outside {
		return f, fmt.Errorf("more lines are wrong than right, so it is no log of calls that Ringfence can read. %s", f.Refused[0])
	}
	return f, nil
}

func (f *File) refuse(line int, why string) {
	if len(f.Refused) < maxRefusals {
		f.Refused = append(f.Refused, fmt.Sprintf("Line %d: %s.", line, why))
	}
}

// jsonCall is a line of `ringfence calls --json`.
type jsonCall struct {
	At           time.Time              `json:"at"`
	Number       string                 `json:"number"`
	Name         string                 `json:"name"`
	Presentation screening.Presentation `json:"presentation"`
	Reasons      []screening.Reason     `json:"reasons"`
	Outcome      calllog.Outcome        `json:"outcome"`
	Ended        time.Time              `json:"ended"`
	Steps        []struct {
		At     time.Time    `json:"at"`
		Step   calllog.Kind `json:"step"`
		Detail string       `json:"detail"`
	} `json:"steps"`
}

func (f *File) readJSON(text []byte) {
	f.Form = "a log of Ringfence"
	for n, line := range bytes.Split(text, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var j jsonCall
		switch err := json.Unmarshal(line, &j); {
		case err != nil:
			f.refuse(n+1, "`ringfence calls --json` wrote no such line")
		case j.At.IsZero():
			f.refuse(n+1, "it has no time (at)")
		case j.Outcome != calllog.TooMany:
			f.Calls = append(f.Calls, j.call())
		}
	}
}

func (j jsonCall) call() Call {
	typed := j.Number
	if typed == "" {
		typed = string(j.Presentation)
		if j.Presentation == screening.Allowed { // a number that cannot exist, which is not in the file: see identify
			typed = ""
		}
	}
	c := Call{At: j.At, Identity: screening.Noted(typed), Name: screening.CleanLine(j.Name, 64), Outcome: j.Outcome}
	c.Identity.Name = j.Name
	past := store.Call{Outcome: j.Outcome, Ended: j.Ended}
	for _, s := range j.Steps {
		past.Steps = append(past.Steps, store.Step{At: s.At, Step: calllog.Read(s.Step, s.Detail)})
	}
	c.Talked, _ = past.Talked()
	c.InVain = past.InVain()
	for _, r := range j.Reasons {
		c.Noted = append(c.Noted, r.Code)
	}
	c.Identity, c.Ended = c.Identity.Checked(j.Reasons), j.Ended
	return c
}
