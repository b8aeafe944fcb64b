package main_test

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"ringfence/prompts"
	"ringfence/softphone"
	"ringfence/softphone/audio"
)

// looped is a voice again and again, as a recorded call plays it.
func (h *house) looped(voice string, length time.Duration) audio.Sound {
	once := h.voice(voice)
	all := audio.Sound{Rate: once.Rate}
	for all.Length() < length {
		all.PCM = append(all.PCM, once.PCM...)
	}
	all.PCM = all.PCM[:audio.Samples(length, all.Rate)]
	return all
}

// echo is the question as a caller's line sends it back, softer by so many decibels.
func (h *house) echo(decibels float64) audio.Sound {
	h.Helper()
	question, err := audio.ReadWAV(prompts.Recording("en-GB", prompts.AskName, prompts.Narrow))
	h.must(err)
	for i, x := range question.PCM {
		question.PCM[i] = int16(float64(x) * math.Pow(10, -decibels/20))
	}
	return question
}

// unknownCaller is one of several who ring at the same time.
type unknownCaller struct {
	name   string
	before time.Duration // of silence before what they say first
	first  audio.Sound   // from the answer on, whatever they hear; none where its rate is 0
	after  string        // what they say once they have heard the tone
	hears  string        // what they hear then
	stays  bool          // they hang up on nobody, press nothing, and hear the call out
}

// rings has a caller talk, and waits for what they hear then.
func (u unknownCaller) rings(h *house, phone *softphone.Caller, number string) (*softphone.Call, error) {
	call, err := h.Dial(h.ctx, phone, softphone.CallerID{Number: number})
	if err == nil {
		err = call.Answered(h.ctx)
	}
	if err != nil {
		return nil, err
	}
	var talking errgroup.Group
	if u.first.Rate > 0 {
		talking.Go(func() error {
			if err := call.Say(h.ctx, audio.Silence(u.before, u.first.Rate)); err != nil {
				return err
			}
			_ = call.Say(h.ctx, u.first) // a robot that is hung up on has not said everything
			return nil
		})
	}
	if u.after != "" {
		for _, name := range []string{"ask-name", "beep"} {
			if _, err := call.HearsOut(h.ctx, name); err != nil {
				return call, err
			}
		}
		if err := call.Say(h.ctx, h.voice(u.after)); err != nil {
			return call, err
		}
	}
	heard, err := call.Hears(h.ctx, "prove-human", "please-hold")
	if err == nil && heard.Name != u.hears {
		err = fmt.Errorf("heard %s", heard.Name)
	}
	if err != nil || !u.stays {
		return call, err
	}
	if _, err := call.HearsOut(h.ctx, "not-proven"); err != nil {
		return call, err
	}
	_, err = call.Ended(h.ctx)
	return call, err
}

// Recorded calls are asked for a key before the telephone rings; people are not, but for one who is still talking after ten seconds, who goes on as
// anybody once they have pressed it. Who presses nothing is told that they are not put through, and hung up on.
func TestRecordedCallsDoNotRing(t *testing.T) {
	h := openLongHouse(t)
	late := h.looped("robocall", 23*time.Second)
	late.PCM = late.PCM[audio.Samples(3*time.Second, late.Rate):] // it pauses for a second, which would be as its time ends
	callers := []unknownCaller{
		{name: "a robot that talks at once", first: h.looped("robocall", time.Minute), hears: "prove-human", stays: true},
		{name: "a robot that waits for two seconds", before: 2 * time.Second, first: late, hears: "prove-human"},
		{name: "somebody who waits for the tone", after: "surgery", hears: "please-hold"},
		{name: "somebody who says hello", first: h.voice("hello"), after: "bank", hears: "please-hold"},
		{name: "somebody who talks over the beginning", first: h.voice("neighbour"), after: "old-friend", hears: "please-hold"},
		{name: "an echo of 20 dB", first: h.echo(20), after: "survey", hears: "please-hold"},
		{name: "an echo of 12 dB", first: h.echo(12), after: "hospital", hears: "please-hold"},
	}
	var all errgroup.Group
	for i, u := range callers {
		phone := h.somebody(u.name)
		all.Go(func() error {
			call, err := u.rings(h, phone, fmt.Sprintf("0161496010%d", i))
			if err != nil {
				return fmt.Errorf("%s: %w; heard: %s", u.name, err, call.Transcript())
			}
			if u.stays {
				return nil // its call is over
			}
			return call.Hangup(h.ctx)
		})
	}
	h.must(all.Wait())
	robots, notProven := 0, 0
	for line := range strings.Lines(h.run("calls", "--json")) {
		if !strings.Contains(line, `"step":"suspected"`) {
			continue
		}
		if robots++; strings.Contains(line, `"step":"rang"`) {
			t.Errorf("the telephone rang for a robot: %s", line)
		}
		if strings.Contains(line, `"outcome":"not-proven"`) {
			notProven++
		}
	}
	if robots != 2 || notProven != 1 {
		t.Errorf("%d callers were taken for robots, and %d heard that they are not put through", robots, notProven)
	}
}

func TestWhoTalksOnIsAskedForAKey(t *testing.T) {
	h := openLongHouse(t)
	out := h.dials(neighbour)
	h.hears(out, "ask-name", "beep")
	talking := make(chan error, 1)
	go func() { talking <- out.Say(h.ctx, h.voice("long-winded")) }()
	h.hears(out, "prove-human")
	heard, err := out.HearsOut(h.ctx, "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9")
	h.must(err)
	h.presses(out, strings.TrimPrefix(heard.Name, "n"))
	h.must(<-talking)
	in := h.picksUp(h.hall)
	h.hears(in, "call-from", "long-winded")
	h.hangsUp(out)
	h.ended(in)
	if log := h.run("calls", "--json"); !strings.Contains(log, "was still talking when the time was over") {
		t.Errorf("the log has\n%s", log)
	}
}

// Without the module that hears who talks, the call goes as it would without the choice.
func TestWithoutTalkDetectionACallGoesOn(t *testing.T) {
	h := openHouse(t)
	password, err := os.ReadFile(filepath.Join(h.Dir, "data", "ari-password"))
	h.must(err)
	unload, err := http.NewRequestWithContext(h.ctx, http.MethodDelete, "http://"+h.ARI+"/ari/asterisk/modules/func_talkdetect.so", nil)
	h.must(err)
	unload.SetBasicAuth("ringfence", strings.TrimSpace(string(password)))
	answer, err := http.DefaultClient.Do(unload)
	h.must(err)
	if _ = answer.Body.Close(); answer.StatusCode/100 != 2 {
		t.Fatal(answer.Status)
	}
	h.excuse("TALK_DETECT")
	robot := unknownCaller{first: h.looped("robocall", 12*time.Second), hears: "please-hold"}
	out, err := robot.rings(h, h.caller, neighbour)
	h.must(err)
	in := h.picksUp(h.hall)
	h.hears(in, "call-from")
	h.hangsUp(out)
	h.ended(in)
}
