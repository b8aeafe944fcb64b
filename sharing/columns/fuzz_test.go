package columns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// judged is what is chosen of rows, or asked, without the examples, which depend on what comes first.
func judged(t *testing.T, use Use, headings []string, rows [][]string) (string, Choice, error) {
	t.Helper()
	judge, err := NewJudge(use, "GB", headings)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		judge.Add(row)
	}
	choice, err := judge.Choose(nil, false)
	var q *Question
	if errors.As(err, &q) {
		var could []int
		for _, c := range q.Candidates {
			could = append(could, c.Index)
		}
		return fmt.Sprint("?", q.Rows, could), choice, err
	}
	var left []string
	for _, row := range rows {
		if choice.LeavesOut(row) != "" {
			left = append(left, strings.Join(row, "|"))
		}
	}
	slices.Sort(left)
	return fmt.Sprint(choice.Indexes(), choice.Sure, choice.SureOf, choice.Understood, left), choice, nil
}

// Whatever is in a table: nothing panics, the order of the rows makes no difference, and nobody else's column is ever certain.
func FuzzColumns(f *testing.F) {
	for _, seed := range []string{
		"Number,Phone\n02079460666,07700900123\n02079460667,07700900124\n",
		"Caller Number;Called Number;Duration\n02079460666;02079460100;12\n",
		"number,tellows score\n02079460666,9\n02079460667,5\n02079460668,2\n",
		"number,spam score (0-100)\n02079460666,90\n02079460667,5\n",
		"id,phone,status\n2079460101,02079460666,active\n2079460102,02079460667,removed\n2079460103,02079460668,3\n",
		"a\tb\n1764320000\t4.4E+11\n",
		"Victim telephone|Notes\n07700900123|x\n",
		"sep=;\nTyp;Rufnummer;Eigene Rufnummer\n1;030123456;03023125100\n4;030123457;03023125100\n",
		"02079460666,07700900123,x\n",
		"n,n,n,n,n,n,n,n,n,n\n" + strings.Repeat("02079460666,", 9) + "02079460666\n",
	} {
		f.Add(seed, uint64(1))
	}
	f.Add("2\t\xb200A\n100000000000000\t0,0E+00", uint64(1)) // a column that is called as another stands
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > 8<<10 {
			return
		}
		lines := strings.Split(text, "\n")
		for _, use := range []Use{Callers, People} {
			layout, err := LayoutOf(lines, use, "GB")
			if err != nil {
				t.Fatal(err)
			}
			var headings []string
			var rows [][]string
			for at, line := range lines {
				switch {
				case at == layout.Header:
					headings = Split(line, layout.Separator)
				case at != layout.Declared && strings.TrimSpace(line) != "":
					rows = append(rows, Split(line, layout.Separator))
				}
			}
			got, choice, err := judged(t, use, headings, rows)
			if err == nil && slices.ContainsFunc(choice.Numbers, func(c Column) bool { return c.Owner == Else || c.Owner == NoPhone }) {
				t.Errorf("somebody else's column is certain: %s", got)
			}
			shuffled := slices.Clone(rows)
			rand.New(rand.NewPCG(seed, seed)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] }) //nolint:gosec // to be repeated
			if again, _, _ := judged(t, use, headings, shuffled); again != got {
				t.Errorf("in another order: %s, not %s", again, got)
			}
			if choice.Name != "" {
				judge, _ := NewJudge(use, "GB", headings)
				for _, row := range rows {
					judge.Add(row)
				}
				if found, err := judge.wanted([]string{choice.Name}); err != nil || !slices.Equal(found, choice.Indexes()) {
					t.Errorf("%q finds %v, not %v: %v", choice.Name, found, choice.Indexes(), err)
				}
			}
		}
	})
}
