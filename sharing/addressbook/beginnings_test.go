package addressbook

import (
	"bytes"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// The beginning of numbers comes in from a table or cards, and goes out again as it was.
func TestBeginningsInAndOut(t *testing.T) {
	contacts := []store.Contact{
		{ID: 1, Name: "Wexham Park hospital", Numbers: []screening.Number{"+44175363*", "+441753634567"}},
		{ID: 2, Name: "Charité", Numbers: []screening.Number{"+4930450*"}},
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"csv":   func(to *bytes.Buffer) error { return WriteCSV(to, contacts, "GB") },
		"vcard": func(to *bytes.Buffer) error { return WriteVCard(to, contacts) },
	} {
		var file bytes.Buffer
		if err := write(&file); err != nil {
			t.Fatal(err)
		}
		book, err := Read(&file, british)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := Make(book, Household{Region: "GB"}).Contacts()
		if len(got) != 2 || len(got[0].Numbers) != 2 || got[0].Numbers[0] != "+44175363*" || got[1].Numbers[0] != "+4930450*" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestBeginningsThatAreRefused(t *testing.T) {
	for typed, why := range map[string]string{
		"020 7946*":    "this household's own number", // +44 20 7946 0100
		"0209*":        "too many numbers",
		"07*":          "too many numbers",
		"0909 879*":    "premium-rate",
		"020 7946 07*": "are blocked by this household",
		"01753*63*":    "isn't the beginning",
	} {
		plan := planned(t, row("Ward", typed))
		if refused := plan.Refusals(); len(refused) != 1 || !strings.Contains(refused[0].Why, why) || len(plan.Contacts()) != 0 {
			t.Errorf("%s: %+v", typed, refused)
		}
	}
	if plan := planned(t, row("Ward", "01753 63*")); len(plan.Contacts()) != 1 || !strings.Contains(strings.Join(plan.Steps[0].Remarks, " "), "a fraudster who shows one of these rings") {
		t.Errorf("%+v", plan)
	}
}
