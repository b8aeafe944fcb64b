package screening

import (
	"testing"
	"time"
)

// Others are only asked about a stranger who is screened.
//
// Long: one table.
func TestMayLookupSpam(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	const stranger = Number("+442079460999")
	type situation struct {
		call  Call
		house Household
		known Knowledge
	}
	asks := func(change func(*situation)) bool {
		s := situation{Call{at, Caller{Number: stranger, Presentation: Allowed}}, Household{Region: "GB", Number: "+442079460100"}, Knowledge{}}
		change(&s)
		return MayLookupSpam(s.call, s.house, s.known, Decide(s.call, s.house, s.known))
	}
	for what, change := range map[string]func(*situation){
		"a stranger":                          func(*situation) {},
		"a number that may be false":          func(s *situation) { s.call.Caller.Doubtful = true },
		"from abroad":                         func(s *situation) { s.call.Caller.Number, s.call.Caller.International = "+4930123456", true },
		"reported by the household":           func(s *situation) { s.known.Reported = at.Add(-time.Hour) },
		"an entry that counts no more":        func(s *situation) { s.known.Entries = []Entry{{Confidence: 1, Expires: at}} },
		"a household that is called for long": func(s *situation) { s.known.Emergency = at.AddDate(0, 0, -9) },
	} {
		if !asks(change) {
			t.Errorf("%s: nobody is asked", what)
		}
	}
	for what, change := range map[string]func(*situation){
		"a contact":               func(s *situation) { s.known.Contact = &Contact{Name: "Joan"} },
		"a contact's, forged":     func(s *situation) { s.known.Contact, s.call.Caller.Forged = &Contact{Name: "Joan"}, true },
		"forged":                  func(s *situation) { s.call.Caller.Forged = true },
		"blocked":                 func(s *situation) { s.known.Block = &Block{Digits: "442079460999"} },
		"listed":                  func(s *situation) { s.known.Entries = []Entry{{Confidence: 0.01}} },
		"listed, and turned away": func(s *situation) { s.known.Entries = []Entry{{Confidence: 0.9}} },
		"rung by the household":   func(s *situation) { s.known.Dialled = at.AddDate(0, -1, 0) },
		"withheld":                func(s *situation) { s.call.Caller = Caller{Presentation: Withheld} },
		"withheld with a number":  func(s *situation) { s.call.Caller.Presentation = Withheld },
		"unavailable":             func(s *situation) { s.call.Caller = Caller{Presentation: Unavailable} },
		"impossible":              func(s *situation) { s.call.Caller = Caller{Presentation: Allowed, Impossible: true} },
		"the household's own":     func(s *situation) { s.call.Caller.Number = s.house.Number },
		"the carer's":             func(s *situation) { s.house.CarerNumber = stranger },
		"the alarm centre":        func(s *situation) { s.house.Telecare = []Number{stranger} },
		"the alarm centre, forged": func(s *situation) {
			s.house.Telecare, s.call.Caller.Forged = []Number{stranger}, true
		},
		"Childline":          func(s *situation) { s.call.Caller.Number = "+448001111" },
		"999":                func(s *situation) { s.call.Caller.Number = "999" },
		"a short number":     func(s *situation) { s.call.Caller.Number = "1471" },
		"after an emergency": func(s *situation) { s.known.Emergency = at.Add(-time.Hour) },
		"known only":         func(s *situation) { s.house.Mode = KnownOnly },
		"block only":         func(s *situation) { s.house.Mode = BlockOnly },
		"watch":              func(s *situation) { s.house.Mode = Watch },
		"off":                func(s *situation) { s.house.Mode = Off },
		"an expected call":   func(s *situation) { s.house.Times.ExpectingUntil = at.Add(time.Hour) },
		"abroad is turned away": func(s *situation) {
			s.call.Caller.International, s.house.Policy.International = true, TurnAway
		},
	} {
		if asks(change) {
			t.Errorf("%s: somebody outside is asked", what)
		}
	}
}
