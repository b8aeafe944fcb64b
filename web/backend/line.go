package backend

import (
	"fmt"
	"strings"

	"ringfence/screening"
)

// LineState is how a household's line is, for people: one sentence that can be read in two seconds, and the parts.
type LineState struct {
	Level    string // ok, warn or stop, as the classes in style.css
	Sentence string
	Next     string // what to do; "" for nothing
	Parts    []PartState
}

// PartState is a part with its words.
type PartState struct {
	Part
	Level string
	What  string // "The line", "Telephone hall"
	Words string // "is up", "is not there"
}

// State puts into words how a line is. What is worst comes first: without Asterisk nothing can be known of the rest.
func (l Line) State() LineState {
	state := LineState{Level: "ok"}
	add := func(p Part, what, up, down, level string) {
		part := PartState{Part: p, Level: "ok", What: what, Words: up}
		switch {
		case !p.Known:
			part.Level, part.Words = "warn", "can't be checked at the moment"
		case !p.Up:
			part.Level, part.Words = level, down
		}
		state.Parts = append(state.Parts, part)
	}
	add(l.Asterisk, "Ringfence", "is working", "has no connection to Asterisk, its telephone exchange", "stop")
	add(l.Trunk, "The line", "is up", "is down", "stop")
	there := 0
	for _, p := range l.Phones {
		add(p, "Telephone "+p.Name, "is there", "is not there", "warn")
		if p.Up || !p.Known {
			there++
		}
	}
	switch {
	case !l.Asterisk.Up:
		state.Level, state.Sentence = "stop", "Ringfence has lost its telephone exchange."
		state.Next = "Calls ring without being screened, if Asterisk still runs. Whoever looks after the machine should look at it: `ringfence check` says what is wrong."
	case l.SIP != "":
		state.Level, state.Sentence = "stop", "No calls can come in."
		state.Next = screening.Capital(l.SIP) + "."
	case l.Trunk.Known && !l.Trunk.Up:
		state.Level, state.Sentence = "stop", "The line is down: nobody can ring."
		state.Next = "Look whether the internet works at the house. If it does, ask the telephone company."
	case len(l.Phones) > 0 && there == 0:
		state.Level, state.Sentence = "stop", "No telephone is there, so none can ring."
		state.Next = "Look whether the telephones, or the box that they are plugged into, have power."
	case there < len(l.Phones):
		state.Level, state.Sentence = "warn", fmt.Sprintf("The line is up, but %s of %d telephones %s there.", Words(there), len(l.Phones), map[bool]string{true: "is", false: "are"}[there == 1])
		state.Next = "Look whether the missing one has power and is in range."
	case !l.Trunk.Known:
		state.Level, state.Sentence = "ok", "Ringfence is working, and "+telephones(there)+" there."
	default:
		state.Sentence = "All is well. The line is up, and " + telephones(there) + " there."
	}
	if len(l.Open) > 0 && state.Level == "ok" {
		state.Level, state.Sentence = "warn", "Calls work, but a stranger on the network could get in."
		state.Next = "Whoever looks after the machine should mend it: " + strings.Join(l.Open, ". Also, ") + "."
	}
	return state
}

func telephones(n int) string {
	switch n {
	case 1:
		return "the telephone is"
	case 2:
		return "both telephones are"
	}
	return "all " + Words(n) + " telephones are"
}

// Words is a small number in words.
func Words(n int) string {
	small := strings.Fields("none one two three four five six seven eight nine ten")
	if n >= 0 && n < len(small) {
		return small[n]
	}
	return fmt.Sprint(n)
}
