package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// A line is the same as that of slog's own handler, whoever has added what to it.
func TestTheLogIsThatOfSlog(t *testing.T) {
	var own, slogs bytes.Buffer
	for _, log := range []*slog.Logger{NewLog(&own, slog.LevelInfo), slog.New(slog.NewTextHandler(&slogs, nil))} {
		call := log.With("channel", "1.1", "name", "M\n\"x\"")
		call.With("call", 7).Info("call ended", "outcome", "talked")
		call.With("call", 8).Debug("not written")
		call.WithGroup("in").With("a", 1).Warn("grouped", "b", 2)
		log.Error("bare")
		call.Info("again")
	}
	strip := func(text string) (lines []string) {
		for line := range strings.Lines(text) {
			_, line, _ = strings.Cut(line, " ") // the time
			lines = append(lines, line)
		}
		return lines
	}
	if got, want := strings.Join(strip(own.String()), ""), strings.Join(strip(slogs.String()), ""); got != want || strings.Count(got, "\n") != 4 {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
