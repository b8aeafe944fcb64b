package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"ringfence/demo/testbed"
	"ringfence/prompts"
	"ringfence/softphone"
	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

// taken compares calls that somebody accepts with a key: the time from the key until each hears the other, less the words "Connecting you".
func (b *bench) taken(ctx context.Context) error {
	if b.talks == 0 {
		return nil
	}
	hall, err := b.testbed.Telephone(ctx, "hall", nil)
	if err != nil {
		return err
	}
	err = b.compareTalks(ctx, hall)
	return errors.Join(err, hall.Close())
}

func (b *bench) compareTalks(ctx context.Context, hall *softphone.Phone) error {
	fmt.Printf("\n%d calls each way, in turn, that the household takes with a key: from its beginning until both hear each other, less the words between\n", b.talks)
	ways := []struct {
		name, from string
		took       []time.Duration
	}{{name: "pure dialplan", from: viaPure}, {name: "application", from: viaApp}}
	for i := range b.talks {
		for w := range ways {
			took, err := b.talk(ctx, hall, ways[w].from, i)
			if err != nil {
				return fmt.Errorf("%s: %w", ways[w].name, err)
			}
			ways[w].took = append(ways[w].took, took)
		}
	}
	for _, w := range ways {
		fmt.Printf("  %-14s p50 %v, p99 %v\n", w.name, part(w.took, 0.5).Round(time.Millisecond), part(w.took, 0.99).Round(time.Millisecond))
	}
	return nil
}

// talk is one call; the address that it comes from decides its way.
func (b *bench) talk(ctx context.Context, hall *softphone.Phone, from string, n int) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	library, err := testbed.Library("en-GB")
	if err != nil {
		return 0, err
	}
	caller, err := softphone.NewCaller(softphone.Config{Name: "caller", Address: from + ":0", Library: library})
	if err != nil {
		return 0, err
	}
	defer func() { _ = caller.Close() }() // its one call is over
	number := fmt.Sprintf("0207946%04d", n)
	out, err := caller.Dial(ctx, softphone.Dial{Number: testbed.Number, At: b.testbed.SIP, From: softphone.CallerID{Number: number}})
	if err != nil {
		return 0, err
	}
	if from == viaApp {
		if err := sayName(ctx, out); err != nil {
			return 0, err
		}
	}
	in, err := hall.Rings(ctx)
	if err == nil {
		err = in.Answer(ctx)
	}
	if err == nil {
		_, err = in.Hears(ctx, "choices")
	}
	pressed := time.Now()
	if err == nil {
		err = in.Press(ctx, "1")
	}
	if err != nil {
		return 0, err
	}
	// Both speak from now on, with a tone.
	var talking sync.WaitGroup
	speaking, cancelSpeaking := context.WithCancel(ctx)
	for _, call := range []*softphone.Call{out, in} {
		talking.Go(func() { _ = call.Say(speaking, tone()) }) // it ends with the call
	}
	defer talking.Wait()
	defer cancelSpeaking()
	first, err := hearTone(ctx, in, pressed)
	second, err2 := hearTone(ctx, out, pressed)
	if err := errors.Join(err, err2, out.Hangup(ctx)); err != nil {
		return 0, err
	}
	words := prompts.Duration("en-GB", prompts.Connecting)
	return max(first, second) - words, nil
}

// sayName answers the question who it is.
func sayName(ctx context.Context, out *softphone.Call) error {
	voice, err := softphone.Voice("neighbour")
	if err != nil {
		return err
	}
	for _, prompt := range []string{"ask-name", "beep"} {
		if _, err := out.HearsOut(ctx, prompt); err != nil {
			return err
		}
	}
	return out.Say(ctx, voice)
}

// tone is six seconds of 1000 Hz.
func tone() audio.Sound {
	s := audio.Silence(6*time.Second, audio.Narrow)
	for i := range s.PCM {
		s.PCM[i] = int16(8000 * math.Sin(2*math.Pi*1000*float64(i)/audio.Narrow))
	}
	return s
}

// hearTone waits until a call hears a tone, and returns how long after since that is.
func hearTone(ctx context.Context, call *softphone.Call, since time.Time) (time.Duration, error) {
	heard, err := call.Hears(ctx, recognise.Beep)
	return call.WhenHeard(heard).Sub(since), err
}
