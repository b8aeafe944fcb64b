package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/procfs"

	demoscenes "ringfence/demo"
	"ringfence/demo/testbed"
	"ringfence/prompts"
	"ringfence/softphone"
	"ringfence/speech/modelfiles"
	"ringfence/speech/script"
)

// hearing is a house whose speech recognition is a service that answers as it is told.
func hearing(t *testing.T, answer http.HandlerFunc) *house {
	t.Helper()
	service := httptest.NewServer(answer)
	t.Cleanup(service.Close)
	return openHouse(t, raced, func(o *testbed.Options) {
		o.Extra = fmt.Sprintf("[speech]\nreader = \"openai\"\nopenai = %q\nopenai_model = \"any\"\n", service.URL)
	})
}

// reads is a service that reads the same words in every recording.
func reads(t *testing.T, words string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := json.NewEncoder(w).Encode(map[string]string{"text": words}); err != nil {
			t.Error(err)
		}
	}
}

// hangs and dies are services that do so over every question.
func hangs(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that the program has given up
	<-r.Context().Done()
}

func dies(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// takes is a service that takes as long as the built-in model does on a usual computer.
func takes(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(800 * time.Millisecond) // docs/speech-measured.md
		answer(w, r)
	}
}

// What an unknown caller says, and a warning with its reasons, are on the carer's page before the phone rings for the second time, with the options as they
// are at first. The words are on the telephone's display as it rings; the household is warned before the caller's voice, and the log has it all.
func TestWordsReachDisplayPageAndLog(t *testing.T) {
	const words = "Hello, this is Steve from Microsoft Windows. Please go to your computer."
	reading := script.Read(words)
	if reading.Level != script.Warn {
		t.Fatalf("these words are %s", reading.Level)
	}
	h := hearing(t, takes(reads(t, words)))
	page := h.browse()
	page.sees("the phone is connected")
	out, in := h.dialsUntilShown(page, words, "A machine’s opinion: This may be a scam. "+strings.Join(reading.Reasons, " "))
	if id := in.CallerID(); id.Name != "Steve, Microsoft Windows" || id.Number != "02079460009" {
		t.Errorf("the telephone shows %s", id)
	}
	h.must(in.Answer(h.ctx))
	h.hears(in, "warn-may-be-scam", "call-from", "microsoft", "choices")
	h.presses(in, "3")
	h.hears(out, "inspection")
	h.ended(out)
	h.ended(in)
	h.lastCall("screen", "sent-away")
	log := h.run("calls", "--json", "--limit", "1")
	for _, has := range []string{words, `"step":"script","detail":"warn: `, "the household was warned"} {
		if !strings.Contains(log, has) {
			t.Errorf("the log lacks %q: %s", has, log)
		}
	}
}

// dialsUntilShown dials until the page shows the call in progress with these texts before the phone rings for the second time: a machine that has much
// else to do may be late.
func (h *house) dialsUntilShown(page *carersPage, texts ...string) (out, in *softphone.Call) {
	h.Helper()
	for range readTries {
		if out, in, shown := h.dialsShown(page, texts...); shown {
			return out, in
		}
	}
	h.Fatalf("in %d calls, %q was not on the page before the phone rang twice", readTries, texts)
	return nil, nil
}

// dialsShown dials once, and says whether the page showed these texts in time, and the phone words. If not, the call is over.
func (h *house) dialsShown(page *carersPage, texts ...string) (out, in *softphone.Call, shown bool) {
	h.Helper()
	out = h.dials(neighbour)
	h.statesName(out, "microsoft")
	in = h.rings(h.hall)
	second, cancel := context.WithCancel(h.ctx)
	go func() {
		_ = in.RingsTimes(h.ctx, 2)
		cancel()
	}()
	shown = page.showsUntil(second, "#in-progress", texts...) && in.CallerID().Name != "Screened"
	cancel()
	if !shown {
		h.hangsUp(out)
		h.ended(in)
		h.lastCall("screen", "caller-gone")
	}
	return out, in, shown
}

// readTries is how often a test calls until what the caller says has been read when the telephone rings. On a machine that has much else to do, five
// seconds, which is as long as a reading may take, are over too soon.
const readTries = 5

// A message that is longer than what is read at once is read to its end, once its caller has gone, and the log has the words of all its pieces.
func TestMessageIsReadToItsEnd(t *testing.T) {
	const words = "Please ring me back tomorrow."
	h := hearing(t, reads(t, words))
	h.run("mode", "known-only")
	out := h.dials(neighbour)
	h.hears(out, "leave-message", "beep")
	h.says(out, "microsoft")
	h.says(out, "microsoft")
	h.presses(out, "#")
	h.hears(out, "message-kept")
	h.ended(out)
	h.lastCall("message", "message-left")
	h.awaitsWords(words + " " + words)
}

// A message that could not be read when it was left is read after the next start.
func TestMessageThatCouldNotBeReadIsReadLater(t *testing.T) {
	const words = "Please ring me back tomorrow."
	var works atomic.Bool
	reading := reads(t, words)
	h := hearing(t, func(w http.ResponseWriter, r *http.Request) {
		if !works.Load() {
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		reading(w, r)
	})
	h.run("mode", "known-only")
	failed := h.Logged("what a caller has said could not be read")
	h.leavesMessage(neighbour, "leaves-message")
	select {
	case <-failed:
	case <-h.ctx.Done():
		t.Fatal("the message was read, or is still being read")
	}
	works.Store(true)
	h.Stop()
	h.must(h.Serve(h.ctx))
	h.awaitsWords(words)
}

// awaitsWords waits until the log has words of the last call.
func (h *house) awaitsWords(words string) {
	h.Helper()
	for log := ""; !strings.Contains(log, words); log = h.run("calls", "--json", "--limit", "1") {
		if h.ctx.Err() != nil {
			h.Fatalf("the log lacks the words: %s", log)
		}
		time.Sleep(50 * time.Millisecond) // they are read within seconds
	}
}

// The demonstration tells what the machine has read and thinks, what the telephone shows, and that the household is warned before it hears the voice. The
// call waits for the words, as above.
func TestDemoTellsWhatTheSwindlerSays(t *testing.T) {
	const words = "Hello, this is Steve from Microsoft Windows. Please go to your computer."
	h := hearing(t, reads(t, words))
	h.run("option", "scam-words", "message")
	h.must(h.hall.Close()) // the demonstration has one of its own
	var told strings.Builder
	for i := 0; i < readTries && !strings.Contains(told.String(), "Steve, Microsoft Windows"); i++ {
		if i > 0 { // the household has blocked the number with its 3
			h.run("block", "remove", "02079460999")
		}
		told.Reset()
		h.must(demoscenes.SwindlersWords(h.ctx, h.Testbed, &told))
	}
	rest := told.String()
	for _, next := range []string{
		"“Steve” says: “Hello, my name is Steve from ", `the phone in the hall rings, and shows 02079460999 "Steve, Microsoft Windows"`, "“" + words + "”",
		"warn: " + strings.Join(script.Read(words).Reasons, " "), "the household picks up", "“" + prompts.Text("en-GB", prompts.WarnMayBeScam) + "”",
		"“" + prompts.Text("en-GB", prompts.CallFrom) + "”", "the household hears a voice: “Hello, my name is Steve from ", "the household presses 3",
	} {
		_, after, found := strings.Cut(rest, next)
		if !found {
			t.Errorf("%q is missing, or not where it belongs, in\n%s", next, told.String())
		}
		rest = after
	}
}

// With a recogniser that hangs, or dies over every recording, a call goes as it always did.
func TestCallsGoOnWhileSpeechRecognitionHangsOrDies(t *testing.T) {
	t.Parallel()
	for what, answer := range map[string]http.HandlerFunc{"hangs": hangs, "dies": dies} {
		t.Run(what, func(t *testing.T) {
			h := hearing(t, answer)
			out, in := h.announced(neighbour, "neighbour")
			if id := in.CallerID(); id.Name != "Screened" {
				t.Errorf("the telephone shows %s", id)
			}
			h.hears(in, "choices")
			h.presses(in, "1")
			h.talk(out, in)
			h.hangsUp(out)
			h.ended(in)
			h.lastCall("screen", "accepted")
		})
	}
}

// The same while the process of the built-in recogniser stops in its tracks as the caller begins to speak, and when it is then killed in the middle of what it
// reads along.
func TestCallsGoOnWhileTheBuiltInRecogniserHangsOrDies(t *testing.T) {
	if _, err := modelfiles.Find(); err != nil {
		t.Skip(err) // "make test" says so, and goes on
	}
	log := &syncBuffer{}
	h := openHouse(t, raced, func(o *testbed.Options) {
		o.Log = io.MultiWriter(o.Log, log)
		o.Extra = "[speech]\nreader = \"built-in\"\n"
	})
	for i, killed := range []bool{true, false} {
		for strings.Count(log.String(), "speech recognition is ready") <= i {
			if h.ctx.Err() != nil {
				t.Fatalf("it has not been started %d times:\n%s", i+1, log)
			}
			time.Sleep(50 * time.Millisecond)
		}
		out := h.dials(neighbour)
		h.hears(out, "ask-name", "beep")
		process := h.recogniser()
		h.must(syscall.Kill(process, syscall.SIGSTOP))
		h.says(out, "neighbour") // for 3.4 s: after two it is asked for what they have said so far
		if killed {
			_ = syscall.Kill(process, syscall.SIGKILL) // the program may have given it up already
		}
		h.hears(out, "please-hold")
		in := h.picksUp(h.hall)
		if id := in.CallerID(); !killed && id.Name != "Screened" { // one that was killed may have begun again
			t.Errorf("the telephone shows %s", id)
		}
		h.hears(in, "call-from", "neighbour", "choices")
		h.presses(in, "1")
		h.talk(out, in)
		h.hangsUp(out)
		h.ended(in)
		h.lastCall("screen", "accepted")
	}
}

// recogniser is the process of the built-in recogniser.
func (h *house) recogniser() int {
	h.Helper()
	all, err := procfs.AllProcs()
	h.must(err)
	for _, process := range all {
		stat, err := process.Stat()
		if err != nil || stat.PPID != h.PID() {
			continue // also for one that has ended just now
		}
		if command, err := process.CmdLine(); err == nil && slices.Equal(command[1:], []string{"speech", "process"}) {
			return process.PID
		}
	}
	h.Fatal("it has no process")
	return 0
}
