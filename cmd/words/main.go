// Command words shows what a native speaker would not say in pages, texts, prompts and documents, and takes from internal/wording/pending.txt what has
// been mended. "make words" runs it. Arguments are files or folders to show alone.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"ringfence/internal/wording"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "words:", err)
		os.Exit(1)
	}
}

func run(only []string) error {
	found, _, err := wording.Check(".")
	if err != nil {
		return err
	}
	kept, err := os.ReadFile(wording.PendingFile)
	if err != nil {
		return err
	}
	pending, now := wording.ReadPending(string(kept)), wording.Count(found)
	rules := map[string]int{}
	for _, f := range found {
		rules[f.Rule]++
		if len(only) == 0 || slices.ContainsFunc(only, func(o string) bool { return strings.HasPrefix(f.File, o) }) {
			fmt.Println(f)
		}
	}
	for rule, n := range rules {
		fmt.Printf("%5d %s\n", n, rule)
	}
	if lower := pending.Lower(now).String(); lower != string(kept) {
		if err := os.WriteFile(wording.PendingFile, []byte(lower), 0o600); err != nil {
			return err
		}
	}
	if more := pending.More(now); len(more) > 0 {
		return fmt.Errorf("more findings than %s lets them have: %s", wording.PendingFile, strings.Join(more, ", "))
	}
	return nil
}
