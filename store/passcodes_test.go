package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
)

func TestPassCodes(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	if code, err := s.AddPassCode(ctx, "home", " Joan ", "1958 37"); code != "195837" || err != nil {
		t.Fatal(code, err)
	}
	for what, test := range map[string][2]string{
		"in use already, by Joan":  {"Peter", "195837"},
		"Joan has a pass code":     {"JOAN", "195838"},
		"needs a name":             {" ", "195838"},
		"4 to 8 digits":            {"Peter", "195"},
		"has 4 to 8 digits":        {"Peter", "195837462"},
		"only digits":              {"Peter", "19583*"},
		"too easy to guess":        {"Peter", "123456"},
		"only digits, because":     {"Peter", "१९५८३७"}, // digits, but of no telephone
		"or none, and one is made": {"Peter", " "},
	} {
		code, err := s.AddPassCode(ctx, "home", test[0], test[1])
		if err == nil || code != "" || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "1958") {
			t.Errorf("%q for %q: %q %v, not %q", test[1], test[0], code, err, what)
		}
	}
	for _, code := range []string{"1111", "11112222", "1234", "0987", "8901", "2468", "135791", "1212", "123123", "12312312", "1958", "2026", "2580", "1122", "987654"} {
		if !trivial(code) {
			t.Errorf("%s is not guessed", code)
		}
	}
	for _, code := range []string{"4071", "9583", "195837", "48213375"} {
		if trivial(code) {
			t.Errorf("%s is refused", code)
		}
	}
	codes, err := s.PassCodes(ctx, "home")
	if err != nil || len(codes) != 1 || codes[0].Name != "Joan" || codes[0].Code != "195837" || time.Since(codes[0].Added) > time.Minute ||
		!codes[0].Used.IsZero() || codes[0].Uses != 0 {
		t.Errorf("%+v %v", codes, err)
	}
	// Another household's are not seen, and do not stand in the way.
	if codes, err := s.PassCodes(ctx, "other"); len(codes) != 0 || err != nil {
		t.Errorf("%+v %v", codes, err)
	}
	if _, err := s.AddPassCode(ctx, "other", "Joan", "195837"); err != nil {
		t.Error(err)
	}
	if gone, err := s.WithdrawPassCode(ctx, "home", "joan"); !gone || err != nil {
		t.Error(gone, err)
	}
	if gone, err := s.WithdrawPassCode(ctx, "home", "joan"); gone || err != nil {
		t.Error(gone, err)
	}
	if codes, err := s.PassCodes(ctx, "other"); len(codes) != 1 || err != nil {
		t.Errorf("%+v %v", codes, err)
	}
}

func TestMadePassCodes(t *testing.T) {
	s, _ := open(t)
	made := map[string]bool{}
	for i := range 100 {
		code, err := s.AddPassCode(t.Context(), "home", fmt.Sprint("friend ", i), "")
		if err != nil || len(code) != 6 || goodCode(code) != nil || made[code] {
			t.Errorf("%q %v", code, err)
		}
		made[code] = true
	}
	for range 20_000 { // of which some fifty would be too easy
		if code, err := makeCode(nil); err != nil || trivial(code) {
			t.Fatalf("%q %v", code, err)
		}
	}
}

// tryer dials codes in one call after another.
type tryer struct {
	*testing.T
	*Store
	now time.Time
}

func (y *tryer) tries(code, want string) {
	y.Helper()
	call := aCall(y.T, y.Store, "home", y.now, "", "")
	name, ok, err := y.TryPassCode(y.Context(), "home", code, call, y.now)
	got := name
	switch {
	case errors.Is(err, ErrPassCodeWait) && !ok && name == "":
		got = "wait"
	case err != nil:
		y.Fatal(err)
	case !ok && name == "":
		got = "wrong"
	}
	if got != want {
		y.Errorf("%s at %s: %s, not %s", code, y.now.Format(time.TimeOnly), got, want)
	}
}

func TestTryingPassCodes(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	y := &tryer{t, s, time.Now().Truncate(time.Second)}
	_, err := s.AddPassCode(ctx, "home", "Joan", "195837")
	must(t, err)
	_, err = s.AddPassCode(ctx, "home", "Peter", "4071")
	must(t, err)
	_, err = s.AddPassCode(ctx, "other", "Stranger", "739164")
	must(t, err)
	for code, want := range map[string]string{"195837": "Joan", "4071": "Peter"} {
		y.tries("739164", "wrong") // another household's
		y.tries(code+"0", "wrong")
		y.tries(code, want)
	}
	y.tries("", "wrong")
	y.tries("19583", "wrong") // the beginning of one
	y.tries("195837", "Joan")
	codes, err := s.PassCodes(ctx, "home")
	if err != nil || codes[0].Uses != 2 || !codes[0].Used.Equal(y.now) || codes[1].Uses != 1 {
		t.Errorf("%+v %v", codes, err)
	}
	call := aCall(t, s, "other", y.now, "", "")
	if name, ok, err := s.TryPassCode(ctx, "home", "195837", call, y.now); ok || name != "" || !errors.Is(err, errOtherCall) {
		t.Errorf("in another household's call: %q %v %v", name, ok, err)
	}
}

// After three wrong ones in a row comes a wait, and a longer one after each one more. What is tried meanwhile is refused,
// and does not make it longer.
func TestPassCodesCannotBeGuessed(t *testing.T) {
	s, _ := open(t)
	y := &tryer{t, s, time.Now().Truncate(time.Second)}
	_, err := s.AddPassCode(t.Context(), "home", "Joan", "195837")
	must(t, err)
	_, err = s.AddPassCode(t.Context(), "other", "Joan", "195837")
	must(t, err)
	y.tries("195838", "wrong")
	y.tries("195838", "wrong")
	for _, wait := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour, 24 * time.Hour, 24 * time.Hour} {
		y.tries("195838", "wrong")
		began := y.now
		y.tries("195837", "wait")
		y.now = began.Add(wait - time.Second)
		y.tries("195837", "wait")
		y.tries("195838", "wait")
		call := aCall(t, s, "other", y.now, "", "")
		if name, ok, err := s.TryPassCode(t.Context(), "other", "195837", call, y.now); name != "Joan" || !ok || err != nil {
			t.Errorf("another household has to wait, too: %v %v", ok, err)
		}
		y.now = began.Add(wait)
	}
	y.tries("195837", "Joan")
	y.tries("195838", "wrong") // and all begins anew
	y.tries("195838", "wrong")
	y.tries("195837", "Joan")
	y.tries("195838", "wrong")
	y.tries("195838", "wrong")
	y.tries("195838", "wrong")
	y.tries("195837", "wait")
	y.now = y.now.Add(-1000 * time.Hour) // the clock was wrong: nobody waits for it
	y.tries("195837", "Joan")
}

// Each try is in the log and the carers are told; a code is in neither.
func TestTriesAreLoggedWithoutTheCode(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	_, err := s.AddPassCode(ctx, "home", "Joan", "195837")
	must(t, err)
	call := aCall(t, s, "home", now, "", "")
	for i, code := range []string{"195837", "195838", "195838", "195838", "195837"} {
		_, _, err := s.TryPassCode(ctx, "home", code, call, now.Add(time.Duration(i)*time.Second))
		if err != nil && !errors.Is(err, ErrPassCodeWait) {
			t.Fatal(err)
		}
	}
	calls, err := s.Calls(ctx, "home", 1)
	must(t, err)
	notices, err := s.Notices(ctx, "home", 10)
	must(t, err)
	var steps []string
	for _, step := range calls[0].Steps {
		steps = append(steps, string(calllog.KindOf(step.Step)))
	}
	if got := strings.Join(steps, " "); got != "pass-code pass-code-wrong pass-code-wrong pass-code-wrong pass-code-refused" {
		t.Error(got)
	}
	if len(notices) != 2 || notices[1].Kind != NoticePassCodeUsed || notices[1].Call != call || !strings.Contains(notices[1].Text, "Joan") ||
		notices[0].Kind != NoticePassCodeGuessing || !strings.Contains(notices[0].Text, "for a minute") {
		t.Errorf("%+v", notices)
	}
	if told := fmt.Sprintf("%+v %+v", calls, notices); strings.Contains(told, "19583") {
		t.Errorf("a code is in the log: %s", told)
	}
}
