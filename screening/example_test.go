package screening_test

import (
	"fmt"
	"time"

	"ringfence/screening"
)

// A number on a list calls, with something to hide behind.
func ExampleDecide() {
	caller := screening.Identify(screening.Identity{
		Number:       "sip:00442079460456@127.0.0.1",
		Name:         "Microsoft\x00 Support",
		Presentation: "allowed_not_screened",
	}, "GB")
	fmt.Printf("%s, %s\n", caller.Number.National("GB"), caller.Name)

	verdict := screening.Decide(
		screening.Call{At: time.Date(2026, time.March, 2, 10, 30, 0, 0, time.UTC), Caller: caller},
		screening.Household{Region: "GB", Mode: screening.Ask},
		screening.Knowledge{Entries: []screening.Entry{{List: "Great Dunmow", Confidence: 0.92, Category: "tech-support"}}},
	)
	fmt.Println(verdict.Action, verdict.Farewell, verdict.Warnings)
	for _, reason := range verdict.Reasons {
		fmt.Printf("%s: %s\n", reason.Code, reason.Text)
	}
	// Output:
	// 020 7946 0456, Microsoft Support
	// turn-away inspection [reported]
	// list: The list "Great Dunmow" reports this number as a scam (tech support). It is 92% sure, and callers are turned away at 50% or more.
}

func ExampleParseNumber() {
	for _, written := range []string{"+44 (0)20 7946 0123", "999", "7946"} {
		number, err := screening.ParseNumber(written, "GB")
		fmt.Println(number, err)
	}
	// Output:
	// +442079460123 <nil>
	// 999 <nil>
	//  "7946" is too short for a phone number; write it in full, with its area code
}

func ExampleParsePrefix() {
	fmt.Println(screening.ParsePrefix("0909*", "GB"))
	fmt.Println(screening.ParsePrefix("+44", "GB"))
	// Output:
	// 44909 <nil>
	//  "+44" would match far too many numbers; give at least 3 digits after the country code
}
