package main

import (
	"fmt"
	"maps"
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

For families and engineers: what happens when Ringfence breaks. We broke it on purpose, in every way we could think of, during real calls.
Run ` + "`make faults`" + ` to do that again, and to write this page.
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
## What it can't promise

- In a power cut, phones that need power or the router are dead. An old phone on an adapter with a lifeline, such as the HT813, still works if its line
  does, unscreened. If the broadband is down, so is every line that needs it. A battery supply (UPS) helps for an hour or more.
- If the small computer dies for good, the line is dead until somebody plugs the phone back in where it was. Keep a charged mobile beside it.
- While Ringfence isn't running, every call rings, scammers too.
`

// tables writes out the details: what came of each fault and of each state of a call, and every cell that did not hold.
func (r report) tables(b *strings.Builder) {
	cells := r.cells()
	fmt.Fprintf(b, "\n## For the engineer\n\nThe worst of each row. Silence is the longest time in which the person on the line neither heard nor said anything. "+
		"The next call is a contact's during the fault, and a stranger's afterwards: Ringfence must ask for a name. The log must have every "+
		"call with its end. Calls that die with Asterisk count as lost, and the time is that of the next call. “–” means that the question doesn't arise. "+
		"One row's test: `RINGFENCE_LONG=1 go test -run 'TestFaultTable/^asked' ./cmd/ringfence`; one fault's: `'TestFaultTable/.*/^application_killed'`.\n")
	summarise(b, "what broke", cells, func(c figures.Cell) string { return c.Fault })
	summarise(b, "state of the call", cells, func(c figures.Cell) string { return c.State })
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

// summarise writes a table with the worst of all cells that share a row.
func summarise(b *strings.Builder, head string, cells []figures.Cell, row func(figures.Cell) string) {
	rows := map[string][]figures.Cell{}
	for _, c := range cells {
		rows[row(c)] = append(rows[row(c)], c)
	}
	fmt.Fprintf(b, "\n| %s | tried | calls lost | longest silence | phone rang | they talked | next call rang | log right |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n", head)
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		all := rows[name]
		var kept []figures.Cell
		for _, c := range all {
			if !c.AllLost {
				kept = append(kept, c)
			}
		}
		silence := "–"
		if len(kept) > 0 {
			silence = fmt.Sprintf("%.0f s", longest(kept, func(c figures.Cell) time.Duration { return c.Silence }).Seconds())
		}
		fmt.Fprintf(b, "| %s | %d | %d | %s | %s | %s | %s | %s |\n", upper(name), len(all), len(all)-len(kept), silence,
			worst(all, func(c figures.Cell) figures.Answer { return c.Rang }, func(c figures.Cell) time.Duration { return c.RangAfter }),
			worst(all, func(c figures.Cell) figures.Answer { return c.Talked }, nil),
			worst(all, func(c figures.Cell) figures.Answer { return c.Next }, restarted),
			worst(all, func(c figures.Cell) figures.Answer { return c.Logged }, nil))
	}
}

// restarted is how long the next call took to ring where Asterisk itself had died.
func restarted(c figures.Cell) time.Duration {
	if !c.AllLost {
		return 0
	}
	return c.NextAfter
}

// worst is "yes" where it was so in all cells in which the question arises, with the longest time it took.
func worst(cells []figures.Cell, answer func(figures.Cell) figures.Answer, after func(figures.Cell) time.Duration) string {
	said := string(figures.NotFit)
	for _, c := range cells {
		switch answer(c) {
		case figures.NotFit:
		case figures.Yes:
			if said == string(figures.NotFit) {
				said = string(figures.Yes)
			}
		default:
			return string(answer(c))
		}
	}
	if after != nil && said == string(figures.Yes) {
		if latest := longest(cells, after); latest > 0 {
			said += fmt.Sprintf(", within %.0f s", latest.Seconds())
		}
	}
	return said
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
