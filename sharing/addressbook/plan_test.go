package addressbook

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/store"
)

func house() Household {
	return Household{
		Region: "GB", Own: "+442079460100",
		Contacts: []store.Contact{
			{ID: 1, Name: "Mum", Numbers: []screening.Number{"+442079460001"}},
			{ID: 2, Name: "+447700900999", Numbers: []screening.Number{"+447700900999"}},
			{ID: 3, Name: "Dr Patel", Numbers: []screening.Number{"+441164960123"}, Notes: "kind"},
		},
		Blocks: []screening.Block{{Digits: "442079460666", Note: "says Microsoft"}, {Digits: "4490987", Prefix: true}, {Digits: "4420794607", Prefix: true}},
	}
}

// checkPlan: what is planned fits into the store, and no number is there twice.
func checkPlan(t *testing.T, plan Plan) {
	t.Helper()
	seen := map[screening.Number]bool{}
	for _, c := range plan.Contacts() {
		if c.ID == 0 && (c.Name == "" || len(c.Numbers) == 0) || len(c.Numbers) > store.MaxContactNumbers || utf8.RuneCountInString(c.Name) > store.MaxContactName ||
			utf8.RuneCountInString(c.Notes) > store.MaxContactNotes || c.Name != screening.CleanLine(c.Name, 1000) {
			t.Fatalf("%+v", c)
		}
		for _, n := range c.Numbers {
			if seen[n] || n.Key() == 0 || n == house().Own {
				t.Fatalf("%s in %+v", n, plan.Contacts())
			}
			seen[n] = true
		}
	}
}

func planned(t *testing.T, rows ...Row) Plan {
	t.Helper()
	for i := range rows {
		row := &rows[i]
		row.Line = 10 * (i + 1)
		for n := range row.Numbers {
			row.Numbers[n].Line = row.Line + n + 1
		}
	}
	plan := Make(Book{Rows: rows}, house())
	checkPlan(t, plan)
	return plan
}

func row(name string, numbers ...string) Row {
	r := Row{Name: name}
	for _, n := range numbers {
		r.Numbers = append(r.Numbers, Number{Text: n})
	}
	return r
}

func TestWhatBecomesOfARow(t *testing.T) {
	for _, test := range []struct {
		row  Row
		want string // kind, whom it goes to, how many numbers
		said string // words of its remarks and refusals
	}{
		{row("Vet", "020 7946 0009", "0207 946 0009", "+44 (0)20 7946 0009"), "new  1", ""},
		{row("mum", "020 7946 0001", "07700 900123"), "added Mum 1", ""},
		{row("Margaret", "020 7946 0001", "07700 900123"), "added Mum 1", ""},
		{row("Mum", "020 7946 0001"), "there Mum 0", ""},
		{row("Steven", "07700 900999"), "added +447700900999 0", "gets this name"},
		{row("", "07700 900999"), "there +447700900999 0", ""},
		{row("", "020 7946 0009"), "new  1", ""},
		{row("Dr Patel", "020 7946 0001", "020 7946 0009"), "added Dr Patel 1", "020 7946 0001 is the number of Mum, and stays there"},
		{row("Microsoft", "020 7946 0666"), "nothing  0", "line 11: 020 7946 0666 is blocked by this household (says Microsoft)"},
		{row("Home", "020 7946 0100"), "nothing  0", "line 11: 020 7946 0100 is this household's own number"},
		{row("Police", "101", "999"), "nothing  0", "line 11: 101 is the police|line 12: 999 is the emergency services"},
		{row("Chat", "0909 879 0123"), "new  1", "premium-rate"},
		{row("Neighbour", "020 7946 0701"), "new  1", "begins like the numbers"},
		{row("Wrong", "12", "hello", "020 7946 0009"), "new  1", "line 11: \"12\"|line 12: \"hello\""},
		{row("Excel", "4.47701E+11"), "nothing  0", "lost its digits in a spreadsheet"},
		{row("Two", "020 7946 0008 / 020 7946 0009"), "new  2", ""},
		{row("Two", "020 7946 0008 or 07700 900123"), "new  2", ""},
		{row("Address only"), "no-number  0", ""},
		{row(strings.Repeat("x", 4000), "020 7946 0009"), "new  1", "The name is cut"},
		{Row{Name: "x", Notes: strings.Repeat("x", 3000), Numbers: []Number{{Text: "020 7946 0009"}}}, "new  1", "The notes are cut"},
		{row("\u202eevil\u202c\x00 name", "\u202a020 7946 0009\u202c"), "new  1", ""},
	} {
		s := planned(t, test.row).Steps[0]
		said := s.Remarks
		for _, r := range s.Refused {
			said = append(said, r.String())
		}
		got := fmt.Sprintf("%s %s %d %s", s.Kind, s.Into, len(s.Numbers), strings.Join(said, "|"))
		if !strings.HasPrefix(got, test.want+" ") || test.said == "" && len(said) > 0 {
			t.Errorf("%.20q: %s, not %s", test.row.Name, got, test.want)
		}
		for _, words := range strings.Split(test.said, "|") {
			if !strings.Contains(got, words) {
				t.Errorf("%.20q: %s, not %s", test.row.Name, got, words)
			}
		}
	}
}

// Rows of one name are one contact, with all numbers and notes; two names are two, whose common number is the first one's.
func TestRowsThatBelongTogether(t *testing.T) {
	plan := planned(t,
		Row{Name: "Ann", Notes: "sister", Numbers: []Number{{Text: "020 7946 0011"}, {Text: "07700 900011"}}},
		row("Bob", "020 7946 0011", "07700 900012"),
		Row{Name: "ANN", Notes: "rings late", Numbers: []Number{{Text: "07700 900013"}}},
		row("Kids", "020 7946 0011"),
		row("Bob", "07700 900012"),
		row("Mother", "020 7946 0001", "07700 900014"),
		row("Mother", "07700 900014"),
	)
	var got []string
	for _, s := range plan.Steps {
		got = append(got, fmt.Sprintf("%s %s %d", s.Kind, s.Into, s.IntoLine))
	}
	if want := "new  0,new  0,joined Ann 10,joined Ann 10,joined Bob 20,added Mum 0,there Mum 0"; strings.Join(got, ",") != want {
		t.Errorf("%s\nnot %s", strings.Join(got, ","), want)
	}
	want := []store.Contact{
		{Name: "Ann", Notes: "sister\nrings late", Numbers: []screening.Number{"+442079460011", "+447700900011", "+447700900013"}},
		{Name: "Bob", Numbers: []screening.Number{"+447700900012"}},
		{ID: 1, Numbers: []screening.Number{"+447700900014"}},
	}
	if contacts := plan.Contacts(); !reflect.DeepEqual(contacts, want) {
		t.Errorf("%+v", contacts)
	}
	if plan.Count(New) != 2 || plan.Numbers() != 5 {
		t.Errorf("%d new, %d numbers", plan.Count(New), plan.Numbers())
	}
}

// A row that is left out takes nothing with it that another one brings too.
func TestLeavingRowsOut(t *testing.T) {
	book := Book{Rows: []Row{
		{Line: 1, Name: "Ann", Numbers: []Number{{1, "020 7946 0011"}}}, {Line: 2, Name: "Bob", Numbers: []Number{{2, "020 7946 0011"}}},
	}}
	plan := Make(book.Without(map[int]bool{1: true}), house())
	if contacts := plan.Contacts(); len(contacts) != 1 || contacts[0].Name != "Bob" {
		t.Errorf("%+v", contacts)
	}
}

func TestUnwantedNames(t *testing.T) {
	for name, want := range map[string]bool{"SCAM!! do not answer": true, "Don’t answer": true, "Arnaque EDF": true, "Barclays Fraud Team": false, "Joan": false} {
		if s := planned(t, row(name, "020 7946 0009")).Steps[0]; s.Unwanted != want {
			t.Errorf("%s: %v", name, s.Unwanted)
		}
	}
}

// A contact has no more numbers than it may.
func TestTooManyNumbers(t *testing.T) {
	var r Row
	r.Name = "Switchboard"
	for i := range 60 {
		r.Numbers = append(r.Numbers, Number{Text: fmt.Sprintf("020 7946 %04d", 200+i)})
	}
	plan := planned(t, r)
	if s := plan.Steps[0]; len(s.Numbers) != store.MaxContactNumbers || len(s.Refused) != 10 || !strings.Contains(s.Refused[0].Why, "Switchboard has 50 numbers already") {
		t.Errorf("%+v", s)
	}
}

// A new contact is spoken to in the language of the file, if there is one to speak in; who is there already keeps their own.
func TestLanguages(t *testing.T) {
	with := house()
	with.Language, with.Languages = "en-GB", []string{"en-GB", "en-US", "fr-FR"}
	for written, want := range map[string]string{
		"": "", "fr-FR": "fr-FR", "fr": "fr-FR", "FR_ca": "fr-FR", "en": "", "en-GB": "", "en-US": "en-US",
		"de": "?", "French": "?", "zz-\x00": "?", strings.Repeat("x", 300): "?",
	} {
		r := row("Marie", "020 7946 0070")
		r.Language = written
		step := Make(Book{Rows: []Row{r}}, with).Steps[0]
		told := strings.Contains(strings.Join(step.Remarks, " "), "only in en-GB, en-US, fr-FR: they hear the household's language")
		if want == "?" && (!told || step.Language != "") || want != "?" && (told || step.Language != want) {
			t.Errorf("%q: %q %q", written, step.Language, step.Remarks)
		}
	}
	french := with
	french.Language = "fr-FR"
	r := row("Ann", "020 7946 0072")
	r.Language = "en"
	if step := Make(Book{Rows: []Row{r}}, french).Steps[0]; step.Language != "en-US" {
		t.Errorf("%+v", step)
	}
	known := row("Mum", "020 7946 0071")
	known.Language = "fr"
	if plan := Make(Book{Rows: []Row{known}}, with); plan.Steps[0].Kind != Added || plan.Contacts()[0].Language != "" || len(plan.Steps[0].Remarks) > 0 {
		t.Errorf("%+v", plan.Steps[0])
	}
}

// A contact gets no number that may be somebody else's: a range, a wildcard, or the last digits of a number as one of their own.
func TestContactsGetNobodyElsesNumber(t *testing.T) {
	for text, want := range map[string]string{
		"030 23450-99": "", "030 2345..": "", "030 2345##": "", "030 2345/46": "", "030 2345/3450": "", "030 2345, 2346": "", "030 2345 oder 2346": "", "030 2345-10 bis 99": "", "030 2345 x12": "",
		"0302345 0302346": "", "030 2345-0": "+493023450", "030/2345-99": "+4930234599", "030 2345 / 030 2346": "+49302345 +49302346", "030 2345 oder 030 2346": "+49302345 +49302346",
		"030 2345, +44 20 7946 0123": "+49302345 +442079460123", "030 2345 Durchwahl 12": "+4930234512", "tel:+49-30-2345;ext=12": "+49302345", "030 2345 ext. 12": "+49302345",
	} {
		for form, file := range map[string]string{"vCard": card("FN:A", "TEL:"+text), "CSV": "Name;Telefon\nA;" + text + "\n"} {
			plan := Make(read(t, file), Household{Region: "DE"})
			var got []string
			for _, n := range plan.Steps[0].Numbers {
				got = append(got, string(n))
			}
			if strings.Join(got, " ") != want || want == "" && (len(plan.Refusals()) != 1 || plan.Refusals()[0].Line < 2) {
				if form == "CSV" && strings.Contains(text, ";") {
					continue
				}
				t.Errorf("%s, %q: %v, want %q: %v", form, text, got, want, plan.Refusals())
			}
		}
	}
}
