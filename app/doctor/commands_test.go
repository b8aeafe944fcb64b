package doctor

import "testing"

// A container has no journal.
func TestTheLogOfAsterisk(t *testing.T) {
	for _, c := range []struct {
		container bool
		want      string
	}{{false, "sudo journalctl -u ringfence-asterisk -n 30"}, {true, "docker compose logs --tail 30 asterisk"}} {
		if got := (&Doctor{container: c.container}).AsteriskLog(); got != c.want {
			t.Errorf("in a container %v: %s", c.container, got)
		}
	}
}
