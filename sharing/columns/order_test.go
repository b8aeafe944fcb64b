package columns

import (
	"fmt"
	"strings"
	"testing"
)

// table is a column under a heading.
func table(heading string, count int, value func(row int) int) string {
	text := strings.Builder{}
	fmt.Fprintln(&text, heading+",Note")
	for row := range count {
		fmt.Fprintf(&text, "%d,x\n", value(row))
	}
	return text.String()
}

// Times and running numbers are asked about, also where a heading says that they are the callers'.
func TestNumbersThatOnlyTheirHeadingSaysAreCallers(t *testing.T) {
	for name, value := range map[string]func(row int) int{
		"1, 2, 3":                 func(row int) int { return row + 1 },
		"1001, 1002":              func(row int) int { return row + 1001 },
		"backwards":               func(row int) int { return 4000 - row },
		"in tens":                 func(row int) int { return 100010 + 10*row },
		"some are gone":           func(row int) int { return 100010 + 3*row + row%3 },
		"in disorder":             func(row int) int { return 2001 + (row*7)%40 },
		"times":                   func(row int) int { return 1764320000 + 86400*row },
		"times, the newest first": func(row int) int { return 1764320000 - 5000*row },
		"times of years":          func(row int) int { return 1430000000 + 9_000_000*row },
		"times, nearly in order":  func(row int) int { return 1764320000 + 3600*row - 5000*(row%12/11) },
	} {
		for _, heading := range []string{"Caller ID", "Scam number", "Phone", "Anrufernummer", "Numéro appelant", "Chiamante", "Number"} {
			if got, _, _ := chosen(t, Callers, table(heading, 40, value)); got != "? “"+heading+"”" {
				t.Errorf("%s: %s: %s", heading, name, got)
			}
			if got, _, q := chosen(t, Callers, table(heading, 40, value), heading); name != "1, 2, 3" && got != "“"+heading+"”" {
				t.Errorf("%s, chosen: %s: %s %v", heading, name, got, q)
			}
		}
	}
	for name, text := range map[string]string{
		"few times":      table("Caller ID", 4, func(row int) int { return 1764320000 + 700*row }),
		"few numbers":    table("Caller ID", 3, func(row int) int { return row + 1001 }),
		"sorted British": table("Caller ID", 12, func(row int) int { return []int{1514960000, 1614960000, 1632960000, 1914980000}[row/3] + 37*row }),
	} {
		if got, _, _ := chosen(t, Callers, text); got != "? “Caller ID”" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got, _, _ := chosen(t, Callers, "Caller ID,Phone\n1764320000,02079460401\n1764320500,02079460577\n1764321000,02079460433\n"); got != "? “Caller ID”, “Phone”" {
		t.Errorf("beside a telephone: %s", got)
	}
}

// Numbers that are plainly those of telephones are certain, also those that have lost their first 0.
func TestNumbersThatAreTheCallers(t *testing.T) {
	cities := []int{1214960000, 1614960000, 1134960000, 1914980000, 1174960000, 2079460000, 1514960000, 1415700000, 1314960000, 2890180000, 1154960000, 1632960000}
	for name, text := range map[string]string{
		"without their 0":  table("Caller ID", 12, func(row int) int { return cities[row] + 37*row }),
		"two of them":      table("Caller ID", 2, func(row int) int { return cities[row] }),
		"three of them":    table("Caller ID", 3, func(row int) int { return cities[row] }),
		"London, in order": table("Caller ID", 5, func(row int) int { return 2079460000 + 97*row }),
		"mobiles in order": table("Caller ID", 40, func(row int) int { return 7700900000 + 23*row }),
		"one many times":   table("Caller ID", 40, func(int) int { return 1614960123 }),
		"with the code":    table("Caller ID", 40, func(row int) int { return 442079460000 + row }),
		"with their 0":     strings.ReplaceAll(table("Caller ID", 40, func(row int) int { return 2079460000 + row }), "\n2", "\n02"),
	} {
		if got, _, q := chosen(t, Callers, text); got != "“Caller ID”" {
			t.Errorf("%s: %s %v", name, got, q)
		}
	}
}

// Headings are found behind ten lines, such as a title and an address, and no farther down.
func TestLinesAboveHeadings(t *testing.T) {
	for above, want := range map[int]string{0: "“Caller”", 10: "“Caller”", 11: "?"} {
		text := strings.Repeat("Scams of this month\n", above) + "Caller,Victim phone\n02079460401,02079460501\n02079460577,02079460502\n02079460433,02079460503\n"
		if got, _, _ := chosen(t, Callers, text); !strings.HasPrefix(got, want) {
			t.Errorf("%d lines: %s", above, got)
		}
	}
}
