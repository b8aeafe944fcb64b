package script

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// recordedCalls are genuine openings that are recorded calls too, among those of other kinds.
var recordedCalls = []string{
	"Kaiser, you have an appointment", "sheriff's office courtesy line", "this is Walgreens", "automated message from the school",
	"recorded message from Essex County Council", "This is your GP surgery. Press one", "This is British Gas with a reminder",
}

// Of all the people in the openings one is taken for a recording: a neighbour who tells of one.
func TestPeopleAreNoRecordings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.tsv")
	if err != nil || len(files) < 12 {
		t.Fatalf("%q, %v", files, err)
	}
	people, recorded := 0, 0
	for _, file := range files {
		for _, o := range openings(t, filepath.Base(file)) {
			isRecorded := Recorded(o.text)
			if isRecorded {
				recorded++
			}
			isRecording := func(of string) bool { return strings.Contains(o.text, of) }
			if o.truth != "genuine" || strings.HasPrefix(o.kind, "recorded") || slices.ContainsFunc(recordedCalls, isRecording) {
				continue
			}
			people++
			if isRecorded && !strings.Contains(o.text, "press one they say") {
				t.Errorf("%s: %q", file, o.text)
			}
		}
	}
	if people < 1000 || recorded < 50 {
		t.Errorf("of %d people, and %d in all", people, recorded)
	}
	t.Logf("one of %d people; %d of all", people, recorded)
}

func TestRecordingsAreKnownByTheirWords(t *testing.T) {
	file, err := os.ReadFile("../../cmd/robots/texts.toml")
	if err != nil {
		t.Fatal(err)
	}
	var texts struct{ Robots map[string]string }
	if err := toml.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	for name, text := range texts.Robots {
		if !Recorded(text) {
			t.Errorf("%s is taken for a person", name)
		}
	}
	for text, want := range map[string]bool{
		"Press 1 now to speak to an engineer.":                                                                                                         true,
		"Your order has shipped. If you did not place it, please press the star key.":                                                                  true,
		"Your car insurance is about to run out and we want you back. Your car insurance is about to run out and we want you back.":                    true,
		"It's Joan from next door. Hello? It's Joan from next door.":                                                                                   false,
		"Hello, hello, hello, can you hear me? Hello, can you hear me?":                                                                                false,
		"It's Tom, I can't get in, the doorbell does nothing when I press it.":                                                                         false,
		"Your mum's pressed the button on her alarm, can you come to the door?":                                                                        false,
		"It's about the ironing. I press shirts, ten for a fiver.":                                                                                     false,
		"I rang the surgery, and they say to press option two and wait, and I waited, and nobody came, so I rang you, can you ring the surgery for me": false,
		"": false,
	} {
		if Recorded(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
