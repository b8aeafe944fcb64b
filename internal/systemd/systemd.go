// Package systemd tells the service manager how a service is: that it has started, and that it works (sd_notify(3)). Outside a service of
// "Type=notify" nobody listens, and nothing is done.
package systemd

import (
	"log/slog"
	"os"
	"sync"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Listens says whether systemd wants to be told.
func Listens() bool { return os.Getenv("NOTIFY_SOCKET") != "" }

// Notifier tells systemd.
type Notifier struct {
	Log *slog.Logger

	mu     sync.Mutex
	ready  bool
	failed bool
}

// Works says that the service was just seen to work: it is no ticker. The first time that is also the end of its start. A service that does not
// say so for as long as WatchdogSec= allows is killed and started again.
func (n *Notifier) Works() {
	n.mu.Lock()
	defer n.mu.Unlock()
	state := daemon.SdNotifyWatchdog
	if !n.ready {
		state = daemon.SdNotifyReady + "\n" + state
	}
	_, err := daemon.SdNotify(false, state)
	if err != nil && !n.failed {
		n.Log.Warn("systemd can't be told that this service works", "err", err)
	}
	n.failed = err != nil
	n.ready = n.ready || err == nil
}
