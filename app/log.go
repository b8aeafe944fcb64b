package app

import (
	"context"
	"io"
	"log/slog"
	"slices"
)

// NewLog is the program's own log, for operators.
func NewLog(to io.Writer, level slog.Level) *slog.Logger {
	return slog.New(lateHandler{Handler: slog.NewTextHandler(to, &slog.HandlerOptions{Level: level})})
}

// lateHandler formats what With adds only once there is a line to write. slog's own handlers format it at once, which took a twentieth of the
// processor time of a call that is turned away: each call has a logger of its own, and writes one line.
type lateHandler struct {
	slog.Handler
	attrs   []slog.Attr
	onError func(error) // called with the errors in lines; may be nil
}

// WithAttrs implements slog.Handler.
func (h lateHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.attrs = append(slices.Clip(h.attrs), attrs...)
	return h
}

// WithGroup implements slog.Handler. What was added before stands outside of the group.
func (h lateHandler) WithGroup(name string) slog.Handler {
	h.Handler, h.attrs = h.Handler.WithAttrs(h.attrs).WithGroup(name), nil
	return h
}

// Handle implements slog.Handler.
func (h lateHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.onError != nil {
		r.Attrs(func(a slog.Attr) bool {
			if err, is := a.Value.Any().(error); is {
				h.onError(err)
			}
			return true
		})
	}
	if len(h.attrs) == 0 {
		return h.Handler.Handle(ctx, r)
	}
	whole := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	whole.AddAttrs(h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		whole.AddAttrs(a)
		return true
	})
	return h.Handler.Handle(ctx, whole)
}
