package asterisk

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"
)

// tail keeps what a program prints, for another goroutine to read.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	return len(b), nil
}

// last is the end of it, which usually says why a program failed.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text[max(0, len(t.text)-4000):]))
}

// showProgress shows a program's last line every three seconds, and the text interrupted once when ctx has ended, until stop is called.
func showProgress(ctx context.Context, progress io.Writer, words *tail, interrupted string) (stop func()) {
	began, end, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(3 * time.Second)
		defer tick.Stop()
		interrupt := ctx.Done()
		for {
			select {
			case <-end:
				return
			case <-interrupt:
				say(progress, "%s", interrupted)
				interrupt = nil
			case <-tick.C:
				lines := strings.Split(words.last(), "\n")
				line, _, _ := strings.Cut(strings.TrimPrefix(lines[len(lines)-1], "I: "), " in shell: ") // not the whole of mmdebstrap's hook
				say(progress, "  %2.0f s: %s", time.Since(began).Seconds(), line)
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
