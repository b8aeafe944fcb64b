package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows how much of a file has been read or written: with a bar on a terminal, elsewhere with a line every few seconds.
type progress struct {
	to       io.Writer
	terminal bool
	all      int64 // bytes; 0: not known
	bytes    int64
	began    time.Time
	shown    time.Time
}

// newProgress is for a file that is about to be read.
func newProgress(to io.Writer, file any) *progress {
	r := &progress{to: to, began: time.Now()}
	if screen, ok := to.(*os.File); ok {
		r.terminal = term.IsTerminal(int(screen.Fd())) //nolint:gosec // a descriptor is a small number
	}
	if file, ok := file.(fs.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			r.all = info.Size()
		}
	}
	return r
}

// The pauses before the first line, and between lines.
const (
	progressAfter = 300 * time.Millisecond
	progressBar   = 100 * time.Millisecond
	progressLine  = 2 * time.Second
)

// barWidth is that of a bar, in characters.
const barWidth = 30

func (r *progress) Write(b []byte) (int, error) {
	r.reached(r.bytes + int64(len(b)))
	return len(b), nil
}

// reached shows how far it has got, if it is time to.
func (r *progress) reached(bytes int64) {
	r.bytes = bytes
	now, after, each := time.Now(), progressLine, progressLine
	if r.terminal {
		after, each = progressAfter, progressBar
	}
	if now.Sub(r.began) > after && now.Sub(r.shown) > each {
		r.shown = now
		_, _ = io.WriteString(r.to, r.text()) // a screen that has gone is no reason to stop
	}
}

func (r *progress) text() string {
	if !r.terminal || r.all == 0 {
		return fmt.Sprintf("… %s read\n", size(r.bytes))
	}
	done := float64(min(r.bytes, r.all)) / float64(r.all)
	full := int(done * barWidth)
	return fmt.Sprintf("\r[%s%s] %3.0f%% of %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), 100*done, size(r.all))
}

// end takes the bar away.
func (r *progress) end() {
	if r.terminal && r.all > 0 && !r.shown.IsZero() {
		_, _ = io.WriteString(r.to, "\r\033[K") // as above
	}
}

// progress shows how much has been written, if a terminal is there to show it.
func (p *program) progress(total int64) func(done int64) {
	bar := newProgress(p.err, nil)
	if !bar.terminal {
		return nil
	}
	bar.all = total
	return func(done int64) {
		bar.reached(done)
		if done >= total {
			bar.end()
		}
	}
}
