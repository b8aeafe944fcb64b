package wording

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// PendingFile lists how many findings each file still has. It only ever gets shorter: "make words" lowers it.
const PendingFile = "internal/wording/pending.txt"

const pendingHead = `# How many findings each file still has. A file may never have more than stands here; "make words" takes away what has been mended.
# A blank line stands between two files, so that two people can mend two files at once.
`

// Pending is how many findings each file may still have.
type Pending map[string]int

// ReadPending reads the list. Of two numbers for one file, the lower counts: the list may have come together from two branches.
func ReadPending(text string) Pending {
	p := Pending{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		name, number, found := strings.Cut(lines.Text(), " ")
		n, err := strconv.Atoi(number)
		if !found || err != nil {
			continue
		}
		if had, twice := p[name]; !twice || n < had {
			p[name] = n
		}
	}
	return p
}

// String is the list as it is kept.
func (p Pending) String() string {
	names := []string{}
	for name, n := range p {
		if n > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all strings.Builder
	all.WriteString(pendingHead)
	for _, name := range names {
		fmt.Fprintf(&all, "\n%s %d\n", name, p[name])
	}
	return all.String()
}

// Count is how many findings each file has.
func Count(found []Finding) Pending {
	p := Pending{}
	for _, f := range found {
		p[f.File]++
	}
	return p
}

// Lower returns the list with what has been mended taken away, and never with more than it had.
func (p Pending) Lower(now Pending) Pending {
	lower := Pending{}
	for name, n := range p {
		lower[name] = min(n, now[name])
	}
	return lower
}

// More are the files with more findings than the list lets them have.
func (p Pending) More(now Pending) (names []string) {
	for name, n := range now {
		if n > p[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
