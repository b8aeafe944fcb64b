package account

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestHalfSignedIn(t *testing.T) {
	h := Half{Person: 7, At: now, To: "/calls?x=1"}
	if got := ReadHalf(h.Kept(), now.Add(halfLasts)); got != h {
		t.Errorf("%+v", got)
	}
	for kept, at := range map[string]time.Time{h.Kept(): now.Add(halfLasts + time.Second), "": now, "rubbish": now} {
		if got := ReadHalf(kept, at); got.Person != 0 {
			t.Errorf("%q: %+v", kept, got)
		}
	}
}

// keeper keeps the codes of one person.
type keeper struct {
	step     int64
	recovery string
}

func (k *keeper) UseTOTPStep(_ context.Context, _, step int64) (bool, error) {
	fresh := step > k.step
	k.step = max(k.step, step)
	return fresh, nil
}

func (k *keeper) UseRecoveryCode(_ context.Context, _ int64, code string) (bool, error) {
	right := k.recovery != "" && code == k.recovery
	if right {
		k.recovery = ""
	}
	return right, nil
}

// A code opens once, right ones are not counted against anybody, and wrong ones soon are.
func TestCodes(t *testing.T) {
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	code, err := totp.GenerateCode(secret, now)
	if err != nil {
		t.Fatal(err)
	}
	keep, codes := &keeper{recovery: "once"}, NewCodes(slog.New(slog.DiscardHandler))
	try := func(person int64, code, recovery, says string, allowed bool) {
		t.Helper()
		wrong, may, err := codes.Try(t.Context(), keep, CodeTry{Person: person, Secret: secret, Address: "192.0.2.1", Code: code, Recovery: recovery, At: now})
		if err != nil || may != allowed || wrong != says {
			t.Errorf("%q %q: %q, allowed %v, %v", code, recovery, wrong, may, err)
		}
	}
	try(1, code, "", "", true)
	try(1, code, "", "That code has been used already. Please wait for the next one.", true)
	try(1, "", "once", "", true)
	try(1, "", "once", "That is no recovery code of yours, or it has been used. Each of them opens once.", true)
	for range 3 {
		try(1, "000000", "", "That code is not right, or too old. Please type the one that your app shows now.", true)
	}
	try(1, code, "", "", false)
	keep.step = 0
	try(2, code, "", "", true) // another's tries are their own
}

func TestDevicesAreCalledByTheirNames(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":         "Chrome on Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": "Edge on Windows",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1": "Chrome on an iPad",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0":                                          "Firefox on a Mac",
		"curl/8.0": "A browser", "": "A browser", "<script>": "A browser",
	} {
		if got := Device(agent); got != want {
			t.Errorf("%s: %s, not %s", agent, got, want)
		}
	}
}
