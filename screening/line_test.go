package screening_test

import (
	"testing"

	"ringfence/screening"
)

func line(region string, router bool) screening.Line {
	return screening.Line{Region: region, Number: "+442079460100", Telecare: []screening.Number{"777"}, Router: router}
}

// The router's own phones and door bells ring, on a line that comes from a router alone.
//
// Long: one table.
func TestRoutersOwnPhones(t *testing.T) {
	for _, c := range []struct {
		raw, region string
		want        screening.Number // "" for no phone of the router's
	}{
		{"**610", "GB", "**610"},
		{"sip:**610@fritz.box", "GB", "**610"},
		{"%2A%2A610", "GB", "**610"},
		{"**91", "GB", "**91"},
		{"**1", "GB", "**1"},
		{"610", "GB", "**610"},
		{"11", "GB", "**11"},
		{"51", "DE", "**51"},
		{"620", "DE", "**620"},
		{"11@192.168.178.1", "FR", "**11"},

		{"999", "GB", ""}, // emergency numbers, here and elsewhere
		{"**999", "GB", ""},
		{"112", "DE", ""},
		{"110", "DE", ""},
		{"**110", "DE", ""},
		{"**112", "GB", ""},
		{"911", "GB", ""},
		{"15", "FR", ""},
		{"**17", "FR", ""},
		{"000", "AU", ""},
		{"101", "GB", ""}, // never blocked
		{"**111", "GB", ""},
		{"159", "GB", ""}, // the way to one's own bank: a short number
		{"119", "GB", ""},
		{"777", "GB", ""}, // the alarm centre
		{"1", "GB", ""},   // one digit could be anything
		{"00", "GB", ""},
		{"**0", "GB", ""},
		{"**6100", "GB", ""},
		{"**", "GB", ""},
		{"***61", "GB", ""},
		{"*610", "GB", ""},
		{"**6a", "GB", ""},
		{"+610", "GB", ""},
		{"1571", "GB", ""},
		{"020 7946 0123", "GB", ""},
	} {
		caller := line(c.region, true).Identify(shown(c.raw))
		if caller.Internal != (c.want != "") || caller.Internal && (caller.Number != c.want || caller.Impossible || caller.Doubtful) {
			t.Errorf("%s on a router's line in %s is %+v", c.raw, c.region, caller)
		}
		if n, err := line(c.region, true).ParseNumber(c.raw); c.want != "" && (n != c.want || err != nil) || n.IsInternal() != (c.want != "") {
			t.Errorf("%s can be the contact's number %q in %s, error %v", c.raw, n, c.region, err)
		}
		if c.want != "" {
			if got := screening.NumberFromKey(c.want.Key()); got != c.want || c.want.National(c.region) != string(c.want) {
				t.Errorf("%s is kept as %d, which is %s", c.want, c.want.Key(), got)
			}
		}
		// Elsewhere they stay what they are.
		elsewhere := line(c.region, false)
		if got, want := elsewhere.Identify(shown(c.raw)), screening.Identify(shown(c.raw), c.region); got != want || got.Internal {
			t.Errorf("%s on another line in %s is %+v, want %+v", c.raw, c.region, got, want)
		}
		if n, err := elsewhere.ParseNumber(c.raw); n.IsInternal() || c.want != "" && err == nil {
			t.Errorf("%s can be a contact's on another line: %q", c.raw, n)
		}
	}
}

func TestCallsOfTheRoutersOwnPhonesRing(t *testing.T) {
	id := shown("**91")
	id.Name = "Front door"
	for _, mode := range []screening.Mode{screening.Ask, screening.KnownOnly, "x"} {
		s := stranger()
		modeIs(&s, mode)
		s.call.Caller = line("GB", true).Identify(id)
		verdict := s.decide()
		checkVerdict(t, verdict)
		if s.call.Caller.Name != "Front door" || verdict.Action != screening.Ring || verdict.Reasons[0].Code != screening.CodeInternal || len(verdict.Warnings) > 0 {
			t.Errorf("%s: %+v", mode, verdict)
		}
		s.call.Caller.Forged = true
		if verdict := s.decide(); verdict.Action == screening.Ring {
			t.Errorf("%s, forged: %+v", mode, verdict)
		}
	}
	id.Presentation = "prohib_passed_screen"
	if caller := line("GB", true).Identify(id); caller.Presentation != screening.Withheld || caller.Internal || caller.Number != "" {
		t.Errorf("one that is hidden: %+v", caller)
	}
}

// An identity that is the line's own number says nothing of who calls. From does, if it can be a number.
func TestOwnNumberIsPassedOver(t *testing.T) {
	const own = "+442079460100"
	for _, c := range []struct {
		number, from string
		router       bool
		want         screening.Number
	}{
		{own, "sip:07700900123@provider.example", false, mobile},
		{"02079460100", "sip:+447700900123@provider.example;user=phone", false, mobile},
		{"442079460100", "sip:%2B447700900123@provider.example", false, mobile},
		{own, "tel:+44-7700-900123", false, mobile},
		{own, "sip:02079460100@provider.example", false, own},
		{own, "sip:anonymous@anonymous.invalid", false, own},
		{own, "sip:0@provider.example", false, own},
		{own, "sip:account7@provider.example", false, own},
		{own, "sip:12@provider.example", false, own},
		{own, "", false, own},
		{own, "sip:**610@fritz.box", false, own},
		{own, "sip:**610@fritz.box", true, "**610"},
		{"+442079460123", "sip:07700900123@provider.example", false, london},
		{"anonymous", "sip:07700900123@provider.example", false, ""},
	} {
		id := shown(c.number)
		id.From = c.from
		if got := line("GB", c.router).Identify(id); got.Number != c.want {
			t.Errorf("%s from %s is %+v, want %s", c.number, c.from, got, c.want)
		}
		id.Presentation = "prohib_passed_screen"
		if got := line("GB", c.router).Identify(id); got.Number != "" || got.Presentation != screening.Withheld {
			t.Errorf("%s from %s, hidden, is %+v", c.number, c.from, got)
		}
	}
	id := shown("")
	id.From = "sip:07700900123@provider.example"
	if got := (screening.Line{Region: "GB"}).Identify(id); got.Number != "" {
		t.Errorf("a line whose number nobody knows takes From: %+v", got)
	}
}

func TestWhatIsTypedToAskAboutACall(t *testing.T) {
	for _, c := range []struct {
		typed  string
		want   screening.Presentation // "" is refused
		number screening.Number
	}{
		{"020 7946 0123", screening.Allowed, london},
		{"withheld", screening.Withheld, ""},
		{" Withheld ", screening.Withheld, ""},
		{"anonymous", screening.Withheld, ""},
		{"unavailable", screening.Unavailable, ""},
		{"", screening.Unavailable, ""},
		{"0000000000", screening.Unavailable, ""},
		{"+266696687", screening.Withheld, ""},
		{"12", screening.Allowed, ""}, // a caller can show it
		{"hello", "", ""},
		{"hello 12", "", ""},
		{"-", "", ""},
		{"<script>", "", ""},
		{"020 7946 O123", "", ""},
	} {
		id, err := screening.Typed(c.typed)
		if err != nil {
			isPlainSentence(t, err.Error())
		}
		if (err != nil) != (c.want == "") {
			t.Errorf("%q: %v", c.typed, err)
		}
		if got := screening.Identify(id, "GB"); err == nil && (got.Presentation != c.want || got.Number != c.number || got.Name != "") {
			t.Errorf("%q is %+v", c.typed, got)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed, "sip:07700900123@x", "", true)
		f.Add("+442079460100", seed, "Ann Price", false)
	}
	for _, seed := range []string{"**610", "**1", "11", "%2A%2A91", "+266696687", "0000000000", "1234567890"} {
		f.Add(seed, seed, seed, true)
	}
	f.Fuzz(func(t *testing.T, number, from, name string, router bool) {
		id := shown(number)
		id.From, id.Name = from, name
		for _, region := range fuzzRegions {
			l := line(region, router)
			caller := l.Identify(id)
			if !caller.Internal {
				checkCaller(t, caller)
			} else if !router || caller.Number.Key() >= 0 || screening.NumberFromKey(caller.Number.Key()) != caller.Number {
				t.Errorf("%q in %s is %+v", number, region, caller)
			}
			verdict := screening.Decide(screening.Call{At: morning, Caller: caller}, l.Complete(screening.Household{}), screening.Knowledge{})
			checkVerdict(t, verdict)
			if _, err := screening.Typed(number); err != nil {
				isPlainSentence(t, err.Error())
			}
		}
	})
}
