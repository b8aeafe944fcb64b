package list

import (
	"context"
	"io"
	"time"
)

// Verified is the result of reading a list whose signature is right.
type Verified struct {
	Refused  int       // entries of the full list that the guard keeps off
	Refusals []Refusal // the first thousand of them
	Expired  int64     // entries of the full list that no longer count
}

// Verify reads all parts of a list, which open opens by their files' names. The error is the first fault found.
func (m Manifest) Verify(ctx context.Context, open func(file string) (io.ReadCloser, error), limits Limits, guard *Guard) (v Verified, err error) {
	now := time.Now()
	for _, p := range m.Parts {
		for c, err := range readOpened(ctx, open, p, limits) {
			if err != nil {
				return v, err
			}
			if p.From != 0 {
				continue
			}
			if c.Expired(now) {
				v.Expired++
			}
			if why := guard.Refuse(c.Entry); why != nil {
				if v.Refused++; v.Refused <= maxRefusals {
					v.Refusals = append(v.Refusals, refusalOf(c.Entry, why))
				}
			}
		}
	}
	return v, nil
}
