package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ringfence/demo/testbed"
	"ringfence/prompts"
	"ringfence/softphone"
	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

// result is what came of a call.
type result struct {
	caller
	asked   bool // for a key
	through bool // heard that they are being put through: the phones ring then
}

// callTime is longer than any of these calls lasts, on a busy machine.
const callTime = 5 * time.Minute

// ringAll makes the calls, so many at a time.
func ringAll(ctx context.Context, house *testbed.Testbed, callers []caller, atOnce int) ([]result, error) {
	library, err := listensFor()
	if err != nil {
		return nil, err
	}
	results := make([]result, len(callers))
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i, c := range callers {
		all.Go(func() error {
			ctx, cancel := context.WithTimeout(ctx, callTime)
			defer cancel()
			asked, through, err := c.ring(ctx, house, library, i)
			results[i] = result{c, asked, through}
			fmt.Printf("%3d %-26s asked for a key: %-5v put through: %v\n", i+1, c.kind, asked, through)
			return err
		})
		time.Sleep(300 * time.Millisecond) // they do not all come at one moment
	}
	return results, all.Wait()
}

// keyPrompts are the names of the keys, by the key.
var keyPrompts = []prompts.ID{prompts.N0, prompts.N1, prompts.N2, prompts.N3, prompts.N4, prompts.N5, prompts.N6, prompts.N7, prompts.N8, prompts.N9}

// listensFor has only what these callers have to recognise, because many of them listen on one machine.
func listensFor() (*recognise.Library, error) {
	sounds := map[string]audio.Sound{}
	for _, id := range append([]prompts.ID{prompts.AskName, prompts.AskNameAgain, prompts.ProveHuman, prompts.PleaseHold, prompts.NotProven, prompts.NoName}, keyPrompts...) {
		sound, err := audio.ReadWAV(prompts.Recording("en-GB", id, prompts.Narrow))
		if err != nil {
			return nil, err
		}
		sounds[string(id)] = sound
	}
	return recognise.NewLibrary(sounds)
}

// ring is one call.
func (c caller) ring(ctx context.Context, house *testbed.Testbed, library *recognise.Library, n int) (asked, through bool, err error) {
	phone, err := softphone.NewCaller(softphone.Config{Name: fmt.Sprint("caller ", n+1), Address: testbed.TrunkIP + ":0", Library: library})
	if err != nil {
		return false, false, err
	}
	defer func() { _ = phone.Close() }() // its one call is over
	call, err := house.Dial(ctx, phone, softphone.CallerID{Number: fmt.Sprintf("0161496%04d", n)})
	if err == nil {
		err = call.Answered(ctx)
	}
	if err != nil {
		return false, false, err
	}
	talking, cancel := context.WithCancel(ctx)
	says := make(chan audio.Sound, 4)
	var mouth sync.WaitGroup
	mouth.Go(func() { c.talks(talking, call, says) })
	asked, through, err = c.listens(ctx, call, says)
	cancel()
	mouth.Wait()
	return asked, through, errors.Join(err, call.Hangup(ctx))
}

// listens goes through what a caller hears until it is known what comes of the call, and answers as they do.
func (c caller) listens(ctx context.Context, call *softphone.Call, says chan<- audio.Sound) (asked, through bool, err error) {
	decisive := []string{recognise.Beep, string(prompts.ProveHuman), string(prompts.PleaseHold), string(prompts.NotProven), string(prompts.NoName)}
	for tones := 0; ; {
		heard, err := call.Hears(ctx, decisive...)
		if err != nil {
			return asked, false, fmt.Errorf("%s: %w", c.kind, err)
		}
		switch heard.Name {
		case recognise.Beep:
			if tones++; c.then.Rate > 0 && (tones == 1 || !c.robot) {
				says <- c.then
			}
		case string(prompts.PleaseHold):
			return asked, true, nil
		case string(prompts.ProveHuman):
			asked = true
			if c.robot {
				continue
			}
			if err := pressWhatIsAsked(ctx, call); err != nil {
				return asked, false, fmt.Errorf("%s: %w", c.kind, err)
			}
		default:
			return asked, false, nil
		}
	}
}

func pressWhatIsAsked(ctx context.Context, call *softphone.Call) error {
	names := make([]string, len(keyPrompts))
	for i, id := range keyPrompts {
		names[i] = string(id)
	}
	key, err := call.HearsOut(ctx, names...)
	if err != nil {
		return err
	}
	return call.Press(ctx, strings.TrimPrefix(key.Name, "n"))
}

// chunk is how much of what plays in a caller's room is sent at a time, until they speak.
const chunk = 200 * time.Millisecond

// talks says what a caller says from the answer on, and then whatever comes, over what plays in their room. Its errors are those of a call that is over.
func (c caller) talks(ctx context.Context, call *softphone.Call, says <-chan audio.Sound) {
	if c.first.Rate > 0 {
		_ = call.Say(ctx, joined(audio.Silence(0, audio.Narrow), c.wait, c.first))
	}
	for played := 0; ; {
		var room <-chan time.Time
		if c.behind.Rate > 0 {
			room = time.After(0)
		}
		var next audio.Sound
		select {
		case <-ctx.Done():
			return
		case next = <-says:
			next = joined(audio.Silence(0, audio.Narrow), c.pause, next)
		case <-room:
			next = audio.Silence(chunk, audio.Narrow)
		}
		if c.behind.Rate > 0 {
			played = mix(next, c.behind, played)
		}
		if call.Say(ctx, next) != nil {
			return
		}
	}
}

// mix adds what plays behind a sound, from a place on, and returns where it has come to.
func mix(sound, behind audio.Sound, from int) int {
	for i := range sound.PCM {
		sound.PCM[i] = int16(max(-32768, min(32767, int(sound.PCM[i])+int(behind.PCM[(from+i)%len(behind.PCM)]))))
	}
	return from + len(sound.PCM)
}
