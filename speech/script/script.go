// Package script says what kind of caller somebody is by the words of their opening: nothing remarkable, sales, or the script of a scam. It is
// pure: text in, a level and its reasons out.
//
// A swindler's opening has parts of three kinds: who they claim to be (your bank's fraud department), the hook (a payment that you did not make) and
// what they ask (move your money). Honest callers use each of these words too, but seldom together. So each phrase that is found has a weight, kinds
// add up, and what calms (an appointment, "you asked us to ring") takes off. No claim is ever enough by itself.
//
// What callers say is said in more ways than anybody can list. So the words of a text are weighed as well, by what was learned from openings of calls;
// they can tip the balance, but warn of nobody for whom no phrase is found.
//
// The phrases, the numbers and the sentences of a language are a file of tables/. It is all that another language needs; weights are a second one.
package script

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// Level is how a text sounds.
type Level string

// The levels, from harmless to worst.
const (
	None   Level = "none"   // nothing remarkable was found, which does not make the caller honest
	Sales  Level = "sales"  // somebody sells something
	Warn   Level = "warn"   // parts of a scam
	Strong Level = "strong" // most of a scam
)

// Reading is what was found in a text. A Reading of None has no reasons.
type Reading struct {
	Level   Level
	Reasons []string // sentences for people, the most important first
}

//go:embed tables/*.toml tables/*.weights.tsv
var files embed.FS

// tables are those of every language that has a file.
var tables = sync.OnceValue(func() []*Tables {
	names, err := fs.Glob(files, "tables/*.toml")
	if err != nil {
		panic(err) // the pattern is part of the program
	}
	var all []*Tables
	for _, name := range names {
		file, err := files.ReadFile(name)
		if err != nil {
			panic(err) // and so are the files
		}
		t, err := Load(file)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		switch weights, err := files.ReadFile(strings.TrimSuffix(name, ".toml") + ".weights.tsv"); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			panic(err)
		default:
			if err := t.Learn(weights); err != nil {
				panic(fmt.Sprintf("%s: %v", name, err))
			}
		}
		all = append(all, t)
	}
	return all
})

// Read says what kind of caller begins like this. It tries the tables of every language; the worst reading holds.
func Read(text string) Reading {
	worst := Reading{Level: None}
	for _, t := range tables() {
		if r := t.Read(text); rank(r.Level) > rank(worst.Level) {
			worst = r
		}
	}
	return worst
}

// rank puts levels in order.
func rank(l Level) int {
	switch l {
	case Sales:
		return 1
	case Warn:
		return 2
	case Strong:
		return 3
	}
	return 0
}
