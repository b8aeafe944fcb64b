package adapter

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/adapter.md from the settings")

const (
	document   = "../../docs/adapter.md"
	tableStart = "<!-- This table is made by: go test ./setup/adapter -run Document -update -->\n"
	tableEnd   = "<!-- end of the table -->\n"
)

// documented is the household of ringfence.example.toml.
var documented = Values{
	Server: "192.168.1.10", Port: "5060", Country: "GB",
	Line: Login{"trunk-line", "the line's password"}, Phone: Login{"home-hall", "the hall's password"},
}

// Whoever types the settings from the document gets the adapter that setup makes.
func TestTheDocumentHasTheSettings(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, began := strings.Cut(string(text), tableStart)
	has, after, ended := strings.Cut(rest, tableEnd)
	if !began || !ended {
		t.Fatalf("%s doesn't say where its table begins and ends", document)
	}
	want := table(documented.Pages())
	if has == want {
		return
	}
	if !*update {
		t.Fatalf("%s isn't what the settings say; have it made again with -update:\n%s", document, want)
	}
	if err := os.WriteFile(document, []byte(before+tableStart+want+tableEnd+after), 0o644); err != nil { //nolint:gosec // a document that everybody may read
		t.Fatal(err)
	}
}

func table(pages []Page) string {
	var b strings.Builder
	b.WriteString("\n| page | field | value |\n| --- | --- | --- |\n")
	for _, p := range pages {
		name := p.Name
		for _, f := range p.Fields {
			value := f[1]
			if strings.Contains(value, "@") { // a tone, which no sentence may be made of
				value = "`" + value + "`"
			}
			b.WriteString("| " + name + " | " + f[0] + " | " + value + " |\n")
			name = ""
		}
	}
	return b.String() + "\n"
}

// The line port is known by its address and takes calls without registering: Asterisk has nowhere to keep a registration of a trunk.
func TestTheLinePortDoesNotRegister(t *testing.T) {
	got := map[string]string{}
	for _, s := range values.settings() {
		got[s.number] = s.value
	}
	for number, want := range map[string]string{"P731": "0", "P813": "1", "P740": "5062", "P778": "0", "P31": "1", "P191": "0", "P3304": "1", "P893": "1"} {
		if got[number] != want {
			t.Errorf("%s is %q, not %q", number, got[number], want)
		}
	}
	if text, err := os.ReadFile("../../asterisk/templates/pjsip.conf"); err != nil || strings.Count(string(text), "max_contacts") != 1 {
		t.Errorf("pjsip.conf has %d AORs that take registrations, and only telephones' should (%v)", strings.Count(string(text), "max_contacts"), err)
	}
}
