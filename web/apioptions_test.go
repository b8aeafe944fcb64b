package web

import (
	"flag"
	"fmt"
	"html"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

var update = flag.Bool("update", false, "write the options in api/openapi.yaml from their table, and add new names of it to testdata")

// The description for programs has every option, as the table has it. It is made with: go test ./web -run Description -update
func TestDescriptionOfTheOptions(t *testing.T) {
	const file = "api/openapi.yaml"
	var names, properties []string
	for _, o := range household.Options() {
		if o.JSON == "" {
			continue
		}
		names = append(names, o.JSON)
		properties = append(properties, "        "+o.JSON+": "+schemaOf(o)+"\n")
	}
	want := `    Options:
      allOf:
        - $ref: "#/components/schemas/SomeOptions"
        - required: [` + strings.Join(names, ", ") + `]
    SomeOptions:
      type: object
      properties:
` + strings.Join(properties, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), "    Options:\n")
	_, after, found := strings.Cut(rest, "    Schedule:\n")
	if !found {
		t.Fatal("the description has no options")
	}
	if made := before + want + "    Schedule:\n" + after; *update && made != string(text) {
		if err := os.WriteFile(file, []byte(made), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if made != string(text) {
		t.Error("the options in api/openapi.yaml are not as their table: make them with `go test ./web -run Description -update`")
	}
}

func schemaOf(o household.Option) string {
	switch o.Input {
	case household.Switch:
		return "{ type: boolean }"
	case household.Number:
		return "{ type: number, minimum: 0, exclusiveMinimum: true, maximum: 1 }"
	case household.Hours:
		return fmt.Sprintf("{ type: number, minimum: %g, maximum: %g }", screening.ShortestEmergency.Hours(), screening.LongestEmergency.Hours())
	case household.PhoneNumber:
		return fmt.Sprintf("{ type: string, description: %q }", screening.Capital(o.Help)+"; empty for none")
	}
	if o.Input == household.CountryRules {
		return fmt.Sprintf("{ type: string, description: %q }", screening.Capital(o.Help)+": "+o.Typed)
	}
	if o.Kind != "" {
		return `{ $ref: "#/components/schemas/Policy" }`
	}
	var words []string
	for _, v := range o.Values {
		word := v.Word
		if word == "on" || word == "off" { // which YAML takes for true and false
			word = `"` + word + `"`
		}
		words = append(words, word)
	}
	return "{ type: string, enum: [" + strings.Join(words, ", ") + "] }"
}

// another is a value that an option can have and has not, as it is typed and as programs send it.
func another(o household.Option) (word, json string) {
	word = map[string]string{
		"threshold": "0.8", "emergency": "48h", "carer-number": "07700 900123", "countries": "NG=turn-away", "title": "The bungalow", "keep-days": "100", "region": "FR",
	}[o.Name]
	if word == "" {
		word = o.Values[len(o.Values)-1].Word
	}
	switch o.Input {
	case household.Switch:
		return word, strconv.FormatBool(word == "on")
	case household.Number, household.Hours:
		return word, strings.TrimSuffix(word, "h")
	}
	return word, strconv.Quote(word)
}

// formOfOption is the page on which an option is chosen, and where its form goes.
func formOfOption(o household.Option) (page, to string) {
	switch {
	case o.Name == "threshold":
		return "/h/mum/lists", "/h/mum/lists/threshold"
	case o.Name == "alerts-at-home":
		return "/h/mum/alerts", "/h/mum/alerts/at-home"
	case o.Page == household.PageWeek:
		return "/h/mum/settings/week", "/h/mum/settings/week/contacts"
	}
	return "/h/mum/settings/" + o.Page, "/h/mum/settings/" + o.Page
}

// fill is a form with everything as it is but one option.
func fill(t *testing.T, s *site, o household.Option, word string) []string {
	t.Helper()
	a := s.Admin(s.visitor("owner"))
	chosen, err := a.Chosen(t.Context())
	s.ok(err)
	same := optionsOf(o.Page)
	if o.Page == "" {
		same = []household.Option{o}
	}
	fields := []string{"was", chosen.Seen(same...)}
	for _, other := range same {
		value := other.Word(chosen)
		if other.Name == o.Name {
			value = word
		}
		if other.Input != household.Switch || value == "on" {
			fields = append(fields, other.Name, value)
		}
	}
	return fields
}

// visitor is somebody with the household mum in front of them.
func (s *site) visitor(who string) *backend.Visitor {
	s.t.Helper()
	for _, h := range s.Households() {
		if h.Name == "mum" {
			return &backend.Visitor{Household: h, Person: s.people[who], Now: siteNow}
		}
	}
	s.t.Fatal("there is no household")
	return nil
}

// Every option is the same deed by a page and by a program: the same word in the audit log, what was before and what after, who it was
// and by what way. The command is held to the same in cmd/ringfence.
func TestEveryOptionByPageAndProgram(t *testing.T) {
	t.Parallel()
	for _, o := range household.Options() {
		word, json := another(o)
		ways := map[store.Way]func(s *site){
			store.WayPage: func(s *site) {
				_, to := formOfOption(o)
				s.as("owner").follows(to, fill(t, s, o, word)...)
			},
		}
		if o.Input == household.CountryRules { // a page adds rules and removes them: countries_test.go
			delete(ways, store.WayPage)
		}
		if o.JSON != "" {
			ways[store.WayProgram] = func(s *site) {
				p := s.program("owner", store.ScopeChange, "")
				p.wants(p.json(http.MethodPatch, "households/mum/options", `{"`+o.JSON+`":`+json+`}`), 200, `"`+o.JSON+`":`)
			}
		}
		for way, do := range ways {
			s := newSite(t)
			if o.Name == "carer-when" {
				s.ok(s.db.SetOption(t.Context(), "mum", "carer_number", "+447700900456"))
			}
			a := s.Admin(s.visitor("owner"))
			was, err := a.Chosen(t.Context())
			s.ok(err)
			do(s)
			now, err := a.Chosen(t.Context())
			s.ok(err)
			lines, err := s.db.AuditLog(t.Context(), "mum", 0, 1)
			s.ok(err)
			l := lines[0]
			if o.Word(now) != word || l.What != "option-changed" || l.Way != way || l.Before != o.Words(was) || l.After != o.Words(now) ||
				l.Text != o.Sentence(now) || !strings.HasPrefix(l.By, "Owner Taylor") || l.Person != s.people["owner"].ID {
				t.Errorf("%s by %s is %s: %+v", o.Name, way, o.Word(now), l)
			}
		}
	}
}

// A form of options that is sent after somebody else has changed one of them is refused, with what they have changed, and nothing of
// either is lost.
func TestStaleFormsOfOptions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, o := range household.Options() {
		word, _ := another(o)
		if o.Name == "carer-when" || o.Input == household.CountryRules { // as its number; and its form adds to what there is
			continue
		}
		page, to := formOfOption(o)
		ben := s.as("owner")
		stale := fill(t, s, o, word)
		if body := ben.get(page).body; !strings.Contains(html.UnescapeString(body), stale[1]) {
			t.Errorf("%s does not carry what it shows: %s", page, stale[1])
		}
		s.as("owner").follows(to, stale...)
		now, err := s.Admin(s.visitor("owner")).Chosen(t.Context())
		s.ok(err)
		a := ben.post(to, stale...)
		said := strings.TrimSuffix(strings.TrimSuffix(o.Sentence(now), "."), " from now on")
		if text := html.UnescapeString(a.body); a.status != http.StatusUnprocessableEntity && a.status != http.StatusConflict ||
			!strings.Contains(text, "nothing is saved yet") || !strings.Contains(text, said) {
			t.Errorf("%s: answered %d without %q: %s", o.Name, a.status, said, faultIn(text))
		}
	}
}

// The fault that was: two people open the checks, one has hidden numbers turned away, and the other saves something else.
func TestChecksSavedByTwo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	guard, _ := household.OptionByName("dial-guard")
	anna, ben := s.as("owner"), s.as("carer")
	checks := fill(t, s, guard, "on")
	ben.follows("/h/mum/settings/checks", "was", was(t, ben.get("/h/mum/settings/checks").body), "withheld", "turn-away", "human-check", "off")
	anna.refuses("/h/mum/settings/checks", "Callers who hide their number: “Turn them away”", checks...)
	// The page has what there is now: pressed once more, it does not undo what the other has chosen.
	if again := anna.post("/h/mum/settings/checks", checks...).body; !strings.Contains(again, `name="dial-guard" value="on"`) {
		t.Error("the page has what was typed, as if it had been chosen since")
	}
	if h := s.home(t); h.Policy.Withheld != screening.TurnAway || h.DialGuard {
		t.Errorf("%+v", h)
	}
}

// So it is with the mode.
func TestStaleFormOfTheMode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const page = "/h/mum/settings/mode"
	anna, ben := s.as("owner"), s.as("carer")
	was := was(t, anna.get(page).body)
	ben.follows(page, "was", was, "mode", "known-only")
	anna.refuses(page, "It is now: “Only people you know” holds", "was", was, "mode", "off")
	if h := s.home(t); h.Mode != screening.KnownOnly {
		t.Errorf("%+v", h)
	}
}

// The mode, an expected call and the schedule are the same deeds by a page and by a program. Commands are held to the same in cmd/ringfence.
func TestModeAndScheduleByPageAndProgram(t *testing.T) {
	t.Parallel()
	const night = "Every day, 22:00 to 07:00 the next morning: quiet hours."
	for _, c := range []struct {
		what, before, after string
		page                []string
		method, path, json  string
	}{
		{"mode-changed", "Ask who it is", "Only people you know", []string{"settings/mode", "mode", "known-only"}, "PUT", "mode", `{"mode":"known-only"}`},
		{
			"mode-changed", "Ask who it is", "Off until today at 13:00", []string{"settings/mode", "mode", "off", "until", "2h"},
			"PUT", "mode", `{"mode":"off","until":"2026-11-24T13:00:00Z"}`,
		},
		{"expecting", "", "until today at 13:00", []string{"settings/mode/expect"}, "PUT", "expecting", `{}`},
		{
			"schedule-changed", "Every hour is the same.", night,
			[]string{"settings/week/add", "day", "mon-sun", "from", "22:00", "to", "07:00", "what", "quiet"}, "PUT", "schedule", `{"spans":["daily 22:00-07:00 quiet"]}`,
		},
	} {
		for _, way := range []store.Way{store.WayPage, store.WayProgram} {
			s := newSite(t)
			if way == store.WayPage {
				s.as("carer").follows("/h/mum/"+c.page[0], c.page[1:]...)
			} else {
				p := s.program("carer", store.ScopeChange, "")
				p.wants(p.json(c.method, "households/mum/"+c.path, c.json), 200)
			}
			lines, err := s.db.AuditLog(t.Context(), "mum", 0, 1)
			s.ok(err)
			if l := lines[0]; l.What != c.what || l.Way != way || l.Before != c.before || l.After != c.after || !strings.HasPrefix(l.By, "Carer Taylor") {
				t.Errorf("%s: %+v", way, l)
			}
		}
	}
}
