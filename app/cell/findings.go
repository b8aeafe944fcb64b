package cell

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ringfence/app/doctor"
	"ringfence/screening"
)

const (
	// nearlyFull is the part of a limit from which on it is worth a look.
	nearlyFull = 0.8
	// mostDown is the part of the households whose line may be down before the machine counts as failing: in a large cell somebody's adapter is always unplugged.
	mostDown = 0.1
	// rescuedFor is how long a damaged database is a failure, as for a monitor at /health.
	rescuedFor = 24 * time.Hour
	// few households are named in a sentence.
	few = 5
)

const checkCommand = "sudo ringfence check"

// Findings are a state in words, with what was found of the machine the last time.
func (c *Cell) Findings(s State) []doctor.Finding {
	found := []doctor.Finding{c.asterisk(s)}
	if s.SIP != "" {
		found = append(found, failed("sip", "SIP", "no call can come in: "+s.SIP))
	}
	found = append(found, c.database(s), trunks(s), phones(s))
	if s.Calls != nil {
		found = append(found, calls(s))
	}
	found = append(found, c.refusedCalls())
	if s.Backlogs != nil {
		found = append(found, waiting(s))
	}
	if s.Lists != nil && s.Lists.Lists > 0 {
		found = append(found, c.downloads(s))
	}
	return append(found, c.Machine()...)
}

func is(state doctor.State, check, part, text string) doctor.Finding {
	return doctor.Finding{Check: check, Part: part, State: state, Text: text}
}

func failed(check, part, text string) doctor.Finding {
	f := is(doctor.Failed, check, part, text)
	f.Type = checkCommand
	return f
}

// when is a time for people.
func when(t time.Time) string { return t.Local().Format("2 January at 15:04") }

func (c *Cell) asterisk(s State) doctor.Finding {
	const check, part = "application", "calls are screened"
	if !s.Asterisk.Up {
		return failed(check, part, "no: Ringfence has no connection to Asterisk. Calls may still ring, unscreened")
	}
	return is(doctor.OK, check, part, fmt.Sprintf("yes. Connected to Asterisk since %s. Ringfence %s has run since %s", when(s.Asterisk.Since), c.Release, when(c.Started)))
}

func (c *Cell) database(s State) doctor.Finding {
	const check, part = "database", "database"
	if s.Fault != nil {
		return failed(check, part, "it can't be read: "+c.Store.InWords(s.Fault).Error())
	}
	if c.Stalled() {
		return failed(check, part, "it can't be written. Calls go on, and their log waits")
	}
	if r, found := c.Rescued(); found && c.Now().Sub(r.At) < rescuedFor {
		return failed(check, part, r.Sentence())
	}
	return is(doctor.OK, check, part, screening.Counted(len(s.Households), "household", "households")+", and it can be read and written")
}

// share is how many of all have a state, in words.
func share(n, all int, one, many string) string {
	return screening.Thousands(n) + " of " + screening.Counted(all, one, many)
}

func unknown(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %s can't be checked", screening.Thousands(n))
}

// names lists a few names, and says how many more there are.
func names(all []string) string {
	if len(all) <= few {
		return screening.Listed(all, "and")
	}
	return strings.Join(all[:few], ", ") + " and " + screening.Thousands(len(all)-few) + " more"
}

func trunks(s State) doctor.Finding {
	const check, part = "line", "lines"
	t := s.Trunks
	if t.Down == 0 {
		state := doctor.OK
		if t.Up == 0 {
			state = doctor.Skipped
		}
		return is(state, check, part, share(t.Up, t.All(), "works", "work")+unknown(t.Unknown))
	}
	text := fmt.Sprintf("%s: %s. That is the line of %s", share(t.Down, t.All(), "doesn't work", "don't work"), names(s.TrunksDown), screening.Counted(s.LinesDown, "household", "households"))
	if float64(s.LinesDown) > mostDown*float64(len(s.Households)) {
		return failed(check, part, text)
	}
	return is(doctor.Warning, check, part, text)
}

func phones(s State) doctor.Finding {
	const check, part = "phone", "phones"
	t := s.Phones
	text := share(t.Up, t.All(), "is connected", "are connected") + unknown(t.Unknown)
	switch {
	case len(s.NoPhone) > 0:
		return is(doctor.Warning, check, part, text+". No phone is connected in "+names(s.NoPhone))
	case t.Up+t.Down == 0:
		return is(doctor.Skipped, check, part, text)
	default:
		return is(doctor.OK, check, part, text)
	}
}

func calls(s State) doctor.Finding {
	const check, part = "calls", "calls in progress"
	all, fullest := s.Cell(), s.Fullest()
	text := fmt.Sprintf("%s of at most %s from anybody, and %s more from callers whom a household knows", screening.Thousands(all.Calls), screening.Thousands(all.Limit), screening.Thousands(s.Limits.Known))
	state := doctor.OK
	switch {
	case all.Share() >= nearlyFull:
		state, text = doctor.Warning, text+". Above that, callers hear the engaged tone"
	case fullest.Share() >= nearlyFull:
		state, text = doctor.Warning, fmt.Sprintf("%s. The household %s has %d of at most %d", text, fullest.Name, fullest.Calls, fullest.Limit)
	}
	return is(state, check, part, text)
}

func (c *Cell) refusedCalls() doctor.Finding {
	const check, part = "refused", "calls refused"
	n := c.Refused()
	if n == 0 {
		return is(doctor.OK, check, part, "none since Ringfence started")
	}
	return is(doctor.OK, check, part, screening.Counted(n, "caller has", "callers have")+" heard the engaged tone since Ringfence started, because more called than are taken")
}

func waiting(s State) doctor.Finding {
	const check, part = "alerts-waiting", "alerts waiting"
	waiting, failing := 0, 0
	for _, b := range s.Backlogs {
		waiting, failing = waiting+b.Waiting, failing+b.Failing
	}
	text := "none"
	if waiting > 0 {
		text = screening.Counted(waiting, "waits", "wait") + " to be sent, those for a daily message too"
	}
	if failing == 0 {
		return is(doctor.OK, check, part, text)
	}
	return is(doctor.Warning, check, part, text+". "+screening.Counted(failing, "way of telling a carer doesn't", "ways of telling a carer don't")+" work")
}

func (c *Cell) downloads(s State) doctor.Finding {
	const check, part = "downloads", "lists downloaded"
	text := "none has been so far"
	if at := s.Lists.Oldest; !at.IsZero() {
		text = screening.Counted(s.Lists.Lists, "list, last", "lists, the oldest") + " checked on " + when(at)
	}
	if s.Lists.Failing == 0 {
		return is(doctor.OK, check, part, text)
	}
	return is(doctor.Warning, check, part, text+". "+share(s.Lists.Failing, s.Lists.Lists, "can't be downloaded now", "can't be downloaded now"))
}

// levels are the states as the pages show them.
var levels = map[doctor.State]string{doctor.OK: "ok", doctor.Skipped: "quiet", doctor.Warning: "warn", doctor.Failed: "stop"}

// summary says in a sentence how the cell is, and as which level.
func summary(found []doctor.Finding) (level, sentence string) {
	level = "ok"
	switch {
	case !doctor.Sound(found):
		level = "stop"
	case slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.State == doctor.Warning }):
		level = "warn"
	}
	return level, doctor.Summary(found)
}
