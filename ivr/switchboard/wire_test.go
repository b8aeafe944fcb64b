package switchboard

import (
	"fmt"
	"testing"
)

// An event that Asterisk tells twice counts once, and two that only look alike count twice.
func TestTwice(t *testing.T) {
	var seen twice
	key := func(ms int, channel string) []byte {
		return fmt.Appendf(nil, `{"type":"ChannelDtmfReceived","timestamp":"2026-11-24T10:00:00.%03d+0000","digit":"1","channel":{"id":%q}}`, ms, channel)
	}
	for i, c := range []struct {
		message []byte
		before  bool
	}{
		{key(1, "a"), false}, {key(1, "a"), true}, {key(1, "b"), false}, {key(2, "a"), false}, {key(1, "b"), true}, {key(2, "a"), true},
	} {
		if got := seen.before(c.message); got != c.before {
			t.Errorf("%d: %s: %v", i, c.message, got)
		}
	}
	for ms := range 100 {
		if seen.before(key(100+ms, "a")) {
			t.Errorf("%d was told once", ms)
		}
	}
}
