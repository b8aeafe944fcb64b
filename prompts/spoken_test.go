package prompts

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// spoken is what a sequence of phrases sounds like: their words, one behind the other, with a stroke at each seam.
func spoken(t *testing.T, language string, said []ID) string {
	t.Helper()
	var words []string
	for _, id := range said {
		text := Text(language, id)
		if text == "" {
			t.Errorf("%s has no words for %s", language, id)
		}
		words = append(words, text)
	}
	return strings.Join(words, " | ")
}

func TestEveryLanguageHasAGrammar(t *testing.T) {
	for _, language := range Languages() {
		if _, ok := grammarOf(language); !ok {
			t.Errorf("spoken.go does not tell how %s puts phrases together", language)
		}
	}
}

func TestALanguageThatIsNotSpoken(t *testing.T) {
	now := time.Now()
	for name, said := range map[string][]ID{
		"Digits": Digits("tlh", "1"),
		"Number": Number("tlh", 1),
		"Count":  Count("tlh", 1, NewMessage, NewMessages, NoMessages),
		"Clock":  Clock("tlh", now),
		"When":   When("tlh", now, now),
	} {
		if len(said) > 0 {
			t.Errorf("%s says %v in a language that there is not", name, said)
		}
	}
}

func TestDigits(t *testing.T) {
	for _, test := range []struct{ language, text, want string }{
		{"en-GB", "020 79", "zero | two | zero | seven | nine"},
		{"en-GB", "*21#", "star | two | one | hash"},
		{"en-US", "+1 (202) 5#", "plus | one | two | zero | two | five | pound"},
		{"fr-FR", "01 23", "zéro | un | deux | trois"},
		{"fr-FR", "+33*#", "plus | trois | trois | étoile | dièse"},
		{"en-GB", "4 5 6 8", "four | five | six | eight"},
		{"en-GB", "anonymous", ""},
	} {
		if got := spoken(t, test.language, Digits(test.language, test.text)); got != test.want {
			t.Errorf("%q in %s is %q, want %q", test.text, test.language, got, test.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, test := range []struct {
		n                         int
		british, american, french string
	}{
		{0, "zero", "zero", "zéro"},
		{1, "one", "one", "un"},
		{17, "seventeen", "seventeen", "dix-sept"},
		{21, "twenty-one", "twenty-one", "vingt et un"},
		{59, "fifty-nine", "fifty-nine", "cinquante-neuf"},
		{60, "sixty", "sixty", "soixante"},
		{61, "sixty-one", "sixty-one", "soixante et un"},
		{62, "sixty | two", "sixty | two", "soixante | deux"},
		{70, "seventy", "seventy", "soixante-dix"},
		{71, "seventy-one", "seventy-one", "soixante et onze"},
		{72, "seventy | two", "seventy | two", "soixante | douze"},
		{80, "eighty", "eighty", "quatre-vingts"},
		{81, "eighty | one", "eighty | one", "quatre-vingts | un"}, // the s is not heard
		{90, "ninety", "ninety", "quatre-vingt-dix"},
		{91, "ninety | one", "ninety | one", "quatre-vingts | onze"},
		{99, "ninety | nine", "ninety | nine", "quatre-vingts | dix-neuf"},
		{100, "more than ninety-nine", "more than ninety-nine", "plus de quatre-vingt-dix-neuf"},
		{-1, "", "", ""},
	} {
		for language, want := range map[string]string{"en-GB": test.british, "en-US": test.american, "fr-FR": test.french} {
			if got := spoken(t, language, Number(language, test.n)); got != want {
				t.Errorf("%d in %s is %q, want %q", test.n, language, got, want)
			}
		}
	}
}

func TestCount(t *testing.T) {
	for _, test := range []struct {
		language string
		n        int
		want     string
	}{
		{"en-GB", 0, "You have no new messages."},
		{"en-GB", 1, "You have | one | new message."},
		{"en-GB", 2, "You have | two | new messages."},
		{"en-GB", 100, "You have | more than ninety-nine | new messages."},
		{"en-US", 0, "You have no new messages."},
		{"en-US", 1, "You have | one | new message."},
		{"en-US", 62, "You have | sixty | two | new messages."},
		{"fr-FR", 0, "Vous n'avez pas de nouveau message."},
		{"fr-FR", 1, "Vous avez | un | nouveau message."},
		{"fr-FR", 2, "Vous avez | deux | nouveaux messages."},
		{"fr-FR", 75, "Vous avez | soixante | quinze | nouveaux messages."},
		{"fr-FR", -1, ""},
	} {
		if got := spoken(t, test.language, Count(test.language, test.n, NewMessage, NewMessages, NoMessages)); got != test.want {
			t.Errorf("%d in %s is %q, want %q", test.n, test.language, got, test.want)
		}
	}
}

func TestClock(t *testing.T) {
	for _, test := range []struct{ at, british, american, french string }{
		{"00:00", "at midnight", "at midnight", "à minuit"},
		{"00:05", "at twelve | oh | five | at night", "at twelve | oh | five | at night", "à zéro heure | cinq"},
		{"01:00", "at one | o'clock | in the morning", "at one | o'clock | in the morning", "à une heure"},
		{"01:01", "at one | oh | one | in the morning", "at one | oh | one | in the morning", "à une heure | une"},
		{"10:31", "at ten | thirty-one | in the morning", "at ten | thirty-one | in the morning", "à dix heures | trente et une"},
		{"11:59", "at eleven | fifty-nine | in the morning", "at eleven | fifty-nine | in the morning", "à onze heures | cinquante-neuf"},
		{"12:00", "at midday", "at noon", "à midi"},
		{"12:10", "at twelve | ten | in the afternoon", "at twelve | ten | in the afternoon", "à douze heures | dix"},
		{"14:05", "at two | oh | five | in the afternoon", "at two | oh | five | in the afternoon", "à quatorze heures | cinq"},
		{"17:41", "at five | forty-one | in the afternoon", "at five | forty-one | in the afternoon", "à dix-sept heures | quarante et une"}, //nolint:misspell // this is French
		{"18:00", "at six | o'clock | in the evening", "at six | o'clock | in the evening", "à dix-huit heures"},
		{"21:21", "at nine | twenty-one | in the evening", "at nine | twenty-one | in the evening", "à vingt et une heures | vingt et une"},
		{"22:00", "at ten | o'clock | at night", "at ten | o'clock | at night", "à vingt-deux heures"},
		{"23:51", "at eleven | fifty-one | at night", "at eleven | fifty-one | at night", "à vingt-trois heures | cinquante et une"},
	} {
		at, err := time.Parse("15:04", test.at)
		if err != nil {
			t.Fatal(err)
		}
		for language, want := range map[string]string{"en-GB": test.british, "en-US": test.american, "fr-FR": test.french} {
			if got := spoken(t, language, Clock(language, at)); got != want {
				t.Errorf("%s in %s is %q, want %q", test.at, language, got, want)
			}
		}
	}
}

// Every minute of the day can be said, and no two alike: a phrase that is missing, or an hour that is said for another, is
// found here.
func TestEveryMinuteIsSaidInItsOwnWay(t *testing.T) {
	computes(t)
	for _, language := range Languages() {
		words := map[ID]string{}
		for _, id := range All() {
			words[id] = Text(language, id)
		}
		heard := map[string]string{}
		for minute := range 24 * 60 {
			at := time.Date(2026, 3, 2, 0, minute, 0, 0, time.UTC)
			var said []string
			for _, id := range Clock(language, at) {
				if words[id] == "" {
					t.Fatalf("%s cannot say %s: it has no %q", language, at.Format("15:04"), id)
				}
				said = append(said, words[id])
			}
			sentence := strings.Join(said, " ")
			if other, ok := heard[sentence]; ok {
				t.Errorf("%s says %q for %s and %s", language, sentence, other, at.Format("15:04"))
			}
			heard[sentence] = at.Format("15:04")
		}
	}
}

func TestWhen(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		got, err := time.ParseInLocation("2006-01-02 15:04", s, london)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	now := at("2026-03-30 00:20") // a Monday; the day before had 23 hours
	for _, test := range []struct {
		language, at, want string
	}{
		{"en-GB", "2026-03-30 00:10", "today | at twelve | ten | at night"},
		{"en-US", "2026-03-30 00:00", "today | at midnight"},
		{"fr-FR", "2026-03-30 00:10", "aujourd'hui | à zéro heure | dix"},
		{"en-GB", "2026-03-29 23:50", "yesterday | at eleven | fifty | at night"},
		{"fr-FR", "2026-03-29 21:01", "hier | à vingt et une heures | une"},
		{"en-GB", "2026-03-28 10:31", "on Saturday | at ten | thirty-one | in the morning"},
		{"fr-FR", "2026-03-28 14:05", "samedi | à quatorze heures | cinq"},
		{"en-US", "2026-03-24 12:00", "on Tuesday | at noon"},
		{"en-GB", "2026-03-23 23:00", "a week ago or more | at eleven | o'clock | at night"},
		{"fr-FR", "2025-12-31 09:00", "il y a une semaine ou plus | à neuf heures"},
		{"en-GB", "2026-03-31 09:00", "at nine | o'clock | in the morning"},
	} {
		if got := spoken(t, test.language, When(test.language, at(test.at), now)); got != test.want {
			t.Errorf("%s in %s is %q, want %q", test.at, test.language, got, test.want)
		}
	}
	for back, want := range []ID{Today, Yesterday, OnSaturday, OnFriday, OnThursday, OnWednesday, OnTuesday, LastWeek} {
		if got := When("en-GB", now.AddDate(0, 0, -back), now)[0]; got != want {
			t.Errorf("%d days ago is %q, want %q", back, got, want)
		}
	}
	if autumn := When("en-GB", at("2026-10-25 00:30"), at("2026-10-26 00:10")); !slices.Contains(autumn, Yesterday) {
		t.Errorf("a day of 25 hours is said as %v", autumn)
	}
}
