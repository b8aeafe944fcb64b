package main

import "fmt"

// How many of the robots may be put through, and how many of the people asked for a key. Nobody who presses it may be lost.
const (
	mostThrough = 3
	mostAsked   = 4
)

// report prints what came of the calls, and returns an error if that is not good enough.
func report(results []result) error {
	fmt.Println()
	_, robotsThrough := table("recorded calls", results, true)
	asked, through := table("people", results, false)
	var persons int
	for _, r := range results {
		if !r.robot {
			persons++
		}
	}
	switch {
	case robotsThrough > mostThrough:
		return fmt.Errorf("%d recorded calls were put through, and %d may be", robotsThrough, mostThrough)
	case asked > mostAsked:
		return fmt.Errorf("%d people were asked for a key, and %d may be", asked, mostAsked)
	case through < persons:
		return fmt.Errorf("%d people were not put through", persons-through)
	}
	return nil
}

// table prints the callers of a sort, by kind.
func table(title string, results []result, robot bool) (asked, through int) {
	fmt.Printf("| %s | calls | asked for a key | put through |\n| --- | --- | --- | --- |\n", title)
	line := func(kind string) (n, asked, through int) {
		for _, r := range results {
			if r.robot != robot || kind != "" && r.kind != kind {
				continue
			}
			n++
			if r.asked {
				asked++
			}
			if r.through {
				through++
			}
		}
		return n, asked, through
	}
	for _, kind := range kinds(results, robot) {
		n, asked, through := line(kind)
		fmt.Printf("| %s | %d | %d | %d |\n", kind, n, asked, through)
	}
	n, asked, through := line("")
	fmt.Printf("| all | %d | %d | %d |\n\n", n, asked, through)
	return asked, through
}
