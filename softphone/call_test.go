package softphone

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/emiago/sipgo"

	"ringfence/softphone/audio"
)

func TestTalking(t *testing.T) {
	for name, codecs := range map[string][2][]Codec{
		"G.711 A-law":           {{PCMA}, {PCMA, PCMU}},
		"G.711 mu-law":          {{PCMU, PCMA}, {PCMU}},
		"G.722":                 {{PCMA, G722}, {G722, PCMA}},
		"G.722 is not accepted": {{G722, PCMA}, {PCMA}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := patience(t)
			caller, phone := newCaller(t, codecs[0]...), newPhone(t, PhoneConfig{Config: Config{Codecs: codecs[1]}})
			out, in := talk(t, ctx, caller, phone)

			must(t, out.Say(ctx, voice(t, "neighbour")))
			_, err := in.HearsOut(ctx, "neighbour")
			must(t, err)
			must(t, in.Press(ctx, "1*#0"))
			must(t, out.HearsKeys(ctx, "1*#0"))
			must(t, in.Say(ctx, voice(t, "hello-margaret")))
			_, err = out.HearsOut(ctx, "hello-margaret")
			must(t, err)
			must(t, out.Press(ctx, "77"))
			must(t, in.HearsKeys(ctx, "77"))
			must(t, in.Hangup(ctx))
			ending, err := out.Ended(ctx)
			if err != nil || ending.By != Them || ending.Code != 200 {
				t.Errorf("the caller's call: %v, %v", ending, err)
			}
			if !whole(in, "neighbour") || !whole(out, "hello-margaret") {
				t.Errorf("the phone heard %s, the caller %s", in.Transcript(), out.Transcript())
			}
			if wide := codecs[1][0] == G722; wide != (in.Sound().Rate == audio.Wide) {
				t.Errorf("the phone heard at %d Hz", in.Sound().Rate)
			}
		})
	}
}

// whole says whether somebody has heard a recording from beginning to end. On a busy machine it may come with pauses, and so in pieces.
func whole(c *Call, name string) bool {
	var reached, of time.Duration
	for _, h := range c.Heard() {
		if h.Name != name {
			continue
		}
		if missed := (h.From - reached).Abs(); missed > 300*time.Millisecond || of == 0 && h.From > 0 {
			return false
		}
		reached, of = h.From+h.Length, h.Of
	}
	return of > 0 && reached == of
}

func TestWhatIsShown(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{CallWaiting: true})
	for _, id := range []CallerID{
		{Number: "02079460123", Name: "Margaret", Host: "127.0.0.2"},
		{Host: "anonymous.invalid", Number: "anonymous", Name: "Anonymous", Asserted: `"Joan" <sip:+442079460123@127.0.0.2>`, Privacy: "id"},
		{Host: "127.0.0.2"},
		{Host: "127.0.0.2", Number: "P", Name: "O"},
		{Host: "127.0.0.2", Number: "1;drop=table", Name: `a "quoted" \ name <sip:x@y>`},
		{Host: "127.0.0.2", Number: "a b\r\nX-Evil: 1@%0d\xff\x00", Name: "Zoë ${EXTEN}"},
		{Host: "127.0.0.2", Number: string(slices.Repeat([]byte("9"), 3000)), Name: string(slices.Repeat([]byte("n"), 3000))},
	} {
		out, err := caller.Dial(ctx, Dial{Number: "+442079460100", At: phone.Address(), From: id, Headers: []Header{{"X-Attest", "A"}}})
		must(t, err)
		in, err := phone.Rings(ctx)
		must(t, err)
		if in.CallerID() != id {
			t.Errorf("shown is %q, not %q", in.CallerID(), id)
		}
		if in.Dialled() != "+442079460100" || in.Header("X-Attest") != "A" || in.Header("X-Evil") != "" {
			t.Errorf("dialled %q, X-Attest %q, X-Evil %q", in.Dialled(), in.Header("X-Attest"), in.Header("X-Evil"))
		}
		must(t, out.Hangup(ctx))
	}
}

func TestRawCallerIDIsSentAsItIs(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{})
	out, err := caller.Dial(ctx, Dial{Number: "1", At: phone.Address(), From: CallerID{Raw: true, Number: "1\r\nX-Evil: 1\r\nX-Rest: 2"}})
	must(t, err)
	// The message is broken: nobody rings, and the caller has no answer.
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if in, err := phone.Rings(short); err == nil {
		t.Errorf("it rang: %v", in)
	}
	if err := out.Ringing(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ringing: %v", err)
	}
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	out, in := call(t, ctx, newCaller(t), newPhone(t, PhoneConfig{}))
	before := time.Now()
	must(t, out.Hangup(ctx))
	stopped, err := in.Ended(ctx)
	must(t, err)
	if stopped.By != Them || stopped.Code != 487 || stopped.At.Before(before) {
		t.Errorf("the phone: %v at %v", stopped, stopped.At)
	}
	ending, err := out.Ended(ctx)
	must(t, err)
	if ending.By != Us || ending.Code != 487 || ending.At.After(stopped.At) {
		t.Errorf("the caller: %v", ending)
	}
	events := in.Events()
	if last := events[len(events)-1]; last.Kind != StopsRinging || last.Code != 487 || events[0].Kind != Rings {
		t.Errorf("the phone's events: %v", events)
	}
	if err := in.Answer(ctx); err == nil {
		t.Error("a call that was taken back was answered")
	}
	contains(t, out.Answered(ctx).Error(), "before it was answered")
}

// An answer may cross the caller's CANCEL: then the call is answered and hung up.
func TestAnswerCrossesGivingUp(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{CallWaiting: true})
	for range 50 {
		out, in := call(t, ctx, caller, phone)
		answered := make(chan error)
		go func() { answered <- in.Answer(ctx) }()
		must(t, out.Hangup(ctx))
		if ending, err := out.Ended(ctx); err != nil || ending.By != Us {
			t.Fatalf("the caller: %v, %v", ending, err)
		}
		if ending, err := in.Ended(ctx); err != nil || ending.By != Them {
			t.Fatalf("the phone: %v, %v", ending, err)
		}
		<-answered //nolint:errcheck // either may have come first
	}
}

func TestPhoneDeclines(t *testing.T) {
	t.Parallel()
	for _, status := range []int{486, 603} {
		ctx := patience(t)
		out, in := call(t, ctx, newCaller(t), newPhone(t, PhoneConfig{}))
		must(t, in.Decline(ctx, status))
		ending, err := out.Ended(ctx)
		if err != nil || ending.Code != status || ending.By != Them {
			t.Errorf("declined with %d: %v, %v", status, ending, err)
		}
	}
}

func TestPhoneHangsUpWhileItRings(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	out, in := call(t, ctx, newCaller(t), newPhone(t, PhoneConfig{}))
	must(t, in.Hangup(ctx))
	if ending, err := out.Ended(ctx); err != nil || ending.Code != 480 {
		t.Errorf("%v, %v", ending, err)
	}
}

func TestSecondCall(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller, single, waiting := newCaller(t), newPhone(t, PhoneConfig{}), newPhone(t, PhoneConfig{CallWaiting: true})
	talk(t, ctx, caller, single)
	second, err := caller.Dial(ctx, Dial{Number: "1", At: single.Address()})
	must(t, err)
	if ending, err := second.Ended(ctx); err != nil || ending.Code != 486 {
		t.Errorf("the second call of a busy phone: %v, %v", ending, err)
	}
	first, in := talk(t, ctx, caller, waiting)
	_, knocking := talk(t, ctx, caller, waiting)
	must(t, first.Say(ctx, voice(t, "mumbler")))
	must(t, first.Hangup(ctx))
	if _, err := in.Ended(ctx); err != nil || in.Transcript() != "mumbler" || knocking.Transcript() != "nothing" {
		t.Errorf("the first call heard %s, the second %s, %v", in.Transcript(), knocking.Transcript(), err)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{})
	phone.Refuse(603)
	out, err := caller.Dial(ctx, Dial{Number: "1", At: phone.Address()})
	must(t, err)
	if ending, err := out.Ended(ctx); err != nil || ending.Code != 603 {
		t.Errorf("refused: %v, %v", ending, err)
	}
	phone.Refuse(0)
	call(t, ctx, caller, phone)
}

func TestVanish(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{})
	out, in := talk(t, ctx, caller, phone)
	must(t, out.Say(ctx, voice(t, "mumbler")))
	out.Vanish()
	if _, err := in.Hears(ctx, "mumbler"); err != nil {
		t.Error(err)
	}
	// The side that stays goes on talking, hears nothing more, and gets no answer when hanging up.
	must(t, out.Say(ctx, voice(t, "daughter")))
	must(t, in.Say(ctx, voice(t, "hello")))
	if in.Transcript() != "mumbler" {
		t.Errorf("from one who has vanished was heard: %s", in.Transcript())
	}
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if err := in.Hangup(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hanging up on one who has vanished: %v", err)
	}
	if _, err := out.Hears(ctx, "hello"); err != nil {
		t.Errorf("one who has vanished still hears: %v", err)
	}
}

func TestVanishWhileRinging(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{})
	out, in := call(t, ctx, caller, phone)
	in.Vanish()
	short, cancel := context.WithTimeout(ctx, 700*time.Millisecond)
	defer cancel()
	if err := out.Hangup(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a phone that has vanished answered: %v", err)
	}
	if _, err := phone.Rings(short); err == nil {
		t.Error("the same call rang again")
	}
}

// TestUnplugWhileItSends: a message that is on its way when the plug is pulled leaves no socket at the telephone's address.
func TestUnplugWhileItSends(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{})
	invite, err := caller.invitation(Dial{Number: "1", At: phone.Address()})
	must(t, err)
	caller.background(func() {
		<-caller.closed
		pool := caller.agent.TransportLayer().Pool("udp")
		for pool.Size() > 0 {
			time.Sleep(time.Millisecond)
		}
		_ = caller.client.WriteRequest(invite, sipgo.ClientRequestBuild) // if that fails, there is no socket either
	})
	must(t, caller.Unplug())
	for {
		again, err := net.ListenPacket("udp", caller.Address())
		if err == nil {
			must(t, again.Close())
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("the address is not free again: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestClose(t *testing.T) {
	noLeak(t)
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{CallWaiting: true})
	_, talking := talk(t, ctx, caller, phone)
	_, ringing := call(t, ctx, caller, phone)
	waiting := make(chan error)
	go func() {
		_, err := phone.Rings(ctx)
		waiting <- err
	}()
	must(t, caller.Close())
	for _, c := range []*Call{talking, ringing} {
		if ending, err := c.Ended(ctx); err != nil || ending.By != Them {
			t.Errorf("%s: %v, %v", c, ending, err)
		}
	}
	if _, err := caller.Dial(ctx, Dial{Number: "1", At: phone.Address()}); !errors.Is(err, ErrClosed) {
		t.Errorf("dialling on a closed telephone: %v", err)
	}
	must(t, phone.Close())
	if err := <-waiting; !errors.Is(err, ErrClosed) {
		t.Errorf("waiting for a closed telephone to ring: %v", err)
	}
}

func TestUnplug(t *testing.T) {
	noLeak(t)
	ctx := patience(t)
	caller, phone := newCaller(t), newPhone(t, PhoneConfig{})
	out, in := talk(t, ctx, caller, phone)
	must(t, phone.Unplug())
	if ending, err := in.Ended(ctx); err != nil || ending.By != Us {
		t.Errorf("%v, %v", ending, err)
	}
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if err := out.Hangup(short); err == nil {
		t.Error("a telephone without its plug answered")
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:5060", "localhost", "", "[::]:0"} {
		if _, err := NewCaller(Config{Name: "caller", Address: address}); err == nil {
			t.Errorf("%q was accepted", address)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	caller := newCaller(t)
	for _, at := range []string{"", "127.0.0.9", "nowhere"} {
		if _, err := caller.Dial(ctx, Dial{Number: "1", At: at}); err == nil {
			t.Errorf("an address %q was accepted", at)
		}
	}
}

func TestRingsTimes(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	_, in := call(t, ctx, newCaller(t), newPhone(t, PhoneConfig{}))
	must(t, in.RingsTimes(ctx, 1))
	begun := in.Events()[0].At
	must(t, in.RingsTimes(ctx, 2))
	if since := time.Since(begun); since < 2900*time.Millisecond {
		t.Errorf("it rang twice within %v", since)
	}
}
