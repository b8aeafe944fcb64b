// Package figures carries what long tests measure into docs/dependability.md.
//
// make faults runs the tests that are too long for make test: the table of states and faults, power cuts, torn files, floods. Such a test begins
// with Long, which skips it everywhere else, and says with Note what it has measured, in words for that document:
//
//	func TestPowerCutLosesNothing(t *testing.T) {
//		figures.Long(t)
//		…
//		figures.Note(t, "%d power cuts, %d writes acknowledged before them, %d lost", cuts, writes, lost)
//	}
//
// Its name has to stand beside a promise in package faults (../promises.go), which runs it by that name, reads the figures, and writes the
// document. By hand it runs with RINGFENCE_LONG=1; Note then says its figures in the test's own log.
package figures

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What the environment says: whether long tests run, and the folder that figures are written to.
const (
	LongVariable   = "RINGFENCE_LONG"
	FolderVariable = "RINGFENCE_FIGURES"
)

// Wanted says whether long tests run.
func Wanted() bool { return os.Getenv(LongVariable) == "1" }

// Long skips a test that takes minutes, unless it is asked for.
func Long(t testing.TB) {
	t.Helper()
	if !Wanted() {
		t.Skip("takes minutes: make faults runs it, or " + LongVariable + "=1")
	}
}

// Figure is what one test has measured: a sentence, or a cell of the table of states and faults.
type Figure struct {
	Test string // its name, subtests included
	Text string `json:",omitempty"`
	Cell *Cell  `json:",omitempty"`
}

// Cell is what a fault did to a call in some state.
type Cell struct {
	State, Fault string
	Promise      Promise       // what the state promises
	AllLost      bool          // the fault ends every call: nothing is promised but the next one
	Silence      time.Duration // the longest in which the caller neither heard nor said anything
	Rang         Answer        // the household's telephone rang, or the caller got what the state promises in its place
	RangAfter    time.Duration // how long after the fault
	Talked       Answer        // two who talked kept talking, or two who were to be connected were
	Next         Answer        // the next call rang
	NextAfter    time.Duration // how long after the fault it did
	Logged       Answer        // the log has every call, with its end
	Lost         Loss          `json:",omitempty"` // what whoever was on the line had of a call that died; "" where none did
	Broken       []string      `json:",omitempty"` // the promises that did not hold
}

// Promise is what a state of a call promises whoever is in it when something breaks.
type Promise string

// What can be promised.
const (
	TheyMeet    Promise = "the house rings, and the two talk"
	OrMessage   Promise = "the house rings, and the two talk, or the caller's message is kept"
	KeepTalking Promise = "two who talk go on"
	TurnedAway  Promise = "the caller is turned away, and nothing rings"
	GetsOut     Promise = "what was dialled reaches the network"
	IsHeard     Promise = "whoever has dialled a code is not left in silence"
)

// Loss is what somebody has of a call that has died with Asterisk, by the time Asterisk is back.
type Loss string

// What they can have of it. Whoever was being rung for hears the ringing tone from their own network.
const (
	Silence   Loss = "silence"
	Ringing   Loss = "the ringing tone"
	CallEnded Loss = "the end of the call"
)

// Answer is yes, no, or that the question does not arise.
type Answer string

// The answers.
const (
	Yes    Answer = "yes"
	No     Answer = "no"
	NotFit Answer = "–"
)

// Note notes what a test has measured. Each call is one more sentence. Without a folder for figures it only logs them.
func Note(t testing.TB, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	t.Log(text)
	add(t, Figure{Test: t.Name(), Text: text})
}

// NoteCell notes a cell of the table.
func NoteCell(t testing.TB, c Cell) {
	t.Helper()
	add(t, Figure{Test: t.Name(), Cell: &c})
}

// add appends a line to the folder's one file: a line that is appended at once is whole, also when processes of several packages do so (open(2),
// O_APPEND).
func add(t testing.TB, f Figure) {
	t.Helper()
	folder := os.Getenv(FolderVariable)
	if folder == "" {
		return
	}
	line, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(folder, fileName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(append(line, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

const fileName = "figures.jsonl"

// Read returns all the figures in a folder, in the order in which they were noted.
func Read(folder string) (all []Figure, err error) {
	file, err := os.Open(filepath.Join(folder, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var f Figure
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		all = append(all, f)
	}
	return all, lines.Err()
}
