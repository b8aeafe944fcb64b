// Command words shows what a native speaker would not say in pages, texts, prompts and documents. "make words" runs it. Arguments are
// files or folders to show alone.
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
	if len(found) > 0 {
		return fmt.Errorf("%d findings", len(found))
	}
	return nil
}
