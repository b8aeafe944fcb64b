package replica

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// behind is how much lower its priority is than this program's, which has calls.
const behind = 10

// start starts a process that ends with this one, however that ends, and lets everything go before it: calls, and memory that they need. ended is closed
// when it has ended.
func start(cmd *exec.Cmd) (ended <-chan struct{}, err error) {
	// A group of its own has the priority: that of a process alone would be one of its threads'. See package moonshine.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started, done := make(chan error), make(chan struct{})
	go func() {
		// The signal comes when the thread that has started it ends, not the process (prctl(2), PR_SET_PDEATHSIG).
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in what it wrote
			close(done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	// A system may forbid both, and it works without them.
	id := cmd.Process.Pid
	if kernels, err := unix.Getpriority(unix.PRIO_PROCESS, 0); err == nil { // the kernel says 20 - nice
		_ = unix.Setpriority(unix.PRIO_PGRP, id, min(20-kernels+behind, 19))
	}
	_ = os.WriteFile(filepath.Join("/proc", strconv.Itoa(id), "oom_score_adj"), []byte("1000"), 0)
	return done, nil
}
