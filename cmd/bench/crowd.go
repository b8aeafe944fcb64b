package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"ringfence/demo/testbed"
	"ringfence/prompts"
	"ringfence/softphone"
	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

// atOnce lets many unknown callers ring at the same time, each of whom says their name and goes on to the end of the call, in front of a telephone
// that is busy. Each has to be asked, heard and told what happens to the call.
func (b *bench) atOnce(ctx context.Context) error {
	if b.screened == 0 {
		return nil
	}
	fmt.Printf("\n%d callers at the same time who say their name\n", b.screened)
	hall, err := b.testbed.Telephone(ctx, "hall", nil)
	if err != nil {
		return err
	}
	busy, cancelBusy := context.WithCancel(ctx)
	var declining sync.WaitGroup
	declining.Go(func() {
		for {
			call, err := hall.Rings(busy)
			if err != nil {
				return
			}
			_ = call.Decline(busy, 486) // the caller may have gone
		}
	})
	within, cancel := context.WithTimeout(ctx, 5*time.Minute)
	err = b.crowd(within)
	cancel()
	cancelBusy()
	declining.Wait()
	if err := errors.Join(err, hall.Close()); err != nil {
		return err
	}
	return b.allToTheEnd(ctx)
}

func (b *bench) crowd(ctx context.Context) error {
	library, err := crowdLibrary()
	if err != nil {
		return err
	}
	answers, courses := make([]time.Duration, b.screened), make([]time.Duration, b.screened)
	errs := make([]error, b.screened)
	var all sync.WaitGroup
	for i := range b.screened {
		all.Go(func() { answers[i], courses[i], errs[i] = b.screen(ctx, library, i) })
		time.Sleep(20 * time.Millisecond) // 50 a second
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Printf("  INVITE to 200: p50 %v, p99 %v; the whole call: p50 %v, p99 %v\n", part(answers, 0.5).Round(time.Millisecond), part(answers, 0.99).Round(time.Millisecond),
		part(courses, 0.5).Round(100*time.Millisecond), part(courses, 0.99).Round(100*time.Millisecond))
	return nil
}

// crowdLibrary has only what such a caller has to recognise, because a hundred of them listen on the same two cores.
func crowdLibrary() (*recognise.Library, error) {
	sounds := map[string]audio.Sound{}
	for _, id := range []prompts.ID{prompts.AskName, prompts.PleaseHold, prompts.LeaveMessage} {
		sound, err := audio.ReadWAV(prompts.Recording("en-GB", id, prompts.Narrow))
		if err != nil {
			return nil, err
		}
		sounds[string(id)] = sound
	}
	return recognise.NewLibrary(sounds)
}

// screen is one of them.
func (b *bench) screen(ctx context.Context, library *recognise.Library, n int) (answer, course time.Duration, err error) {
	caller, err := softphone.NewCaller(softphone.Config{Name: fmt.Sprint("caller ", n), Address: viaApp + ":0", Library: library})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = caller.Close() }() // its one call is over
	began := time.Now()
	out, err := caller.Dial(ctx, softphone.Dial{Number: testbed.Number, At: b.testbed.SIP, From: softphone.CallerID{Number: fmt.Sprintf("0161496%04d", n)}})
	if err != nil {
		return 0, 0, err
	}
	if err := out.Answered(ctx); err != nil {
		return 0, 0, err
	}
	answer = out.AnsweredAt().Sub(began)
	voice, err := softphone.Voice("mumbler")
	if err != nil {
		return 0, 0, err
	}
	heard := func(names ...string) error {
		for _, name := range names {
			if _, err := out.HearsOut(ctx, name); err != nil {
				return fmt.Errorf("caller %d: %w", n, err)
			}
		}
		return nil
	}
	if err := heard("ask-name", "beep"); err != nil {
		return 0, 0, err
	}
	if err := errors.Join(out.Say(ctx, voice), out.Press(ctx, "#")); err != nil {
		return 0, 0, err
	}
	if err := heard("please-hold"); err != nil {
		return 0, 0, err
	}
	// The household is on another call; they may leave a message, and say nothing more.
	if _, err := out.Ended(ctx); err != nil {
		return 0, 0, fmt.Errorf("caller %d: %w; heard: %s", n, err, out.Transcript())
	}
	return answer, time.Since(began), nil
}

// allToTheEnd checks the log: every call is there with an end, and nothing has failed.
func (b *bench) allToTheEnd(ctx context.Context) error {
	for {
		out, err := b.testbed.Command(ctx, "calls", "--json", "--limit", fmt.Sprint(b.screened))
		if err != nil {
			return err
		}
		outcomes, open := map[string]int{}, 0
		for line := range strings.Lines(out) {
			var call struct{ Action, Outcome string }
			if err := json.Unmarshal([]byte(line), &call); err != nil {
				return err
			}
			if call.Outcome == "" {
				open++
			}
			outcomes[call.Action+" "+call.Outcome]++
		}
		if open > 0 && ctx.Err() == nil {
			time.Sleep(200 * time.Millisecond) // written once a call is over
			continue
		}
		if len(outcomes) != 1 || outcomes["screen busy"] != b.screened {
			return fmt.Errorf("the log has other ends than expected: %v", outcomes)
		}
		fmt.Printf("  all %d are in the log, each to its end\n", b.screened)
		return nil
	}
}
