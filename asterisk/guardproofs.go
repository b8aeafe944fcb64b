package asterisk

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

// readProved reads who has signed in before the start.
func (g *guard) readProved() error {
	text, err := os.ReadFile(filepath.Join(g.dir, provedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	proved := map[netip.Addr]time.Time{}
	if err == nil {
		err = json.Unmarshal(text, &proved)
	}
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	for at, when := range proved {
		if when.After(now) { // the clock was set back
			when = now
		}
		g.proved[at] = when
	}
	g.forget()
	return nil
}

// keepProved writes down who has signed in, for the next start.
func (g *guard) keepProved() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.unkept {
		return nil
	}
	text, err := json.Marshal(g.proved)
	if err == nil {
		err = write(g.dir, provedFile, string(text))
	}
	if err == nil {
		g.kept, g.unkept = g.now(), false
	}
	return err
}
