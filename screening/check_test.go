package screening_test

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ringfence/screening"
)

// What must be true of every caller and every verdict, for the tables, the properties and the fuzz tests.

func codes(verdict screening.Verdict) []screening.Code {
	var all []screening.Code
	for _, reason := range verdict.Reasons {
		all = append(all, reason.Code)
	}
	return all
}

func hasCode(verdict screening.Verdict, code screening.Code) bool {
	return slices.Contains(codes(verdict), code)
}

// testingT is what the checks need from a test, either of testing's or of rapid's.
type testingT interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkVerdict checks what must be true of every verdict.
func checkVerdict(t testingT, verdict screening.Verdict) {
	t.Helper()
	actions := []screening.Action{screening.Ring, screening.Screen, screening.Message, screening.TurnAway}
	if !slices.Contains(actions, verdict.Action) || !slices.Contains(actions, verdict.Would) {
		t.Errorf("action %q, would %q", verdict.Action, verdict.Would)
	}
	farewells := []screening.Farewell{""}
	if verdict.Action == screening.TurnAway {
		farewells = screening.Farewells()
	}
	if !slices.Contains(farewells, verdict.Farewell) {
		t.Errorf("action %q with farewell %q", verdict.Action, verdict.Farewell)
	}
	if (verdict.Check || verdict.CheckIf) && verdict.Action != screening.Screen || verdict.Quiet && verdict.Action != screening.Message ||
		verdict.Expected && verdict.Action != screening.Ring {
		t.Errorf("%+v", verdict)
	}
	if len(verdict.Reasons) == 0 {
		t.Errorf("no reason")
	}
	for _, reason := range verdict.Reasons {
		if reason.Code == "" {
			t.Errorf("a reason without a code: %q", reason.Text)
		}
		isPlainSentence(t, reason.Text)
		if !strings.HasSuffix(reason.Text, ".") {
			t.Errorf("%q is no sentence", reason.Text)
		}
	}
	known := []screening.Warning{screening.WarnReported, screening.WarnForged, screening.WarnWithheld, screening.WarnOfficial, screening.WarnSpamName}
	for i, warning := range verdict.Warnings {
		if !slices.Contains(known, warning) || slices.Contains(verdict.Warnings[:i], warning) {
			t.Errorf("warnings %q", verdict.Warnings)
		}
	}
}

// isPlainSentence checks that a text can be shown to people as it is: one printable line of a bearable length.
func isPlainSentence(t testingT, text string) {
	t.Helper()
	if length := utf8.RuneCountInString(text); length < 20 || length > 400 {
		t.Errorf("%q has %d characters", text, length)
	}
	if !isCleanLine(text) {
		t.Errorf("%q is not one clean line", text)
	}
}

// hasNoJargon checks that a text has no technical words. It is for texts that do not quote a stranger.
func hasNoJargon(t testingT, text string) {
	t.Helper()
	for _, word := range []string{"E.164", "SIP", "CLI", "NaN", "%!", "<nil>", "phonenumbers", "invalid", "null"} {
		if strings.Contains(text, word) {
			t.Errorf("%q holds %q", text, word)
		}
	}
}

func isCleanLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// checkCaller checks what must be true of every caller that Identify returns.
func checkCaller(t testingT, caller screening.Caller) {
	t.Helper()
	switch caller.Presentation {
	case screening.Allowed:
		if caller.Impossible == (caller.Number != "") {
			t.Errorf("shown, and neither a number nor impossible, or both: %+v", caller)
		}
	case screening.Withheld, screening.Unavailable:
		if caller.Number != "" || caller.Impossible || caller.Doubtful || caller.PremiumRate {
			t.Errorf("not shown, and yet it tells something: %+v", caller)
		}
	default:
		t.Errorf("presentation %q", caller.Presentation)
	}
	if caller.Number != "" {
		checkNumber(t, caller.Number)
	}
	if !isCleanLine(caller.Name) || utf8.RuneCountInString(caller.Name) > 64 || strings.TrimSpace(caller.Name) != caller.Name {
		t.Errorf("name %q", caller.Name)
	}
}

// checkNumber checks that a number has one of the two forms: E.164, or up to six digits.
func checkNumber(t testingT, number screening.Number) {
	t.Helper()
	digits, international := strings.CutPrefix(string(number), "+")
	limit := 6
	if international {
		limit = 15
	}
	if digits == "" || len(digits) > limit || strings.Trim(digits, "0123456789") != "" || international && digits[0] == '0' {
		t.Errorf("number %q", number)
	}
}
