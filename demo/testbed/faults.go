package testbed

import (
	"context"
	"errors"
	"slices"
	"syscall"

	"github.com/prometheus/procfs"
)

// Cut cuts the connections between the application and Asterisk.
func (s *Testbed) Cut() { s.wire.cut() }

// BlackHole lets nothing pass between the application and Asterisk, while every connection stays open; Carry delivers what was sent meanwhile.
func (s *Testbed) BlackHole() { s.wire.hold() }

// Carry ends a black hole.
func (s *Testbed) Carry() { s.wire.carry() }

// FreezeAsterisk stops Asterisk in its tracks; ThawAsterisk lets it go on.
func (s *Testbed) FreezeAsterisk() error { return s.signalAsterisk(syscall.SIGSTOP) }

// ThawAsterisk lets a frozen Asterisk go on.
func (s *Testbed) ThawAsterisk() error { return s.signalAsterisk(syscall.SIGCONT) }

// CrashAsterisk ends Asterisk as a fault would, and waits until it is started again: by "ringfence asterisk run" where that runs it, or in place of
// systemd, which starts that one again.
func (s *Testbed) CrashAsterisk(ctx context.Context) error {
	back := s.log.expect("Asterisk is running")
	if err := s.signalAsterisk(syscall.SIGKILL); err != nil {
		return err
	}
	if s.keeper == nil {
		<-s.Asterisk.Done()
		return s.StartAsterisk(ctx)
	}
	select {
	case <-back:
		return nil
	case <-s.keeper.done:
		return s.StartAsterisk(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// signalAsterisk sends a signal to all of Asterisk's processes: Asterisk leads a group of its own.
func (s *Testbed) signalAsterisk(signal syscall.Signal) error {
	if s.keeper == nil {
		return syscall.Kill(-s.Asterisk.PID(), signal)
	}
	all, err := procfs.AllProcs()
	if err != nil {
		return err
	}
	for _, process := range all {
		stat, err := process.Stat()
		if err != nil || stat.PPID != s.keeper.Pid {
			continue // also for one that has ended just now
		}
		if command, err := process.CmdLine(); err == nil && slices.Contains(command, "-f") { // one that only tells its version has no -f
			return syscall.Kill(-process.PID, signal)
		}
	}
	return errors.New("there is no Asterisk to send a signal to")
}

// Kill ends the application as a fault would, and waits until it is gone.
func (s *Testbed) Kill() { s.end(syscall.SIGKILL) }

// Freeze stops the application in its tracks; Thaw lets it go on.
func (s *Testbed) Freeze() error { return s.app.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen application go on.
func (s *Testbed) Thaw() error { return s.app.Signal(syscall.SIGCONT) }
