package softphone

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whoever speaks in the demonstration can do so in the package's program, too, which has not all voices ("go test -tags packed").
func TestDemonstrationHasItsVoices(t *testing.T) {
	sources, err := filepath.Glob("../demo/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(source)
	}
	speak := 0
	for _, found := range regexp.MustCompile(`"([a-z-]+)"`).FindAllStringSubmatch(text.String(), -1) {
		if _, err := os.Stat("voices/" + found[1] + ".wav"); err != nil {
			continue // another word
		}
		speak++
		if _, err := Voice(found[1]); err != nil {
			t.Error(err)
		}
	}
	if speak < 6 {
		t.Errorf("only %d speak", speak)
	}
}
