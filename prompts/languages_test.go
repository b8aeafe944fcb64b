package prompts

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pelletier/go-toml/v2"
)

// What every language's pack has to keep to: the same phrases as the others, and of each phrase its words and its two recordings.
func TestEveryPhraseHasItsWordsAndRecordings(t *testing.T) {
	for _, fault := range faults(os.DirFS(".")) {
		t.Error(fault)
	}
}

// faults lists what packs lack, or have too much.
func faults(packs fs.FS) []string {
	var found []string
	fault := func(words string, args ...any) { found = append(found, fmt.Sprintf(words, args...)) }
	files, _ := fs.Glob(packs, "*.toml")
	var original []string
	for _, file := range files { // en-GB.toml is the first
		language := strings.TrimSuffix(file, ".toml")
		names := namesIn(packs, file, fault)
		if original == nil {
			original = names
		} else if !slices.Equal(names, original) {
			fault("%s.toml lacks %v of the other languages, and has %v more", language, without(original, names), without(names, original))
		}
		for _, rate := range []Rate{Narrow, Wide} {
			var recorded []string
			for _, file := range must(fs.Glob(packs, language+"/*"+rate.ending())) {
				recorded = append(recorded, strings.TrimSuffix(path.Base(file), rate.ending()))
			}
			for _, name := range without(names, recorded) {
				fault("%s/%s%s is missing: record it, as README.md tells", language, name, rate.ending())
			}
			for _, name := range without(recorded, names) {
				fault("%s/%s%s has no phrase: remove it", language, name, rate.ending())
			}
		}
	}
	return found
}

// A name becomes that of a file, and what stands in a dialplan.
var speakable = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// namesIn are the names of the phrases in a file of words, sorted.
func namesIn(packs fs.FS, file string, fault func(string, ...any)) []string {
	var tables map[string]map[string]any
	if err := toml.Unmarshal(must(fs.ReadFile(packs, file)), &tables); err != nil {
		fault("%s: %v", file, err)
	}
	var names []string
	for _, table := range tables {
		for name, words := range table {
			if text, ok := words.(string); !ok || strings.TrimSpace(text) == "" || strings.Contains(text, "\n") {
				fault("%s: the words of %q must be one line of text", file, name)
			}
			if !speakable.MatchString(name) {
				fault("%s: a phrase cannot be called %q: use small letters, digits and hyphens", file, name)
			}
			if _, made := signals[ID(name)]; made || slices.Contains(names, name) {
				fault("%s: there is a phrase called %q already", file, name)
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// without are the names that others lacks.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

func must[T any](got T, err error) T {
	if err != nil {
		panic(err)
	}
	return got
}

func TestWhatIsWrongWithAPackIsFound(t *testing.T) {
	const yes, oui = "[a]\nyes = 'Yes.'", "[a]\nyes = 'Oui.'"
	for name, test := range map[string]struct {
		british, french string
		recorded        string // "yes no"
		missing         string // one file less
		want            string
	}{
		"nothing":                 {british: "[a]\nyes = 'Yes.'\nno = 'No.'", french: "[z]\nno = 'Non.'\nyes = 'Oui.'", recorded: "yes no"},
		"no recording":            {british: yes, french: oui, recorded: "yes", missing: "fr-FR/yes.wav", want: "fr-FR/yes.wav is missing"},
		"no wide recording":       {british: yes, french: oui, recorded: "yes", missing: "en-GB/yes.wav16", want: "en-GB/yes.wav16 is missing"},
		"a recording left over":   {british: yes, french: oui, recorded: "yes no", want: "en-GB/no.wav has no phrase"},
		"no words":                {british: "[a]\nyes = ''", want: `"yes" must be one line`},
		"two lines":               {british: "[a]\nyes = '''Yes.\nYes!'''", want: `"yes" must be one line`},
		"not text":                {british: "[a]\nyes = 1", want: `"yes" must be one line`},
		"twice":                   {british: "[a]\nyes = 'Yes.'\n[b]\nyes = 'Yes!'", want: `called "yes" already`},
		"the tone":                {british: "[a]\ntone = 'Peep.'", want: `called "tone" already`},
		"a name with a space":     {british: "[a]\n'oh yes' = 'Yes.'", want: `cannot be called "oh yes"`},
		"a name with a path":      {british: "[a]\n'../yes' = 'Yes.'", want: `cannot be called "../yes"`},
		"not TOML":                {british: "[a]\nyes = ", want: "en-GB.toml: "},
		"a language lacks one":    {british: "[a]\nyes = 'Yes.'\nno = 'No.'", french: oui, recorded: "yes no", want: "fr-FR.toml lacks [no]"},
		"a language has one more": {british: yes, french: "[a]\nyes = 'Oui.'\nsi = 'Si.'", recorded: "yes", want: "has [si] more"},
	} {
		t.Run(name, func(t *testing.T) {
			packs := fstest.MapFS{"en-GB.toml": {Data: []byte(test.british)}}
			if test.french != "" {
				packs["fr-FR.toml"] = &fstest.MapFile{Data: []byte(test.french)}
			}
			for _, language := range []string{"en-GB", "fr-FR"} {
				for _, name := range strings.Fields(test.recorded) {
					packs[language+"/"+name+".wav"], packs[language+"/"+name+".wav16"] = &fstest.MapFile{}, &fstest.MapFile{}
				}
			}
			delete(packs, test.missing)
			found := strings.Join(faults(packs), "; ")
			if !strings.Contains(found, test.want) || (test.want == "") != (found == "") {
				t.Errorf("found is %q, want %q", found, test.want)
			}
		})
	}
}

// What code plays by name is there: a name that is mistyped would be silence in a call.
func TestEveryConstantIsAPhrase(t *testing.T) {
	source, err := os.ReadFile("phrases.go")
	if err != nil {
		t.Fatal(err)
	}
	constants := regexp.MustCompile(`(?m)^\t\w+ +ID = "(.+)"$`).FindAllSubmatch(source, -1)
	if len(constants) < 100 {
		t.Fatalf("only %d constants were found in phrases.go", len(constants))
	}
	for _, constant := range constants {
		if !slices.Contains(All(), ID(constant[1])) {
			t.Errorf("phrases.go names %q, which is no phrase", constant[1])
		}
	}
}

// What nobody plays need not be recorded: but for the parts of numbers and times, each phrase has a constant that code uses, or stands in the
// dialplan.
func TestEveryPhraseIsPlayed(t *testing.T) {
	read := func(patterns ...string) (text string) {
		for _, pattern := range patterns {
			files, _ := filepath.Glob(pattern)
			for _, file := range files {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.HasSuffix(file, "_test.go") {
					text += string(content)
				}
			}
		}
		return text
	}
	constants := map[string]string{}
	for _, c := range regexp.MustCompile(`(?m)^\t(\w+) +ID = "(.+)"$`).FindAllStringSubmatch(read("phrases.go"), -1) {
		constants[c[2]] = c[1]
	}
	built := regexp.MustCompile(`^(n|at-|feminine-)\d+$`)
	code, dialplan := read("spoken.go", "../ivr/*.go"), read("../asterisk/templates/extensions.conf", "../screening/types.go")
	for _, id := range All() {
		name, where := string(id), dialplan
		if constant, is := constants[name]; is {
			name, where = constant, code
		}
		if !built.MatchString(name) && !regexp.MustCompile(`(^|[^\w-])`+name+`($|[^\w-])`).MatchString(where) {
			t.Errorf("nobody plays %s", id)
		}
	}
}

func TestEveryPackSaysWhereItsRecordingsComeFrom(t *testing.T) {
	for _, language := range Languages() {
		words, err := os.ReadFile(language + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := bytes.Cut(words, []byte("\n\n"))
		for _, want := range []string{"The recordings are machine-made", "the voice is Kokoro-82M, style ", "Apache-2.0"} {
			if !bytes.Contains(head, []byte(want)) {
				t.Errorf("the comment at the top of %s.toml does not say %q", language, want)
			}
		}
	}
}

// The original leads into a recording or a digit without a full stop; so must every other language, and the other way round.
func TestEveryLanguageLeadsOnWhereTheOriginalDoes(t *testing.T) {
	computes(t)
	for _, language := range Languages() {
		for _, id := range All() {
			text := Text(language, id)
			if strings.HasSuffix(text, ".") != strings.HasSuffix(Text("en-GB", id), ".") {
				t.Errorf("%s in %s is %q, and in en-GB %q: one of them ends, the other leads on", id, language, text, Text("en-GB", id))
			}
		}
	}
}

// A phrase that was copied from the original and not translated, and a recording that was.
func TestFrenchIsNotEnglish(t *testing.T) {
	alike := []ID{N6, Plus} // "six" and "plus" are words of both
	for _, id := range All() {
		if Text("fr-FR", id) == Text("en-GB", id) && !slices.Contains(alike, id) {
			t.Errorf("%s is %q in French", id, Text("fr-FR", id))
		}
		for _, language := range []string{"en-US", "fr-FR"} {
			if bytes.Equal(Recording(language, id, Narrow), Recording("en-GB", id, Narrow)) {
				t.Errorf("%s has the recording of en-GB for %s", language, id)
			}
		}
	}
}

func TestAmericanEnglishHasNoBritishWords(t *testing.T) {
	computes(t)
	british := []string{"hash", "dialled", "hold the line", "midday", "premium rate", "telephone"}
	for _, id := range All() {
		for _, word := range british {
			if strings.Contains(strings.ToLower(Text("en-US", id)), word) {
				t.Errorf("%s has the British word %q in American English", id, word)
			}
		}
	}
}

// computes leaves a test out with -short, as "make quick" runs: it only computes, and takes long.
func computes(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long: it runs without -short")
	}
}
