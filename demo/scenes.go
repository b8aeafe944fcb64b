package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"ringfence/demo/testbed"
)

// scene is a call, or a few, and what becomes of it.
type scene struct {
	title string
	play  func(ctx context.Context) error
}

func (h *house) firstScenes() []scene {
	return []scene{
		{"The daughter is a contact: she rings straight through", h.daughter},
		{"A neighbour isn't a contact: she says who she is, and the household hears her own voice", h.neighbour},
		{"A number on the parish's list of scam callers: no phone rings", h.listed},
	}
}

// playAll plays scenes one after another, up to the first that does not go as told. Each has three minutes, which is several times what the
// longest needs.
func (h *house) playAll(ctx context.Context, scenes []scene) error {
	for i, s := range scenes {
		if _, err := fmt.Fprintf(h.out, "\n── %d of %d ── %s\n", i+1, len(scenes), s.title); err != nil {
			return err
		}
		within, cancel := context.WithTimeout(ctx, 3*time.Minute)
		err := s.play(within)
		cancel()
		if err != nil {
			return fmt.Errorf("the scene %q did not go as told: %w", s.title, err)
		}
	}
	return nil
}

// FirstScenes plays the first three scenes in a household whose Ringfence runs already: a contact, a stranger, and a number on a list.
func FirstScenes(ctx context.Context, testbed *testbed.Testbed, out io.Writer) error {
	h := &house{out: out, testbed: testbed, called: "the household", began: time.Now()}
	err := h.prepare(ctx)
	if err == nil {
		err = h.playAll(ctx, h.firstScenes())
	}
	if err == nil {
		_, err = h.allLogged(ctx, 3)
	}
	h.leave()
	return err
}
