package screening_test

import (
	"testing"
	"time"

	"ringfence/screening"
)

// BenchmarkVerdict measures what the package adds to every call: Identify and Decide, without the store between them.
func BenchmarkVerdict(b *testing.B) {
	house := screening.Household{Region: "GB", Number: "+441632960001", Mode: screening.Ask}
	at := time.Date(2026, time.March, 2, 10, 30, 0, 0, time.UTC)
	callers := []struct {
		name  string
		id    screening.Identity
		known screening.Knowledge
	}{
		{"contact", screening.Identity{Number: "02079460123", Name: "Ann Price", Presentation: "allowed_not_screened"},
			screening.Knowledge{Contact: &screening.Contact{ID: 1, Name: "Ann Price"}}},
		{"listed", screening.Identity{Number: "+442079460456", Presentation: "allowed_not_screened"},
			screening.Knowledge{Entries: []screening.Entry{{List: "Great Dunmow", Confidence: 0.9, Category: "tech-support"}}}},
		{"unknown", screening.Identity{Number: "00441144960123", Presentation: "allowed_not_screened"}, screening.Knowledge{}},
		{"foreign", screening.Identity{Number: "+12015550123", Presentation: "allowed_not_screened"}, screening.Knowledge{}},
		{"doubtful", screening.Identity{Number: "07700900123", Presentation: "allowed_not_screened"}, screening.Knowledge{}},
		{"withheld", screening.Identity{Number: "anonymous", Presentation: "prohib_not_screened"}, screening.Knowledge{}},
		{"emergency-number", screening.Identity{Number: "999", Presentation: "allowed_not_screened"}, screening.Knowledge{}},
	}
	for _, c := range callers {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				caller := screening.Identify(c.id, "GB")
				screening.Decide(screening.Call{At: at, Caller: caller}, house, c.known)
			}
		})
	}
}
