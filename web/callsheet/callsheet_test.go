package callsheet

import (
	"encoding/csv"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

func london(t *testing.T) Place {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return Place{"GB", zone}
}

func these(calls ...store.LoggedCall) iter.Seq2[store.LoggedCall, error] {
	return func(yield func(store.LoggedCall, error) bool) {
		for _, c := range calls {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// sheet writes calls and reads them again.
func sheet(t *testing.T, calls ...store.LoggedCall) [][]string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, these(calls...), london(t)); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\xef\xbb\xbf")
	if !marked || strings.Count(text, "\r\n") != strings.Count(text, "\n") {
		t.Errorf("%q", b.String())
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[0], header) {
		t.Errorf("%q", rows[0])
	}
	return rows[1:]
}

func TestRows(t *testing.T) {
	at := time.Date(2026, 10, 25, 0, 31, 4, 999e6, time.UTC) // in the hour that London has twice
	joan := store.LoggedCall{Contact: "Zoë, \"Joan\"", ContactID: 7, Call: store.Call{
		ID: 3, At: at, Number: "+442079460001", Presentation: screening.Allowed, Name: "J", Action: screening.Ring, Outcome: "talked", Ended: at.Add(time.Minute),
		Steps:   []store.Step{{At: at.Add(10 * time.Second), Step: calllog.PickedUp{}}},
		Reasons: []screening.Reason{{Code: "contact", Text: "Zoë is one of the household's contacts."}, {Code: "doubtful", Text: "It may be false."}},
	}}
	later := at.Add(time.Hour)
	stranger := store.LoggedCall{Call: store.Call{
		ID: 4, At: later, Presentation: screening.Withheld, Said: "02079460999", Action: screening.Message, Outcome: "message-left", Ended: later.Add(time.Minute),
		Recordings: []store.Recording{{Kind: "name", Length: 3200 * time.Millisecond}, {Kind: "message", Length: 42 * time.Second}},
	}}
	got := sheet(t, joan, stranger)
	want := [][]string{
		{
			"3", "2026-10-25", "01:31:04", "2026-10-25T01:31:04+01:00", "Europe/London", "020 7946 0001", `Zoë, "Joan"`, "yes", "Rang",
			`Talked for 50 seconds`, "Zoë is one of the household's contacts. It may be false.", "50", "", "", "",
		},
		{
			"4", "2026-10-25", "01:31:04", "2026-10-25T01:31:04+00:00", "Europe/London", "Number withheld", "", "no", "Message only", "Left a message (0:42)", "",
			"", "3", "42", "no",
		},
	}
	for i := range want {
		if i >= len(got) || !slices.Equal(got[i], want[i]) {
			t.Errorf("%q\nnot\n%q", got, want)
		}
	}
}

// Whatever a caller calls itself, no spreadsheet computes it.
func TestFormulas(t *testing.T) {
	for name, want := range map[string]string{
		`=HYPERLINK("http://example.org","NHS")`: `'=HYPERLINK("http://example.org","NHS")`,
		"+1+1":                                   "'+1+1",
		"-1":                                     "'-1",
		"@SUM(A1)":                               "'@SUM(A1)",
		"\t=1+1":                                 "'=1+1", // white space goes, and hides nothing
		"\r\n=1":                                 "'=1",
		"＝1":                                     "'＝1",
		"\u202e=1":                               "'=1",
		"'=1":                                    "''=1",
		"|cmd":                                   "'|cmd",
		"＋1":                                     "'＋1",
		"NHS":                                    "NHS",
		"A, \"B\"\n":                             `A, "B"`,
	} {
		c := store.LoggedCall{Call: store.Call{Name: name, Number: "+12015550123", Outcome: "=1", Ended: time.Now(), Reasons: []screening.Reason{{Text: "=1"}}}}
		got := sheet(t, c)[0]
		if got[6] != want {
			t.Errorf("%q is %q", name, got[6])
		}
		for i, field := range got {
			if strings.ContainsAny(field[:min(1, len(field))], "=+-@|\t\r\n") {
				t.Errorf("%s is %q", header[i], field)
			}
		}
	}
}

type full struct{ room int }

var errFull = errors.New("full")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// It ends when the calls or the reader do.
func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	calls := func(yield func(store.LoggedCall, error) bool) {
		if yield(store.LoggedCall{}, nil) {
			yield(store.LoggedCall{}, broken)
		}
	}
	if err := Write(&strings.Builder{}, calls, london(t)); !errors.Is(err, broken) {
		t.Error(err)
	}
	endless := func(yield func(store.LoggedCall, error) bool) {
		for yield(store.LoggedCall{}, nil) {
		}
	}
	for _, room := range []int{0, 3, 10000} {
		if err := Write(&full{room}, endless, london(t)); !errors.Is(err, errFull) {
			t.Error(err)
		}
	}
}
