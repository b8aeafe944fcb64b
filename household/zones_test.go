package household

import (
	"testing"
	"time"
)

// Time zones are called what people there call them.
func TestZonesAsPeopleSayThem(t *testing.T) {
	for name, want := range map[string]string{
		"Europe/London": "UK time", "America/New_York": "Eastern time", "Australia/Sydney": "Sydney time", "America/Argentina/Buenos_Aires": "Buenos Aires time", "UTC": "UTC",
		"Local": "this machine’s time",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := ZoneName(zone); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}
