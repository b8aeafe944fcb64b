package list_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"ringfence/sharing/list"
	"ringfence/store"
)

// document is the text that others implement the format by.
func document(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "FORMAT.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced is what stands between the first fence of a language behind a heading and its end.
func fenced(t *testing.T, text, heading, language string) string {
	t.Helper()
	_, after, found := strings.Cut(text, "\n"+heading+"\n")
	_, after, fence := strings.Cut(after, "```"+language+"\n")
	inside, _, end := strings.Cut(after, "```")
	if !found || !fence || !end {
		t.Fatalf("FORMAT.md has no %s behind %q", language, heading)
	}
	return inside
}

// The document's shell lines make a list that is one: nothing more than coreutils, gzip and minisign is needed to publish.
func TestAListMadeByHandAsDocumented(t *testing.T) {
	command := minisignCommand(t)
	dir := t.TempDir()
	if out, err := command("", "-G", "-W", "-s", filepath.Join(dir, "minisign.key"), "-p", filepath.Join(dir, "minisign.pub")); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", fenced(t, document(t), "## Publishing", "sh"))
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	public, err := os.ReadFile(filepath.Join(dir, "minisign.pub"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := list.ParseKey(string(public))
	if err != nil {
		t.Fatal(err)
	}
	m, entries := contents(t, dir, key)
	if err := m.Fresh(time.Now()); err != nil || len(entries) != 2 || entries[1].Digits != "442079460123" || entries[1].Category != "bank" {
		t.Errorf("%+v %+v %v", m, entries, err)
	}
}

// The document's examples are what the code reads, and it names every category and step.
func TestTheDocumentIsTrue(t *testing.T) {
	text := document(t)
	if _, err := list.Parse([]byte(fenced(t, text, "## The manifest", "json")), list.DefaultLimits()); err != nil {
		t.Errorf("the manifest: %v", err)
	}
	p, file := pack(t, fenced(t, text, "### Entries", "json"))
	if _, err := collect(list.Manifest{}.Full(t.Context(), strings.NewReader(string(file)), p, list.DefaultLimits())); err != nil {
		t.Errorf("the entries: %v", err)
	}
	p, file = pack(t, fenced(t, text, "### Deltas", "json"))
	p.From = 41
	if _, err := collect(list.Manifest{}.Delta(t.Context(), strings.NewReader(string(file)), p, list.DefaultLimits())); err != nil {
		t.Errorf("the delta: %v", err)
	}
	for _, word := range append(store.Categories(), list.Steps()...) {
		if !strings.Contains(text, "`"+word+"`") {
			t.Errorf("the document does not name %s", word)
		}
	}
	published, err := json.Marshal(parish)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(published, &members); err != nil {
		t.Fatal(err)
	}
	for name := range members {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the document does not explain %s", name)
		}
	}
}

// How many have reported a number is told in the steps of the document.
func TestSteps(t *testing.T) {
	for reporters, want := range map[int]string{-1: "", 0: "", 1: "1", 2: "2-4", 4: "2-4", 5: "5-9", 9: "5-9", 10: "10-19", 19: "10-19", 20: "20+", 10_000: "20+"} {
		if got := list.Step(reporters); got != want {
			t.Errorf("%d are %q, not %q", reporters, got, want)
		}
	}
}
