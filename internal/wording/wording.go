// Package wording finds what a native speaker would not say: turns of phrase that must not come back, long sentences, heaps of passives, technical
// words, and sentences that stand twice on one page. It reads what people see and hear: pages, texts in Go code, spoken phrases, documents, examples
// and the texts of packages. "make words" shows what it finds.
package wording

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// A Text is a piece of writing that people see, and the line of the file at which it begins. Its line breaks are those of the file.
type Text struct {
	Line  int
	Words string
}

// A Finding is what a rule objects to.
type Finding struct {
	File  string
	Line  int
	Rule  string
	Words string
	Say   string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: [%s] …%s… (%s)", f.File, f.Line, f.Rule, f.Words, f.Say)
}

// Check reads the repository at root, and returns what its rules find, by file and line. The number is that of the texts that were read.
func Check(root string) (found []Finding, texts int, err error) {
	files := os.DirFS(root)
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains(skippedFolders, name)) {
				return fs.SkipDir
			}
			return nil
		}
		read := readerOf(name)
		if read == nil {
			return nil
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		all, err := read(string(content))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		texts += len(all)
		found = append(found, judge(name, all)...)
		return nil
	})
	return found, texts, err
}

// judge has every rule look at the texts of a file.
func judge(name string, texts []Text) (found []Finding) {
	seen := map[string]int{}
	for _, text := range texts {
		for _, s := range sentences(text) {
			for _, r := range rules {
				if r.where != nil && !r.where(name) {
					continue
				}
				for _, words := range r.find(s.Words) {
					found = append(found, Finding{File: name, Line: s.Line, Rule: r.name, Words: words, Say: r.say})
				}
			}
			if !isPage(name) || countWords(s.Words) < 4 || !strings.ContainsAny(s.Words[len(s.Words)-1:], ".!?") {
				continue
			}
			if line, twice := seen[s.Words]; twice {
				found = append(found, Finding{File: name, Line: s.Line, Rule: "twice", Words: s.Words, Say: fmt.Sprintf("line %d says it already", line)})
			} else {
				seen[s.Words] = s.Line
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return a.Line - b.Line })
	return found
}
