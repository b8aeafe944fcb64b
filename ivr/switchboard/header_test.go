package switchboard

import (
	"net/url"
	"testing"
)

func TestWhetherANumberMayBeShown(t *testing.T) {
	const allowed, prohib, passed = "allowed_not_screened", "prohib_passed_screen", "allowed_passed_screen"
	const asserted = `"Ann" <sip:+442079460009@provider.example;user=phone>`
	for _, c := range []struct{ told, number, asserted, privacy, want string }{
		{prohib, "+442079460009", asserted, "session;critical", passed},
		{prohib, "+442079460009", asserted, "session", passed},
		{prohib, "+442079460009", asserted, "header", passed},
		{prohib, "+442079460009", asserted, "header;session", passed},
		{prohib, "+442079460009", asserted, " None ", passed},
		{prohib, "+442079460009", asserted, "none;critical", passed},
		{prohib, "+442079460009", asserted, "history", passed},
		{allowed, "02079460009", "", "none", allowed},
		{allowed, "02079460009", "", "", allowed},
		{allowed, "02079460009", "", "session", allowed},
		{passed, "+442079460009", asserted, "", passed},

		{prohib, "+442079460009", asserted, "id", prohib},
		{prohib, "+442079460009", asserted, "user;id", prohib},
		{prohib, "+442079460009", asserted, "id;critical", prohib},
		{prohib, "+442079460009", asserted, "header;session;user", prohib},
		{prohib, "+442079460009", asserted, "something-new", prohib},
		{prohib, "+442079460009", asserted, "full", prohib},
		{allowed, "02079460009", "", "id", prohib}, // Asterisk looks at it only beside P-Asserted-Identity
		{allowed, "02079460009", "", "User; critical", prohib},
		{allowed, "02079460009", "", "id,user", prohib},

		{prohib, "02079460009", "", "session", prohib}, // Remote-Party-ID asked for it
		{prohib, "+442079460009", asserted, "", prohib},
		{prohib, "02079460111", asserted, "session", prohib},
		{prohib, "", asserted, "session", prohib},
		{"unavailable", "", "", "session", "unavailable"},
	} {
		if got := presentation(c.told, c.number, c.asserted, c.privacy); got != c.want {
			t.Errorf("%s of %s, asserted %s, with Privacy %q is %s, want %s", c.told, c.number, c.asserted, c.privacy, got, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for header, want := range map[string]string{
		`"Ann Price" <sip:+442079460009@provider.example;user=phone>;tag=1`: "sip:+442079460009@provider.example;user=phone",
		`Ann <sips:02079460009@x>`:                         "sips:02079460009@x",
		`<sip:%2B442079460009@x>`:                          "sip:%2B442079460009@x",
		`<tel:+44-20-7946-0009;ext=5>;tag=2`:               "tel:+44-20-7946-0009;ext=5",
		`sip:02079460009@x;tag=1`:                          "sip:02079460009@x",
		`"a <sip:1@x> \" b" <sip:02079460009@x>`:           "sip:02079460009@x",
		`"Ann Price <sip:02079460009@x>`:                   "",
		`<sip:192.0.2.7>;tag=1`:                            "", // a host, not a number
		`<sip:provider.example:5060>`:                      "",
		`<sip:02079460009;phone-context=+44@x;user=phone>`: "sip:02079460009;phone-context=+44@x;user=phone",
		"":  "",
		`"`: "",
		`<`: "",
	} {
		if got := address(header); got != want {
			t.Errorf("%s is of %q, want %q", header, got, want)
		}
	}
}

func TestNumbersAreReadAsWellAsTheyCanBe(t *testing.T) {
	for _, c := range []struct{ told, asserted, from, want string }{
		{"02079460009", "", "<sip:02079460009@x>", "02079460009"},
		{"2079460009", "", "<sip:2079460009;phone-context=+44@x;user=phone>", "sip:2079460009;phone-context=+44@x;user=phone"},
		{"2079460009", "<sip:2079460009;phone-context=+44@x>", "<sip:1234;phone-context=+1@x>", "sip:2079460009;phone-context=+44@x"},
		{"02079460111", "", "<sip:2079460009;phone-context=+44@x>", "02079460111"}, // of another header
		{"", "", "<tel:+442079460009>", "tel:+442079460009"},
		{"", "<tel:+442079460009>", "<sip:anonymous@anonymous.invalid>", "tel:+442079460009"},
		{"", "", "<sip:anonymous@anonymous.invalid>", ""},
		{"anonymous", "", "<sip:anonymous@anonymous.invalid>", "anonymous"},

		// Two identities. Asterisk reads the first of two headers, and nothing of two in one (where it takes From's).
		{"ann.price", `"Price, Ann" <sip:ann.price@ims.example>, <tel:+442079460009>`, "<sip:02079460111@x>", "tel:+442079460009"},
		{"02079460111", "<sip:+442079460009@x>, <tel:+442079460009>", "<sip:02079460111@x>", "sip:+442079460009@x"},
		{"02079460111", "<tel:+442079460009;cpc=ordinary>,<sip:+442079460009@x;user=phone;cpc=ordinary>", "<sip:02079460111@x>", "tel:+442079460009;cpc=ordinary"},
		{"02079460111", "<sip:+442079460009;cpc=ordinary@x;user=phone>,<tel:+442079460009;cpc=ordinary>", "<sip:02079460111@x>", "sip:+442079460009;cpc=ordinary@x;user=phone"},
		{"02079460111", "<sip:ann@x>,<tel:+442079460009>", "<sip:02079460111@x>", "tel:+442079460009"},
		{"02079460111", `"a\" <tel:+442079460222>, " <sip:%2B442079460009@x>, <tel:+442079460009>`, "<sip:02079460111@x>", "sip:%2B442079460009@x"},
		{"+442079460009", "<sip:+442079460009@x>, <tel:+442079460009>", "<sip:02079460111@x>", "+442079460009"},
		{"02079460010", "<sip:+442079460009@x>", "<sip:02079460111@x>", "02079460010"}, // of Remote-Party-ID
		{"02079460111", "<sip:x>", "<sip:02079460111@x>", "02079460111"},
		{"02079460111", "<sip:ann@x>", "<sip:02079460111@x>", "02079460111"},
		{"ann.price", "<sip:ann.price@x>", "<sip:02079460111@x>", "ann.price"},
		{"02079460111", ",,,<,", "<sip:02079460111@x>", "02079460111"},
	} {
		if got := number(c.told, c.asserted, c.from); got != c.want {
			t.Errorf("told %q, asserted %q, from %q it is %q, want %q", c.told, c.asserted, c.from, got, c.want)
		}
	}
}

// The header that a trunk names may say that the check has failed: then the number is false, as where verstat says it.
func TestAFailedCheckInTheProvidersHeader(t *testing.T) {
	for value, forged := range map[string]bool{"TN-Validation-Failed": true, "TN-Validation-Passed-A": false} {
		from := url.PathEscape(`<sip:02079460009@provider.example>`)
		e := &event{Args: []string{"inbound", "home", "allowed", "", "02079460009", "", from, "", "X-Stir", value}}
		if id := (&leg{}).arrival(e).Identity; id.Forged != forged {
			t.Errorf("%s: %+v", value, id)
		}
	}
}

func TestWhatAnArrivalSaysOfTheCaller(t *testing.T) {
	e := &event{Args: []string{
		"inbound", "home", "prohib_passed_screen", "", "+442079460100", url.PathEscape(`<sip:+442079460100@provider.example>`),
		url.PathEscape(`"Ann" <sip:07700900123@provider.example>;tag=1`), url.PathEscape("session;critical"),
	}}
	id := (&leg{}).arrival(e).Identity
	if id.Number != "+442079460100" || id.From != "sip:07700900123@provider.example" || id.Presentation != "allowed_passed_screen" || id.Forged {
		t.Errorf("%+v", id)
	}
}

// A number that is hidden is not told by the name that the network has for it; what the caller has written as a name, and the network's warning, stay.
func TestTheNameOfAHiddenNumber(t *testing.T) {
	const own, asserted = `"Joan" <sip:anonymous@anonymous.invalid>;tag=1`, `"Price Ann" <sip:+442079460009@provider.example>`
	for _, c := range []struct{ told, asserted, from, privacy, want string }{
		{"Price Ann", asserted, own, "id", "Joan"},
		{"Price Ann", asserted, own, "none", "Price Ann"},
		{"Price Ann", asserted, `<sip:anonymous@anonymous.invalid>`, "id", ""},
		{"Scam Likely", `"Scam Likely" <sip:+442079460009@provider.example>`, own, "id", "Scam Likely"},
		{"", `sip:+442079460009@provider.example`, `<sip:02079460009@provider.example>`, "", ""}, // an address is no name
		{"", `<sip:+442079460009@provider.example>`, own, "", "Joan"},
	} {
		pres := "allowed_passed_screen"
		if c.privacy == "id" {
			pres = "prohib_passed_screen"
		}
		e := &event{Args: []string{"inbound", "home", pres, "", "+442079460009", url.PathEscape(c.asserted), url.PathEscape(c.from), c.privacy}}
		e.Channel.Caller.Name = c.told
		if got := (&leg{}).arrival(e).Identity.Name; got != c.want {
			t.Errorf("told %q, asserted %s, from %s, with Privacy %q it is %q, want %q", c.told, c.asserted, c.from, c.privacy, got, c.want)
		}
	}
}

// A second P-Asserted-Identity is read as the first is.
func TestASecondIdentity(t *testing.T) {
	e := &event{Args: []string{
		"inbound", "home", "allowed_passed_screen", "", "ann.price", url.PathEscape(`<sip:ann.price@ims.example>`),
		url.PathEscape(`<sip:02079460111@provider.example>;tag=1`), "", "", "", url.PathEscape(`<tel:+442079460009;verstat=TN-Validation-Failed>`),
	}}
	if id := (&leg{}).arrival(e).Identity; id.Number != "tel:+442079460009;verstat=TN-Validation-Failed" || !id.Forged {
		t.Errorf("%+v", id)
	}
}
