package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/store"
)

// watched is the application with an Asterisk that says nothing, and a systemd that listens.
type watched struct {
	*Service
	t       *testing.T
	said    *servetest.Text // its log
	systemd *net.UnixConn
	fed     chan struct{} // has a value when systemd was told since that it works
	counts  chan int      // gets how often systemd was told before a marker
	calls   *slowCalls
	lookups *slowLookups
	lose    func() // ends the connection to Asterisk
}

// slowLookups is the database, which may be busy or hang.
type slowLookups struct {
	*store.Store
	mu    sync.Mutex
	busy  time.Duration
	until chan struct{} // it hangs until this is closed
}

func (l *slowLookups) Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error) {
	l.mu.Lock()
	busy, until := l.busy, l.until
	l.mu.Unlock()
	time.Sleep(busy)
	if until != nil {
		<-until
	}
	return l.Store.Situation(ctx, household, number)
}

func (l *slowLookups) become(busy time.Duration, until chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy, l.until = busy, until
}

// slowCalls has the log of calls that go on, whose reading may hang.
type slowCalls struct {
	ivr.OpenCalls
	asked chan struct{} // has a value once it was asked
	until chan struct{} // it hangs until this is closed
	goOn  func()
}

func (c *slowCalls) OpenChannels(ctx context.Context) ([]string, error) {
	select {
	case c.asked <- struct{}{}:
	default:
	}
	<-c.until
	return c.OpenCalls.OpenChannels(ctx)
}

// newWatched starts what takes calls, and what systemd is told.
func newWatched(t *testing.T, s signs) *watched {
	t.Helper()
	w := &watched{t: t, said: servetest.NewText()}
	settings := configtest.Read(t, "[asterisk]\nari = \""+w.asterisk()+"\"\n"+configtest.Usual)
	path := filepath.Join(t.TempDir(), "notify")
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	w.systemd, w.fed, w.counts = systemd, make(chan struct{}, 1), make(chan int)
	go w.listen()
	db, err := OpenStore(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := settings.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	w.Service, err = New(t.Context(), Options{Settings: settings, Out: io.Discard, Log: slog.New(slog.NewTextHandler(w.said, nil))}, db)
	if err != nil {
		t.Fatal(err)
	}
	w.lookups = &slowLookups{Store: db}
	w.calls = &slowCalls{OpenCalls: w.screener.OpenCalls, asked: make(chan struct{}, 1), until: make(chan struct{})}
	w.calls.goOn = sync.OnceFunc(func() { close(w.calls.until) })
	w.situations, w.screener.OpenCalls, w.signs = w.lookups, w.calls, s
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = w.board.Run(ctx, w.screener) }) // it ends with ctx
	running.Go(func() { w.showSignsOfLife(ctx) })
	t.Cleanup(func() {
		cancel()
		w.calls.goOn()
		running.Wait()
		w.queue.Close()
		if err := errors.Join(db.Close(), systemd.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// asterisk is the address of one where nobody rings.
func (w *watched) asterisk() string {
	lost := make(chan struct{})
	w.lose = sync.OnceFunc(func() { close(lost) })
	w.t.Cleanup(w.lose)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/events"):
			ws, err := websocket.Accept(rw, r, nil)
			if err != nil {
				return // the application has ended
			}
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			go func() {
				<-lost
				cancel()
			}()
			for err == nil {
				_, _, err = ws.Read(ctx) // as an Asterisk that takes no requests here
			}
		case strings.HasSuffix(r.URL.Path, "/channels"), strings.HasSuffix(r.URL.Path, "/stored"):
			_, _ = io.WriteString(rw, "[]") // the application may have gone
		default:
			_, _ = io.WriteString(rw, "{}")
		}
	}))
	w.t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

const marker = "count"

// listen is what systemd does.
func (w *watched) listen() {
	buffer, times := make([]byte, 100), 0
	for {
		n, err := w.systemd.Read(buffer)
		switch {
		case err != nil: // the test has ended
			return
		case string(buffer[:n]) == marker:
			w.counts <- times
		case strings.Contains(string(buffer[:n]), "WATCHDOG=1"):
			times++
			select {
			case w.fed <- struct{}{}:
			default:
			}
		}
	}
}

// count is how often systemd has been told that the application works.
func (w *watched) count() int {
	w.t.Helper()
	c, err := net.Dial("unixgram", w.systemd.LocalAddr().String())
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = io.WriteString(c, marker)
	if err := errors.Join(err, c.Close()); err != nil {
		w.t.Fatal(err)
	}
	return <-w.counts
}

// isFed waits until systemd is told so often that the application works.
func (w *watched) isFed(times int) {
	w.t.Helper()
	late := time.After(longest)
	for before := w.count(); w.count() < before+times; {
		select {
		case <-w.fed:
		case <-late:
			w.t.Fatalf("an application that works is not said to: %s", w.said.String())
		}
	}
}

// longest is how long a test waits that fails.
const longest = 2 * time.Minute

const failure = "the application does not work at the moment"

// starves waits until the application was found not to work, and then three times more, and checks that systemd has heard nothing meanwhile.
func (w *watched) starves(why string) {
	w.t.Helper()
	late := time.After(longest)
	found := func() int { return strings.Count(w.said.String(), failure) }
	fails := func(times int) {
		for since := found(); found() < since+times; {
			select {
			case <-w.said.Wrote:
			case <-late:
				w.t.Fatalf("an application that hangs is said to work: %s", w.said.String())
			}
		}
	}
	fails(1)
	before := w.count()
	fails(3)
	if after := w.count(); after != before {
		w.t.Errorf("systemd hears %d times of an application that hangs that it works", after-before)
	}
	if !strings.Contains(w.said.String(), why) {
		w.t.Errorf("the log does not say %q: %s", why, w.said.String())
	}
}

// An application whose database hangs is not said to work until it goes on. One that is only busy is.
func TestTheWatchdogStarvesWhileTheDatabaseHangs(t *testing.T) {
	w := newWatched(t, signs{every: time.Millisecond, limit: 100 * time.Millisecond, connects: time.Hour})
	w.calls.goOn()
	w.isFed(2)
	goesOn := make(chan struct{})
	w.lookups.become(0, goesOn)
	w.starves("it hangs")
	w.lookups.become(0, nil)
	close(goesOn)
	w.isFed(2)
}

// So it is where what takes calls waits for something that never ends, and calls come to nobody.
func TestTheWatchdogStarvesWhileNobodyTakesCalls(t *testing.T) {
	w := newWatched(t, signs{every: time.Millisecond, limit: usualSigns.limit, connects: 100 * time.Millisecond})
	<-w.calls.asked // it is connected, and looks which calls have ended
	w.isFed(2)
	w.lose()
	w.starves("nothing has been done to connect to Asterisk")
	w.calls.goOn()
	w.isFed(2)
}

// A database that takes its time, and an Asterisk that is away, are no reasons to start the application again.
func TestTheWatchdogIsFedWhileTheApplicationIsBusy(t *testing.T) {
	busy := usualSigns
	busy.every = time.Millisecond
	w := newWatched(t, busy)
	w.calls.goOn()
	w.lookups.become(50*time.Millisecond, nil)
	w.isFed(5)
	w.lose()
	w.isFed(5)
	if strings.Contains(w.said.String(), failure) {
		t.Errorf("it is said not to work: %s", w.said.String())
	}
}
