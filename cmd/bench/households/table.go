package main

import (
	"fmt"
	"strconv"
)

// table is what has been measured. A row without a bar is there to explain the others.
type table []row

type row struct{ what, figure, bar string }

func (t *table) add(what, figure, bar string) {
	*t = append(*t, row{what, figure, bar})
	fmt.Printf("  %-62s %s\n", what, figure) // as it goes: the whole takes minutes
}

// cpu adds processor time.
func (t *table) cpu(what string, seconds float64, bar string) {
	t.add(what, strconv.FormatFloat(seconds, 'f', 2, 64)+" CPU-s", bar)
}

// share adds a share of a core.
func (t *table) share(what string, of float64, bar string) {
	t.add(what, strconv.FormatFloat(100*of, 'f', 2, 64)+" % of a core", bar)
}

func (t *table) megabytes(what string, bytes uint64, bar string) {
	t.add(what, strconv.FormatFloat(float64(bytes)/(1<<20), 'f', 1, 64)+" MB", bar)
}

// print prints the table as documents have it.
func (t *table) print(households int) {
	fmt.Printf("\n| %d households | measured | bar |\n| --- | --- | --- |\n", households)
	for _, r := range *t {
		fmt.Printf("| %s | %s | %s |\n", r.what, r.figure, r.bar)
	}
	fmt.Println()
}
