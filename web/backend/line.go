package backend

import (
	"fmt"
	"strings"
	"time"

	"ringfence/internal/homenet"
	"ringfence/screening"
)

// Part is something that a household's line depends on.
type Part struct {
	Name  string    // "Asterisk", the trunk's or the telephone's name
	Up    bool      // it is there and can be used
	Known bool      // false: it is not known whether it is there
	Since time.Time // since when it has been like that; zero: not known
	// Unchecked says that nothing ever checks it, because ringfence.toml says so. Known is false then.
	Unchecked bool
	// Address is where a trunk's other side, or a phone that has a fixed address, is.
	Address string
	// Registers says that this side registers at the other one, as at a provider or a router.
	Registers bool
}

// At is the part at an address. Of one that nobody asks, Asterisk says that it is online because it has an address; but that is not known.
func (p Part) At(address string, asked bool) Part {
	p.Address, p.Unchecked = address, !asked
	p.Known = p.Known && asked
	return p
}

// Line is the state of a household's line.
type Line struct {
	Asterisk Part   // and the application's connection to it
	SIP      string // why neither line nor telephones reach Asterisk, in a sentence; "" if nothing is known to be wrong
	Trunk    Part
	Phones   []Part
	Machine  []PartState // what else of the machine was checked, such as its disk and its clock
	Open     []string    // ways in that the settings leave open to strangers, a sentence each, such as a password that is easily guessed
}

// LineState is the state of a household's line, for people: one sentence that can be read in two seconds, and the parts.
type LineState struct {
	Level    string // ok, warn or stop, as the classes in style.css
	Sentence string
	Next     string // what to do; "" for nothing
	Parts    []PartState
}

// PartState is a part with its words. `ringfence check` says the same ones.
type PartState struct {
	Part
	Level string
	What  string // "The line", "Phone hall"
	Words string // "works", "isn't connected"
	Next  string // what to do; "" for nothing
}

// State puts into words how a line is. What is worst comes first: without Asterisk nothing can be known of the rest. Nothing that was not checked is
// said to work.
func (l Line) State() LineState {
	state := LineState{Level: "ok", Parts: append(l.Parts(), l.Machine...)}
	away := 0
	for _, p := range l.Phones {
		if p.Known && !p.Up {
			away++
		}
	}
	switch {
	case !l.Asterisk.Up:
		state.Level, state.Sentence = "stop", "Ringfence can't screen calls at the moment."
		state.Next = "Its phone system (Asterisk) doesn't answer. Calls may still ring, unscreened. Ask the person who set Ringfence up to run `ringfence check`."
	case l.SIP != "":
		state.Level, state.Sentence = "stop", "No calls can come in."
		state.Next = screening.Capital(l.SIP) + "."
	case l.Trunk.Known && !l.Trunk.Up:
		words, next := l.Trunk.lineDown()
		state.Level, state.Sentence, state.Next = "stop", "The line "+words+".", next
	case len(l.Phones) > 0 && away == len(l.Phones):
		state.Level, state.Sentence = "stop", "No phone is connected, so nothing can ring."
		state.Next = "Check that the phones, or the box that they are plugged into, have power."
	case away > 0:
		state.Level, state.Sentence = "warn", l.someAway(away)
		state.Next = "Check that the missing one has power and is in range."
	default:
		state.Level, state.Sentence = l.nothingWrong()
		l.machineWrong(&state)
	}
	if len(l.Open) > 0 && state.Level == "ok" {
		state.Level, state.Sentence = "warn", "Calls work, but a stranger on the network could get in."
		state.Next = "Ask the person who set Ringfence up to fix it: " + strings.Join(l.Open, ". Also, ") + "."
	}
	return state
}

// Parts are Asterisk, the line and each phone, in this order.
func (l Line) Parts() (all []PartState) {
	add := func(p Part, what, up, down, next, level string) {
		part := PartState{Part: p, Level: "ok", What: what, Words: up}
		switch {
		case p.Unchecked:
			part.Words, part.Since = "isn't checked: ringfence.toml says qualify = false", time.Time{}
		case !p.Known:
			part.Level, part.Words, part.Since = "warn", "can't be checked at the moment", time.Time{}
		case !p.Up:
			part.Level, part.Words, part.Next = level, down, next
		}
		all = append(all, part)
	}
	add(l.Asterisk, "Ringfence", "is working", "has no connection to Asterisk", "", "stop")
	words, next := l.Trunk.lineDown()
	add(l.Trunk, "The line", "works", words, next, "stop")
	for _, p := range l.Phones {
		add(p, "Phone "+p.Name, "is connected", "isn't connected", "Check its power and its network cable.", "warn")
	}
	return all
}

// machineWrong says that calls work, but something else does not.
func (l Line) machineWrong(state *LineState) {
	for _, part := range l.Machine {
		if part.Level == "stop" && state.Level == "ok" {
			state.Level, state.Sentence = "warn", "Calls work, but something on the machine needs mending."
			state.Next = part.What + " " + part.Words + "."
		}
	}
}

// lineDown says what is wrong with a trunk that is down, and what to do.
func (p Part) lineDown() (words, next string) {
	if p.Registers {
		return "isn't working: it isn't registered at " + p.Address,
			"Check that the internet works at the house. If it does, check the user and password that the provider gave you, or ask the provider."
	}
	if p.AtHome() {
		return "isn't working: the adapter at " + p.Address + " doesn't answer", "Check its power and cable."
	}
	if p.Address == "" {
		return "isn't working: its other side doesn't answer", "Check that the internet works at the house."
	}
	return "isn't working: the provider at " + p.Address + " doesn't answer", "Check that the internet works at the house. If it does, ask the provider."
}

// AtHome says whether a trunk's other side is a device in the home, such as an adapter.
func (p Part) AtHome() bool { return !p.Registers && homenet.HasHost(p.Address) }

// someAway is the sentence for a house some of whose phones are not connected.
func (l Line) someAway(away int) string {
	phones := fmt.Sprintf("%s of the %s phones %s connected.", Words(away), Words(len(l.Phones)), map[bool]string{true: "isn't", false: "aren't"}[away == 1])
	if l.Trunk.Known {
		return "The line works, but " + phones
	}
	return screening.Capital(phones)
}

// nothingWrong is the sentence for a line with which nothing is known to be wrong. It says what is not known.
func (l Line) nothingWrong() (level, sentence string) {
	connected, unknown, unchecked := 0, 0, 0
	for _, p := range l.Phones {
		switch {
		case p.Known:
			connected++
		case p.Unchecked:
			unchecked++
		default:
			unknown++
		}
	}
	level, phones := "ok", connectedPhones(connected, len(l.Phones))
	switch {
	case unknown > 0:
		level, phones = "warn", "the phones can't be checked at the moment"
	case unchecked > 0 && connected == 0:
		phones = "nothing checks the phones"
	case unchecked > 0:
		phones += ", and nothing checks the others"
	}
	switch {
	case l.Trunk.Known && level == "ok" && unchecked == 0:
		return level, "All is well. The line works, and " + phones + "."
	case l.Trunk.Known:
		return level, "The line works, and " + phones + "."
	case l.Trunk.Unchecked:
		return level, "Ringfence is working. Nothing checks the line, and " + phones + "."
	default:
		return "warn", "The line can't be checked at the moment, and " + phones + "."
	}
}

// connectedPhones says that n of all phones are connected.
func connectedPhones(n, all int) string {
	switch {
	case n == 1 && all == 1:
		return "the phone is connected"
	case n == 2 && all == 2:
		return "both phones are connected"
	case n == all:
		return "all " + Words(n) + " phones are connected"
	case n == 1:
		return "one phone is connected"
	default:
		return Words(n) + " phones are connected"
	}
}

// Words is a small number in words.
func Words(n int) string {
	small := strings.Fields("none one two three four five six seven eight nine ten")
	if n >= 0 && n < len(small) {
		return small[n]
	}
	return fmt.Sprint(n)
}
