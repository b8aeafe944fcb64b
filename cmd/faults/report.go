package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringfence/cmd/faults/figures"
)

// report is a run, from which the document is made.
type report struct {
	promises []promise
	results  map[string]result
	figures  []figures.Figure
	at       time.Time
	took     time.Duration
	machine  string
}

// standing is how a promise did.
type standing struct {
	held    bool
	figures string // one sentence or several
}

func (r report) cells() (all []figures.Cell) {
	for _, f := range r.figures {
		if f.Cell != nil {
			all = append(all, *f.Cell)
		}
	}
	return all
}

// standing of one promise: it holds where each of its cells does, and each of its tests has passed.
func (r report) standing(p promise) standing {
	s := standing{held: true}
	var said []string
	if p.cells != nil {
		var about []figures.Cell
		held := 0
		for _, c := range r.cells() {
			is, holds := p.cells(c)
			if !is {
				continue
			}
			about = append(about, c)
			if holds {
				held++
			}
		}
		s.held = held == len(about) && held > 0
		said = append(said, fmt.Sprintf("%d of %d tries", held, len(about)))
		if p.worst != nil && len(about) > 0 {
			said = append(said, p.worst(about))
		}
	}
	for _, t := range p.tests {
		if t.name == theTable && p.cells != nil {
			continue // its other cells are for other promises
		}
		if r.results[t.name] != passed {
			s.held = false
		}
		for _, f := range r.figures {
			if f.Text != "" && (f.Test == t.name || strings.HasPrefix(f.Test, t.name+"/")) {
				said = append(said, within(f.Test)+f.Text)
			}
		}
	}
	if len(said) == 0 {
		said = []string{"tried, and it held"}
		if !s.held {
			said = []string{"tried, and it did not hold"}
		}
	}
	s.figures = asSentence(said)
	return s
}

// within says in which part of a test something was measured: "from one number: "; nothing where the test has no parts.
func within(test string) string {
	_, part, _ := strings.Cut(test, "/")
	if part == "" {
		return ""
	}
	return strings.ReplaceAll(part, "_", " ") + ": "
}

// asSentence is one sentence, or a list where there is much to say.
func asSentence(said []string) string {
	if len(said) <= 2 {
		return upper(strings.Join(said, "; ")) + "."
	}
	var b strings.Builder
	for _, one := range said {
		b.WriteString("\n- " + upper(one) + ".")
	}
	return b.String() + "\n\n"
}

// broken are the promises that do not hold, and the cells that are to blame.
func (r report) broken() (all []string) {
	for _, p := range r.promises {
		if !r.standing(p).held {
			all = append(all, p.sentence)
		}
	}
	for _, c := range r.cells() {
		if len(c.Broken) > 0 {
			all = append(all, brokenCell(c))
		}
	}
	return all
}

func brokenCell(c figures.Cell) string {
	return c.State + ", " + c.Fault + ": " + strings.Join(c.Broken, "; ")
}

const beginning = `# What you can rely on

Ringfence stands between the world and somebody's telephone, so the first question is what happens when it breaks. It was broken on purpose, in
every way we could think of, with real calls on a real telephone exchange. Below is what it promises, and what was measured the last time.
` + "`make faults`" + ` does all of it again, and writes this page.
`

func (r report) markdown() string {
	var b strings.Builder
	b.WriteString(beginning)
	fmt.Fprintf(&b, "\nLast run: %s, in %s, on %s.\n\n## For the family\n", r.at.Format("2 January 2006"), minutes(r.took), r.machine)
	for _, p := range r.promises {
		s := r.standing(p)
		fmt.Fprintf(&b, "\n**%s**", p.sentence)
		if !s.held {
			b.WriteString(" (This does not hold yet.)")
		}
		fmt.Fprintf(&b, "\n%s\n", strings.TrimLeft(s.figures+" Test: "+names(p.tests)+".", " "))
	}
	b.WriteString(cannotHelp)
	r.tables(&b)
	return b.String()
}

// cannotHelp says what no program can promise.
const cannotHelp = `
## What it cannot promise

- In a power cut no phone works that needs power or the router. An old telephone behind an adapter with a lifeline, such as the HT813, works without power if its line
  does, and its calls aren't screened. With the broadband down, no line works that comes through it. A small uninterruptible supply (UPS) keeps the power for an hour or more.
- If the small computer dies for good, the line is dead until somebody plugs the telephone in where it was before. Keep a charged mobile beside it.
- While Ringfence itself is not running, every call rings, scammers too.
`

// tables writes out the details: a table for each fault, a row for each state.
func (r report) tables(b *strings.Builder) {
	cells := r.cells()
	var states, faults []string
	at := map[[2]string]figures.Cell{}
	for _, c := range cells {
		states, faults = with(states, c.State), with(faults, c.Fault)
		at[[2]string{c.State, c.Fault}] = c
	}
	slices.Sort(states)
	slices.Sort(faults)
	fmt.Fprintf(b, "\n## For the engineer\n\n%d states of a call, %d faults. Silence is the longest in which whoever was in the state neither heard nor said "+
		"anything, from the answer to the end. “–” is where the question does not arise. The next call is a contact's, while the fault lasts, and a "+
		"stranger's, who must be asked for a name, once it is mended. The log has to have every call, each with its end. Where Asterisk itself has died "+
		"nobody is there to say anything: whoever was in a call hears silence until they hang up, and the promise of 20 seconds is about all else.\n", len(states), len(faults))
	for _, fault := range faults {
		fmt.Fprintf(b, "\n### %s\n\n| state of the call | longest silence | the house rang | they talked | next call rang | log right |\n| --- | --- | --- | --- | --- | --- |\n", upper(fault))
		for _, state := range states {
			c, tried := at[[2]string{state, fault}]
			if !tried {
				continue
			}
			silence := fmt.Sprintf("%.0f s", c.Silence.Seconds())
			if c.AllLost {
				silence = c.Said
			}
			next := string(c.Next)
			if c.AllLost && c.Next == figures.Yes {
				next = fmt.Sprintf("yes, after %.0f s", c.NextAfter.Seconds())
			}
			rang := string(c.Rang)
			if c.RangAfter > 0 {
				rang = fmt.Sprintf("yes, after %.0f s", c.RangAfter.Seconds())
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", state, silence, rang, c.Talked, next, c.Logged)
		}
	}
	var broken []string
	for _, c := range cells {
		if len(c.Broken) > 0 {
			broken = append(broken, "- "+brokenCell(c)+"\n")
		}
	}
	if len(broken) > 0 {
		slices.Sort(broken)
		b.WriteString("\n### What did not hold\n\n" + strings.Join(broken, ""))
	}
}

func with(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

func names(tests []test) string {
	var all []string
	for _, t := range tests {
		all = append(all, "`"+t.name+"`")
	}
	return strings.Join(all, ", ")
}

func upper(text string) string {
	return strings.ToUpper(text[:1]) + text[1:]
}

func minutes(d time.Duration) string {
	if n := int(d.Round(time.Minute).Minutes()); n != 1 {
		return strconv.Itoa(n) + " minutes"
	}
	return "1 minute"
}

var memory = regexp.MustCompile(`(?m)^MemTotal:\s+(\d+) kB`)

// machine is the kind of machine, in words.
func machine() string {
	words := fmt.Sprintf("a machine with %d processor cores (%s)", runtime.NumCPU(), runtime.GOARCH)
	text, err := os.ReadFile("/proc/meminfo")
	if m := memory.FindSubmatch(text); err == nil && m != nil {
		if kB, err := strconv.Atoi(string(m[1])); err == nil {
			words += fmt.Sprintf(" and %d GB of memory", (kB+1<<19)>>20)
		}
	}
	return words
}
