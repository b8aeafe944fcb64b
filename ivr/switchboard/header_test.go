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
	} {
		if got := number(c.told, c.asserted, c.from); got != c.want {
			t.Errorf("told %q, asserted %q, from %q it is %q, want %q", c.told, c.asserted, c.from, got, c.want)
		}
	}
}

func TestWhatAnArrivalSaysOfTheCaller(t *testing.T) {
	e := &event{Args: []string{
		"incoming", "home", "prohib_passed_screen", "", "+442079460100", url.PathEscape(`<sip:+442079460100@provider.example>`),
		url.PathEscape(`"Ann" <sip:07700900123@provider.example>;tag=1`), url.PathEscape("session;critical"),
	}}
	id := (&leg{}).arrival(e).Identity
	if id.Number != "+442079460100" || id.From != "sip:07700900123@provider.example" || id.Presentation != "allowed_passed_screen" || id.Forged {
		t.Errorf("%+v", id)
	}
}
