package script

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Tables are what is known of the scripts of one language.
type Tables struct {
	language                          string
	dictionary                        dictionary
	sentences                         sentences
	claims, hooks, asks, sales, calms []evidence
	urgent, recorded                  *regexp.Regexp
	weights                           map[string]int // what words weigh; of a language that has none, nothing
}

// evidence is something that callers say.
type evidence struct {
	name         string
	with         []string
	says, advice string
	weights      [3]*regexp.Regexp // what weighs one, two and three; nil for none
}

// sentences are how reasons are said. {…} is replaced by what was found.
type sentences struct {
	ClaimAndHook string `toml:"claim-and-hook"`
	Claim        string `toml:"claim"`
	Hook         string `toml:"hook"`
	Ask          string `toml:"ask"`
	Sales        string `toml:"sales"`
}

// tablesFile is a file of tables/. tables/README.md says what each part is.
type tablesFile struct {
	Language  string              `toml:"language"`
	Sentences sentences           `toml:"sentences"`
	Numbers   []string            `toml:"numbers"`
	Within    []string            `toml:"within-numbers"`
	Skipped   []string            `toml:"skipped"`
	Names     []string            `toml:"names"`
	Symbols   map[string]string   `toml:"symbols"`
	Heard     map[string]string   `toml:"heard"`
	Words     map[string][]string `toml:"words"`
	Urgent    []string            `toml:"urgent"`
	Recorded  []string            `toml:"recorded"`
	Claims    []evidenceFile      `toml:"claim"`
	Hooks     []evidenceFile      `toml:"hook"`
	Asks      []evidenceFile      `toml:"ask"`
	Sales     []evidenceFile      `toml:"sale"`
	Calms     []evidenceFile      `toml:"calm"`
}

type evidenceFile struct {
	Name   string   `toml:"name"` // for With
	With   []string `toml:"with"` // a claim that says nothing without one of these
	Says   string   `toml:"says"`
	Advice string   `toml:"advice"`
	Weak   []string `toml:"weak"`
	Strong []string `toml:"strong"`
	Alone  []string `toml:"alone"`
}

// Load reads the tables of a language. A file with a fault is refused as a whole, with what is wrong and, where it can be told, the line.
func Load(file []byte) (*Tables, error) {
	var f tablesFile
	if err := toml.NewDecoder(bytes.NewReader(file)).DisallowUnknownFields().Decode(&f); err != nil {
		return nil, explain(err)
	}
	if err := f.complete(); err != nil {
		return nil, err
	}
	t := &Tables{language: f.Language, sentences: f.Sentences}
	if err := t.dictionary.fill(f); err != nil {
		return nil, err
	}
	names, err := t.dictionary.lists(f.Words)
	if err != nil {
		return nil, err
	}
	var faults []error
	if t.urgent, err = t.dictionary.compile(f.Urgent, names); err != nil {
		faults = append(faults, fmt.Errorf("urgent: %w", err))
	}
	if t.recorded, err = t.dictionary.compile(f.Recorded, names); err != nil {
		faults = append(faults, fmt.Errorf("recorded: %w", err))
	}
	for _, part := range []struct {
		name string
		from []evidenceFile
		into *[]evidence
	}{{"claim", f.Claims, &t.claims}, {"hook", f.Hooks, &t.hooks}, {"ask", f.Asks, &t.asks}, {"sale", f.Sales, &t.sales}, {"calm", f.Calms, &t.calms}} {
		for i, from := range part.from {
			e, err := t.dictionary.evidence(part.name, from, names)
			if err != nil {
				faults = append(faults, fmt.Errorf("[[%s]] %d (%s): %w", part.name, i+1, from.Says, err))
			}
			*part.into = append(*part.into, e)
		}
	}
	faults = append(faults, t.unknownNames()...)
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

// unknownNames are names that claims want beside them and that no hook and no ask has.
func (t *Tables) unknownNames() (faults []error) {
	named := map[string]bool{}
	for _, e := range slices.Concat(t.hooks, t.asks) {
		named[e.name] = true
	}
	for _, e := range t.claims {
		for _, name := range e.with {
			if name == "" || !named[name] {
				faults = append(faults, fmt.Errorf("[[claim]] (%s): no hook and no ask has the name %q", e.says, name))
			}
		}
	}
	return faults
}

// explain adds the line to an error of the TOML.
func explain(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		line, _ := unknown.Errors[0].Position()
		return fmt.Errorf("line %d: nothing is called %s", line, strings.Join(unknown.Errors[0].Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, _ := wrong.Position()
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// complete refuses a file in which something is missing that every language has.
func (f *tablesFile) complete() error {
	s := f.Sentences
	switch {
	case f.Language == "":
		return errors.New("language is missing")
	case !strings.Contains(s.ClaimAndHook, "{claim}") || !strings.Contains(s.ClaimAndHook, "{hook}"):
		return errors.New("sentences.claim-and-hook needs {claim} and {hook}")
	case !strings.Contains(s.Claim, "{claim}"):
		return errors.New("sentences.claim needs {claim}")
	case !strings.Contains(s.Hook, "{hook}"):
		return errors.New("sentences.hook needs {hook}")
	case !strings.Contains(s.Ask, "{ask}"):
		return errors.New("sentences.ask needs {ask}")
	case !strings.Contains(s.Sales, "{sale}"):
		return errors.New("sentences.sales needs {sale}")
	case len(f.Claims) == 0 || len(f.Hooks) == 0 || len(f.Asks) == 0:
		return errors.New("there have to be claims, hooks and asks")
	}
	return nil
}

// fill takes what the file says about single words.
func (d *dictionary) fill(f tablesFile) error {
	d.numbers, d.within, d.skipped, d.names = set(f.Numbers), set(f.Within), set(f.Skipped), set(f.Names)
	d.symbols, d.heard = map[string]string{}, map[string][]spelling{}
	for symbol, word := range f.Symbols {
		if len([]rune(symbol)) != 1 || len(strings.Fields(word)) != 1 {
			return fmt.Errorf("symbols: %q = %q has to be a symbol and a word", symbol, word)
		}
		d.symbols[symbol] = word
	}
	for heard, meant := range f.Heard {
		from, to := joinLetters(d.split(heard)), d.split(meant)
		if len(from) == 0 || len(to) == 0 {
			return fmt.Errorf("heard: %q = %q says nothing", heard, meant)
		}
		at := d.heard[from[0]]
		i := 0
		for i < len(at) && len(at[i].heard) >= len(from) {
			i++
		}
		d.heard[from[0]] = append(at[:i:i], append([]spelling{{heard: from, meant: to}}, at[i:]...)...)
	}
	return nil
}

func set(words []string) map[string]bool {
	s := make(map[string]bool, len(words))
	for _, w := range words {
		s[w] = true
	}
	return s
}

// lists translates [words]. One list may not use another.
func (d *dictionary) lists(words map[string][]string) (map[string]string, error) {
	names := make(map[string]string, len(words))
	var faults []error
	for name, phrases := range words {
		if len(phrases) == 0 {
			return nil, fmt.Errorf("words.%s is empty", name)
		}
		var all []string
		for _, phrase := range phrases {
			one, err := d.expression(phrase, nil)
			if err != nil {
				faults = append(faults, fmt.Errorf("words.%s: %w", name, err))
			}
			all = append(all, one)
		}
		names[name] = "(?:" + strings.Join(all, "|") + ")"
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return names, nil
}

// evidence takes one piece of it. Only what somebody wants, or says has happened, can be enough by itself, and what calms.
func (d *dictionary) evidence(part string, f evidenceFile, names map[string]string) (evidence, error) {
	e := evidence{name: f.Name, with: f.With, says: f.Says, advice: f.Advice}
	switch {
	case part != "claim" && len(f.With) > 0:
		return e, fmt.Errorf("with is for claims, not for a %s", part)
	case f.Says == "":
		return e, errors.New("says is missing")
	case len(f.Weak)+len(f.Strong)+len(f.Alone) == 0:
		return e, errors.New("there is no phrase")
	case len(f.Alone) > 0 && part != "hook" && part != "ask" && part != "calm":
		return e, fmt.Errorf("a %s is never enough by itself", part)
	}
	for i, phrases := range [][]string{f.Weak, f.Strong, f.Alone} {
		var err error
		if e.weights[i], err = d.compile(phrases, names); err != nil {
			return e, err
		}
	}
	return e, nil
}
