package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
	"ringfence/softphone/audio"
)

// sipp reads a clock that moves in steps of the kernel's tick, 4 ms on many machines, which is about as long as an answer
// takes. So it makes the load, and beside it these probes, a fifth of the calls, measure how long an answer takes.

// probes makes n calls, rate a second, from an address, and returns in ms how long each took from INVITE to 200, and from there to the first sound
// that is not silence.
func (b *bench) probes(ctx context.Context, from string, n, rate int) (times, sounds []float64, err error) {
	times, sounds = make([]float64, n), make([]float64, n)
	errs := make([]error, n)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range n {
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-tick.C:
		}
		all.Go(func() { times[i], sounds[i], errs[i] = b.probe(ctx, from, i) })
	}
	all.Wait()
	return times, sounds, errors.Join(errs...)
}

// loud is above the quietest steps of A-law, so it is not silence.
const loud = 256

// probe is one call, to its end.
func (b *bench) probe(ctx context.Context, from string, n int) (answer, sound float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	caller, err := softphone.NewCaller(softphone.Config{Name: fmt.Sprint("probe ", n), Address: from + ":0"})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = caller.Close() }() // its one call is over
	began := time.Now()
	call, err := caller.Dial(ctx, softphone.Dial{
		Number: testbed.Number, At: b.testbed.SIP, From: softphone.CallerID{Number: scammer(scammers/2 + n%(scammers/2))},
	})
	if err != nil {
		return 0, 0, err
	}
	if err := call.Answered(ctx); err != nil {
		return 0, 0, err
	}
	if _, err := call.Ended(ctx); err != nil {
		return 0, 0, err
	}
	heard := call.Sound()
	for i, sample := range heard.PCM {
		if sample > loud || sample < -loud {
			return milliseconds(call.AnsweredAt().Sub(began)), milliseconds(audio.Length(i, heard.Rate)), nil
		}
	}
	return 0, 0, errors.New("a probe heard nothing")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
