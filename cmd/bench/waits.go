package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// waits are how long people wait in one call of a stranger.
type waits struct {
	asked, rings, dialled, announced time.Duration
	shown                            string // on the phone's display
}

// waited measures how long a stranger and the household wait, with a statement of 3.4 seconds in which nothing is suspicious. The caller says no "hash":
// two seconds of silence end what they say.
func (b *bench) waited(ctx context.Context) error {
	if b.strangers == 0 {
		return nil
	}
	hall, err := b.testbed.Telephone(ctx, "hall", nil)
	if err != nil {
		return err
	}
	err = b.printWaits(ctx, hall)
	return errors.Join(err, hall.Close())
}

func (b *bench) printWaits(ctx context.Context, hall *softphone.Phone) error {
	var asked, rings, dialled, announced []time.Duration
	shown := ""
	for i := range b.strangers {
		w, err := b.wait(ctx, hall, i)
		if err != nil {
			return fmt.Errorf("stranger %d: %w", i, err)
		}
		asked, rings = append(asked, w.asked), append(rings, w.rings)
		dialled, announced = append(dialled, w.dialled), append(announced, w.announced)
		shown = w.shown
	}
	fmt.Printf("\n%d calls of a stranger, who says who they are in 3.4 s (speech recognition: %s)\n  %-58s %8s %8s %6s\n", b.strangers, b.reader, "", "p50", "longest", "aim")
	for _, row := range []struct {
		what string
		took []time.Duration
		aim  string
	}{
		{"from the answer until the caller may speak", asked, "6 s"},
		{"from the caller's last word until the phone rings", rings, "2.5 s"},
		{"from dialling until the phone rings", dialled, "12 s"},
		{"from picking up until the household has heard everything", announced, "9 s"},
	} {
		fmt.Printf("  %-58s %6.1f s %6.1f s %6s\n", row.what, part(row.took, 0.5).Seconds(), part(row.took, 1).Seconds(), row.aim)
	}
	fmt.Printf("  the phone showed %q\n", shown)
	return nil
}

// wait is one such call. The household hears everything, and takes it.
func (b *bench) wait(ctx context.Context, hall *softphone.Phone, n int) (w waits, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	library, err := testbed.Library("en-GB")
	if err != nil {
		return w, err
	}
	voice, err := softphone.Voice("neighbour")
	if err != nil {
		return w, err
	}
	caller, err := softphone.NewCaller(softphone.Config{Name: "stranger", Address: viaApp + ":0", Library: library})
	if err != nil {
		return w, err
	}
	defer func() { _ = caller.Close() }() // its one call is over
	dialled := time.Now()
	number := fmt.Sprintf("0113496%04d", n)
	out, err := caller.Dial(ctx, softphone.Dial{Number: testbed.Number, At: b.testbed.SIP, From: softphone.CallerID{Number: number}})
	if err != nil {
		return w, err
	}
	if _, err := out.HearsOut(ctx, "ask-name"); err != nil {
		return w, err
	}
	tone, err := out.HearsOut(ctx, "beep")
	if err != nil {
		return w, err
	}
	w.asked = tone.At + tone.Of
	if err := out.Say(ctx, voice); err != nil {
		return w, err
	}
	silent := time.Now()
	in, err := hall.Rings(ctx)
	if err != nil {
		return w, err
	}
	w.rings, w.dialled, w.shown = time.Since(silent), time.Since(dialled), in.CallerID().Name
	if err := in.Answer(ctx); err != nil {
		return w, err
	}
	choices, err := in.HearsOut(ctx, "choices")
	if err != nil {
		return w, err
	}
	w.announced = choices.At - choices.From + choices.Of
	return w, errors.Join(in.Press(ctx, "1"), out.Hangup(ctx), ended(ctx, in))
}

func ended(ctx context.Context, call *softphone.Call) error {
	_, err := call.Ended(ctx)
	return err
}
