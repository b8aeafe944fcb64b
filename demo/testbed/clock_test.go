package testbed_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
)

// A program that a clock is preloaded into has that clock's time, before and after it is moved.
func TestAClockThatIsMoved(t *testing.T) {
	clock, err := testbed.NewClock(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []time.Duration{0, time.Hour, -time.Hour} {
		if err := clock.Move(by); err != nil {
			t.Fatal(err)
		}
		args := clock.Launch(asterisk.Installation{Program: []string{"date", "+%s"}}).Program
		out, err := exec.Command(args[0], args[1:]...).Output()
		if err != nil {
			t.Fatal(err)
		}
		seconds, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if off := time.Until(time.Unix(seconds, 0)); (off - by).Abs() > time.Minute {
			t.Errorf("moved by %s, the clock is off by %s", by, off)
		}
	}
}
