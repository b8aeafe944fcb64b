package household

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/options.md from the table of options")

// The document has every option, as the table has it. It is made with: go test ./household -run Document -update
func TestDocumentOfTheOptions(t *testing.T) {
	const file = "../docs/options.md"
	var text strings.Builder
	text.WriteString(`# The options

For owners and carers: what a household can choose besides its mode, schedule, contacts, blocks and lists. Choose it on the pages or with
` + "`ringfence option NAME VALUE`" + `; those with a name for programs also with ` + "`PATCH /api/v1/households/…/options`" + ` ([api.md](api.md)).

| option | values | for programs | what it is for |
| --- | --- | --- | --- |
`)
	for _, o := range Options() {
		json := "-"
		if o.JSON != "" {
			json = "`" + o.JSON + "`"
		}
		values := strings.ReplaceAll(o.Typed, "|", "`, `")
		fmt.Fprintf(&text, "| `%s` | `%s` | %s | %s |\n", o.Name, values, json, o.Help)
	}
	if *update {
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := os.ReadFile(file); err != nil || string(has) != text.String() {
		t.Errorf("docs/options.md is not as the table of options: make it with `go test ./household -run Document -update` (%v)", err)
	}
}
