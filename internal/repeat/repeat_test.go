package repeat

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// What is deleted for its age is not deleted before a machine without a clock has had time to learn what day it is.
func TestDaily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 49*time.Hour)
		defer stop()
		var done []time.Duration
		Daily(ctx, slog.New(slog.DiscardHandler), "failed", func(context.Context) error {
			done = append(done, time.Since(began))
			return errors.New("a fault")
		})
		if !slices.Equal(done, []time.Duration{clockSettles, clockSettles + 24*time.Hour, clockSettles + 48*time.Hour}) {
			t.Errorf("done after %v", done)
		}
	})
}
