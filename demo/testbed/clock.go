package testbed

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ringfence/asterisk"
)

//go:embed clock/clock.c
var clockSource string

// Clock is a wall clock for Asterisk alone, which a test can move; the machine's own stays. Put its Launch into Options.
// The application has the machine's clock: Go does not ask the C library for the time.
type Clock struct{ file, library string }

// NewClock makes a clock that shows the right time. Its files are put into dir. It needs a C compiler.
func NewClock(dir string) (*Clock, error) {
	c := &Clock{file: filepath.Join(dir, "clock"), library: filepath.Join(dir, "clock.so")}
	if err := c.Move(0); err != nil {
		return nil, err
	}
	source := filepath.Join(dir, "clock.c")
	if err := os.WriteFile(source, []byte(clockSource), 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", c.library, source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile a clock: %w: %s", err, out)
	}
	return c, nil
}

// Move sets the clock to the machine's time and by.
func (c *Clock) Move(by time.Duration) error {
	f, err := os.OpenFile(c.file, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// One write of eight bytes in a page: who has the file mapped sees the old time or the new one.
	_, err = f.Write(binary.NativeEndian.AppendUint64(nil, uint64(by)))
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// Launch starts Asterisk with this clock.
func (c *Clock) Launch(i asterisk.Installation) asterisk.Installation {
	i.Program = append([]string{"env", "LD_PRELOAD=" + c.library, "RINGFENCE_TESTBED_CLOCK=" + c.file}, i.Program...)
	return i
}
