package account

import (
	"testing"
	"time"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestHalfSignedIn(t *testing.T) {
	h := half{Person: 7, At: now, To: "/calls?x=1"}
	if got := readHalf(h.kept(), now.Add(halfLasts)); got != h {
		t.Errorf("%+v", got)
	}
	for kept, at := range map[string]time.Time{h.kept(): now.Add(halfLasts + time.Second), "": now, "rubbish": now} {
		if got := readHalf(kept, at); got.Person != 0 {
			t.Errorf("%q: %+v", kept, got)
		}
	}
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
