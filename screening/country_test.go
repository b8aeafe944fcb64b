package screening_test

import (
	"slices"
	"strings"
	"testing"

	"ringfence/screening"
)

func TestCountryOfANumber(t *testing.T) {
	for _, test := range []struct{ number, region, want string }{
		{"+2348021234567", "GB", "NG"}, {"+43720123456", "GB", "AT"},
		{"+12015550123", "GB", "US"}, {"+14165550123", "GB", "CA"}, {"+18765550123", "GB", "JM"}, {"+17875550123", "GB", "PR"},
		{"+77010000000", "GB", "KZ"}, {"+79161234567", "GB", "RU"},
		{"+441534700123", "GB", "JE"}, {"+441481700123", "GB", "GG"}, {"+441624700123", "GB", "IM"}, {"+442079460123", "IE", "GB"},
		{"+442079460123", "JE", "GB"},
		{"+80012345678", "GB", "+800"}, {"+881612345678", "GB", "+881"}, {"+882161234567", "GB", "+882"}, {"+88312345678901", "GB", "+883"},
		{"+19995550123", "GB", "US"},                            // in no range: the main country
		{"+19995550123", "CA", ""},                              // which may be next door
		{"+18005550123", "CA", ""}, {"+448001111111", "JE", ""}, // freephone belongs to all that share the code
		{"+447700900123", "GB", ""}, // in no range of the line's own code
		{"999", "GB", ""}, {"", "GB", ""}, {"+", "GB", ""}, {"+9", "GB", ""}, {"abc", "GB", ""},
	} {
		if got := screening.CountryOf(screening.Number(test.number), test.region); got != test.want {
			t.Errorf("%s on a line in %s: %q, not %q", test.number, test.region, got, test.want)
		}
	}
}

// fromAbroad is a situation in which somebody rings from a number, and the household has some rules.
func fromAbroad(number string, rules screening.Countries) situation {
	s := stranger()
	s.house.Region = "GB"
	s.call.Caller = screening.Identify(shown(number), "GB")
	s.house.Countries = rules
	return s
}

func TestRuleForACountry(t *testing.T) {
	const nigeria = "+2348021234567"
	for do, want := range map[screening.Action]screening.Action{
		screening.TurnAway: screening.TurnAway, screening.Screen: screening.Screen, screening.Message: screening.Message, screening.Ring: screening.Ring,
	} {
		verdict := fromAbroad(nigeria, screening.Countries("").With("NG", do)).decide()
		checkVerdict(t, verdict)
		if verdict.Action != want || !slices.Equal(codes(verdict), []screening.Code{screening.CodeCountry, screening.CodeInternational}) ||
			!strings.Contains(verdict.Reasons[0].Text, "Nigeria") {
			t.Errorf("%s: %+v", do, verdict)
		}
		if do == screening.TurnAway && verdict.Farewell != screening.NotWanted {
			t.Errorf("%+v", verdict)
		}
		if verdict := fromAbroad("+2332079460123", "NG=turn-away").decide(); verdict.Action != screening.Screen {
			t.Errorf("Ghana: %+v", verdict)
		}
	}
}

// All but Ireland and France: what is done with other foreign callers does not touch the exceptions.
func TestAllCountriesButSome(t *testing.T) {
	for number, want := range map[string]screening.Action{
		"+33123456789": screening.Screen, "+35312345678": screening.Ring, "+4930123456": screening.TurnAway, "+881612345678": screening.TurnAway,
		"+442079460123": screening.Screen,
	} {
		s := fromAbroad(number, "FR=mode IE=ring")
		s.house.Policy.International = screening.TurnAway
		if verdict := s.decide(); verdict.Action != want {
			t.Errorf("%s: %+v, want %s", number, verdict, want)
		}
	}
	s := fromAbroad("+33123456789", "FR=explode") // of a newer version
	if verdict := s.decide(); verdict.Action != screening.Screen {
		t.Errorf("%+v", verdict)
	}
	s = fromAbroad("+442079460123", "GB=turn-away") // the line has moved since
	if verdict := s.decide(); verdict.Action != screening.Screen {
		t.Errorf("%+v", verdict)
	}
}

// A country that may ring lets nobody past lists, a false number, or what the household has chosen for another kind.
func TestACountryThatRingsIsNoWayRound(t *testing.T) {
	ring := func() situation { return fromAbroad("+33899123456", "FR=ring") } // premium-rate
	if verdict := ring().decide(); verdict.Action != screening.Ring {
		t.Fatalf("%+v", verdict)
	}
	for name, change := range map[string]func(*situation){
		"a list":         func(s *situation) { s.known.Entries = []screening.Entry{entry(0.9)} },
		"an unsure list": func(s *situation) { s.known.Entries = []screening.Entry{entry(0.1)} },
		"a block":        func(s *situation) { s.known.Block = &screening.Block{ID: 1, Digits: "33899123456"} },
		"forged":         func(s *situation) { s.call.Caller.Forged = true },
		"premium rate":   func(s *situation) { s.house.Policy.PremiumRate = screening.TurnAway },
	} {
		s := ring()
		change(&s)
		if verdict := s.decide(); verdict.Action == screening.Ring {
			t.Errorf("%s: %+v", name, verdict)
		}
	}
	s := fromAbroad("+33899123456", "FR=turn-away")
	s.house.Policy.PremiumRate = screening.Ring
	if verdict := s.decide(); verdict.Action != screening.TurnAway || verdict.Reasons[0].Code != screening.CodeCountry {
		t.Errorf("%+v", verdict)
	}
}

// What the network knows of a number is no way round the rule for its country either; what is stricter decides.
func TestAttestationIsNoWayRoundACountry(t *testing.T) {
	for _, level := range []struct {
		is     screening.Attestation
		policy func(*screening.Policy) *screening.Action
	}{
		{screening.AttestedA, func(p *screening.Policy) *screening.Action { return &p.AttestedA }},
		{screening.AttestedB, func(p *screening.Policy) *screening.Action { return &p.AttestedB }},
		{screening.AttestedC, func(p *screening.Policy) *screening.Action { return &p.AttestedC }},
		{screening.AttestedNone, func(p *screening.Policy) *screening.Action { return &p.AttestedNone }},
	} {
		for country, want := range map[screening.Action]map[screening.Action]screening.Action{
			screening.Message: {screening.Ring: screening.Message, screening.Screen: screening.Message, screening.TurnAway: screening.TurnAway},
			screening.Ring:    {screening.Ring: screening.Ring, screening.Screen: screening.Screen, screening.TurnAway: screening.TurnAway},
		} {
			for chosen, want := range want {
				s := fromAbroad("+2348021234567", screening.Countries("").With("NG", country))
				s.call.Caller.Attestation = level.is
				*level.policy(&s.house.Policy) = chosen
				v := s.decide()
				checkVerdict(t, v)
				if v.Action != want {
					t.Errorf("level %s is to %s, the country to %s: %+v", level.is, chosen, country, v)
				}
			}
		}
	}
}

// Help, contacts and the modes in which everything rings go before a blocked country.
func TestWhatGoesBeforeACountry(t *testing.T) {
	for name, change := range map[string]func(*situation){
		"help":      func(s *situation) { s.known.Emergency = morning.Add(-1) },
		"a contact": func(s *situation) { s.known.Contact = &screening.Contact{ID: 1, Name: "Ann Price"} },
		"off":       func(s *situation) { s.house.Mode = screening.Off },
		"watch":     func(s *situation) { s.house.Mode = screening.Watch },
		"telecare":  func(s *situation) { s.house.Telecare = []screening.Number{s.call.Caller.Number} },
	} {
		s := fromAbroad("+2348021234567", "NG=turn-away")
		change(&s)
		if verdict := s.decide(); verdict.Action != screening.Ring {
			t.Errorf("%s: %+v", name, verdict)
		}
	}
	s := fromAbroad("+2348021234567", "NG=turn-away")
	s.house.Times.ExpectingUntil = morning.AddDate(0, 0, 1)
	if verdict := s.decide(); verdict.Action != screening.TurnAway {
		t.Errorf("expected: %+v", verdict)
	}
}

func TestCountriesAsTheyAreStored(t *testing.T) {
	c := screening.Countries("").With("NG", screening.TurnAway).With("FR", "").With("+881", screening.Ring).With("NG", screening.Screen)
	if c != "+881=ring FR=mode NG=screen" || c.Without("FR").Without("ZZ") != "+881=ring NG=screen" {
		t.Errorf("%q", c)
	}
	if rules := screening.Countries("nonsense =x FR").Rules(); len(rules) != 1 {
		t.Errorf("%+v", rules)
	}
	if do, is := c.Of("FR"); do != "" || !is {
		t.Error("France has no rule")
	}
}

func TestCountriesAsTheyAreTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"Nigeria": "NG", "nigeria, GHANA": "NG GH", "Ireland and France": "IE FR", "United States Canada": "US CA", "the Netherlands": "NL",
		"Holland": "NL", "ng gh": "NG GH", "Trinidad and Tobago": "TT", "Côte d’Ivoire": "CI", "Ivory Coast": "CI", "+234": "NG", "00234": "NG",
		"+7": "RU KZ", "+43*": "AT", "UK": "GB", "isle of man; Jersey": "IM JE", "+881": "+881", "Satellite phones": "+870 +881 +882 +883",
		"Saint Lucia": "LC", "St Lucia": "LC", "USA, USA": "US", "Republic of the Congo": "CG", "Turkey": "TR", "Türkiye": "TR", "Curaçao": "CW",
		"Guinea Bissau": "GW", "Guinea": "GN", "Hong Kong": "HK",
	} {
		codes, err := screening.ParseCountries(typed, "GB")
		if got := strings.Join(codes, " "); err != nil || got != want {
			t.Errorf("%q: %q %v, not %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", " , ", "Narnia", "Nigeria, Narnia", "+44 20", "+999", "1", "+", "and", strings.Repeat("a ", 9000), "\x00", "\xff"} {
		if codes, err := screening.ParseCountries(typed, "GB"); err == nil {
			t.Errorf("%.20q: %q", typed, codes)
		}
	}
	if codes, err := screening.ParseCountries("+1", "GB"); err != nil || len(codes) < 20 || codes[0] != "US" {
		t.Errorf("%q %v", codes, err)
	}
	if _, is := screening.CallingCode("43", "GB"); is {
		t.Error("43 on a British line could be an area code")
	}
}

// Each name that a list shows can be typed.
func TestEveryCountryIsFoundByItsName(t *testing.T) {
	all := screening.AllCountries()
	for _, code := range all {
		for _, name := range []string{screening.CountryName(code), screening.InCountry(code), code} {
			if codes, err := screening.ParseCountries(name, "GB"); err != nil || len(codes) != 1 || codes[0] != code {
				t.Errorf("%s, written %q, is read as %q: %v", code, name, codes, err)
			}
		}
	}
	if len(all) < 240 {
		t.Errorf("%d countries", len(all))
	}
}

func FuzzParseCountries(f *testing.F) {
	for _, text := range []string{"Nigeria, Ghana and FR", "+1 +44 00234", "\u0301a", "the the", "+881*", "&&"} {
		f.Add(text, "GB")
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		codes, err := screening.ParseCountries(text, region)
		if (err == nil) != (len(codes) > 0) {
			t.Errorf("%q: %q %v", text, codes, err)
		}
		for _, r := range screening.Countries(text).Rules() {
			if strings.ContainsAny(r.Country+string(r.Do), " ") {
				t.Errorf("%q", r)
			}
		}
	})
}
