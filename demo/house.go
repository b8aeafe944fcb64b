package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/demo/testbed"
	"ringfence/prompts"
	"ringfence/softphone"
)

// house is a household in the demonstration. What it tells is what the softphones report: a line is printed when it has been
// heard or pressed, and where something else happens the scene ends there.
type house struct {
	out     io.Writer
	testbed *testbed.Testbed
	called  string // in words
	where   string // is told before a command, where it is not the household's of all other scenes
	noWords string // why callers' words are not read here, and what to do about it; "": they are
	began   time.Time
	hall    *softphone.Phone
	people  []io.Closer
}

// The numbers are Ofcom's for drama: nobody real has them.
const (
	daughterNumber  = "02079460001"
	neighbourNumber = "02079460009"
	listedNumber    = "01614960666"
	scammerNumber   = "02079460999"
)

// leave ends the softphones. What is left of their calls goes with Asterisk.
func (h *house) leave() {
	for _, who := range h.people {
		_ = who.Close()
	}
}

func (h *house) tell(format string, args ...any) error {
	_, err := fmt.Fprintf(h.out, "%6.1f s  %s\n", time.Since(h.began).Seconds(), fmt.Sprintf(format, args...))
	return err
}

// ringfence runs a command, and tells what it says.
func (h *house) ringfence(ctx context.Context, command ...string) error {
	out, err := h.testbed.Command(ctx, command...)
	if err != nil {
		return err
	}
	return h.shows(strings.Join(command, " "), out)
}

// shows tells what a command has said.
func (h *house) shows(command, said string) error {
	return h.tell("%s$ ringfence %s   → %s", h.where, command, strings.TrimSpace(said))
}

// telephone sets the telephone up.
func (h *house) telephone(ctx context.Context) (err error) {
	if h.hall, err = h.testbed.Telephone(ctx, "hall", nil, softphone.G722, softphone.PCMA); err != nil {
		return err
	}
	h.people = append(h.people, h.hall)
	return nil
}

// prepare sets the telephone up, and tells Ringfence whom the household knows.
func (h *house) prepare(ctx context.Context) error {
	if err := h.telephone(ctx); err != nil {
		return err
	}
	list := filepath.Join(h.testbed.Dir, "parish.csv")
	if err := os.WriteFile(list, []byte("number,note\n"+listedNumber+",says that the computer has a virus\n"), 0o600); err != nil {
		return err
	}
	return all(
		func() error { return h.ringfence(ctx, "contact", "add", "Daughter", daughterNumber) },
		func() error { return h.ringfence(ctx, "list", "import", list, "--name", "parish") },
	)
}

// person is one side of a call.
type person struct {
	*house
	name string
	call *softphone.Call
}

// dials has somebody ring the household.
func (h *house) dials(ctx context.Context, name string, from softphone.CallerID) (person, error) {
	caller, err := h.testbed.Caller(name, nil)
	if err != nil {
		return person{}, err
	}
	h.people = append(h.people, caller)
	call, err := h.testbed.Dial(ctx, caller, from)
	if err != nil {
		return person{}, err
	}
	return person{h, name, call}, h.tell("%s dials %s's number (%s)", name, h.called, from)
}

// rings waits until the telephone in the hall rings.
func (h *house) rings(ctx context.Context) (person, error) {
	call, err := h.hall.Rings(ctx)
	if err != nil {
		return person{}, err
	}
	return person{h, h.called, call}, h.tell("the phone in the hall rings, and shows %s", call.CallerID())
}

// picksUp answers a telephone that rings.
func (p person) picksUp(ctx context.Context) error {
	if err := p.call.Answer(ctx); err != nil {
		return err
	}
	return p.tell("%s picks up", p.name)
}

// picksUp waits until the telephone in the hall rings, and answers it.
func (h *house) picksUp(ctx context.Context) (person, error) {
	household, err := h.rings(ctx)
	if err != nil {
		return household, err
	}
	return household, household.picksUp(ctx)
}

// hears waits until each of the recordings was heard.
func (p person) hears(ctx context.Context, names ...string) error {
	for _, name := range names {
		if _, err := p.hearsOneOf(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// hearsOneOf waits until one of the recordings was heard, and returns its name.
func (p person) hearsOneOf(ctx context.Context, names ...string) (name string, err error) {
	heard, err := p.call.HearsOut(ctx, names...)
	if err != nil {
		return "", err
	}
	what := "a " + heard.Name // a beep
	if words := prompts.Text("en-GB", prompts.ID(heard.Name)); words != "" {
		what = fmt.Sprintf("“%s”", words)
	} else if words := softphone.Words(heard.Name); words != "" {
		what = fmt.Sprintf("a voice: “%s”", words)
	}
	return heard.Name, p.tell("%s hears %s (%.1f s)", p.name, what, heard.Length.Seconds())
}

func (p person) says(ctx context.Context, voice string) error {
	recording, err := softphone.Voice(voice)
	if err != nil {
		return err
	}
	if err := p.tell("%s says: “%s”", p.name, softphone.Words(voice)); err != nil {
		return err
	}
	return p.call.Say(ctx, recording)
}

func (p person) presses(ctx context.Context, key string) error {
	if err := p.tell("%s presses %s", p.name, key); err != nil {
		return err
	}
	return p.call.Press(ctx, key)
}

func (p person) hangsUp(ctx context.Context) error {
	if err := p.call.Hangup(ctx); err != nil {
		return err
	}
	return p.tell("%s hangs up", p.name)
}

// isHungUpOn waits until the other side has ended the call.
func (p person) isHungUpOn(ctx context.Context) error {
	end, err := p.call.Ended(ctx)
	if err != nil {
		return err
	}
	if end.By != softphone.Them {
		return fmt.Errorf("%s was to be hung up on: %s", p.name, end)
	}
	return p.tell("%s is hung up on", p.name)
}

// all does one thing after another, up to the first that fails.
func all(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// nobodyRang checks that the telephone in the hall has been silent.
func (h *house) nobodyRang() error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	if call, err := h.hall.Rings(now); err == nil {
		return fmt.Errorf("the phone rang: %s", call)
	}
	return h.tell("no phone has rung")
}

// theyTalk has two people talk, and checks that each hears the other.
func theyTalk(ctx context.Context, caller, household person, voice string) error {
	return all(
		func() error { return caller.call.Answered(ctx) },
		func() error { return caller.says(ctx, voice) },
		func() error { return household.hears(ctx, voice) },
		func() error { return household.says(ctx, "hello") },
		func() error { return caller.hears(ctx, "hello") },
		func() error { return caller.hangsUp(ctx) },
		func() error { return household.isHungUpOn(ctx) },
	)
}

func (h *house) daughter(ctx context.Context) error {
	caller, err := h.dials(ctx, "the daughter", softphone.CallerID{Number: daughterNumber})
	if err != nil {
		return err
	}
	household, err := h.picksUp(ctx)
	if err != nil {
		return err
	}
	return theyTalk(ctx, caller, household, "daughter")
}

// asked has an unknown caller say who they are.
func (h *house) asked(ctx context.Context, name, number, voice string) (caller person, err error) {
	if caller, err = h.dials(ctx, name, softphone.CallerID{Number: number}); err != nil {
		return caller, err
	}
	return caller, all(
		func() error { return caller.hears(ctx, "ask-name", "beep") },
		func() error { return caller.says(ctx, voice) },
		func() error { return caller.hears(ctx, "please-hold") },
	)
}

// announced has an unknown caller say who they are, and the household hear it.
func (h *house) announced(ctx context.Context, name, number, voice string) (caller, household person, err error) {
	if caller, err = h.asked(ctx, name, number, voice); err != nil {
		return caller, household, err
	}
	if household, err = h.picksUp(ctx); err != nil {
		return caller, household, err
	}
	return caller, household, household.hears(ctx, "call-from", voice)
}

func (h *house) neighbour(ctx context.Context) error {
	caller, household, err := h.announced(ctx, "the neighbour", neighbourNumber, "neighbour")
	if err != nil {
		return err
	}
	return all(
		func() error { return household.hears(ctx, "choices") },
		func() error { return household.presses(ctx, "1") },
		func() error { return household.hears(ctx, "connecting") },
		func() error { return theyTalk(ctx, caller, household, "neighbour-talks") },
	)
}

// turnedAway has somebody ring who hears the inspection message while no telephone rings.
func (h *house) turnedAway(ctx context.Context, name, number string) error {
	caller, err := h.dials(ctx, name, softphone.CallerID{Number: number})
	if err != nil {
		return err
	}
	return all(
		func() error { return caller.hears(ctx, "inspection") },
		func() error { return caller.isHungUpOn(ctx) },
		h.nobodyRang,
	)
}

func (h *house) listed(ctx context.Context) error {
	return h.turnedAway(ctx, "the scammer on the list", listedNumber)
}

// sentAway has the household send a caller away as a scam, and the caller hear the inspection message.
func sentAway(ctx context.Context, caller, household person) error {
	return all(
		func() error { return household.presses(ctx, "3") },
		func() error { return household.hears(ctx, "sent-away") },
		func() error { return household.isHungUpOn(ctx) },
		func() error { return caller.hears(ctx, "inspection") },
		func() error { return caller.isHungUpOn(ctx) },
	)
}

func (h *house) microsoftAgain(ctx context.Context) error {
	return h.turnedAway(ctx, "“Steve”", scammerNumber)
}

func (h *house) robot(ctx context.Context) error {
	caller, err := h.dials(ctx, "the robot", softphone.CallerID{Number: "anonymous", Host: "anonymous.invalid", Privacy: "id"})
	if err != nil {
		return err
	}
	return all(
		func() error { return caller.hears(ctx, "ask-name", "beep", "ask-name-again", "beep", "no-name") },
		func() error { return caller.isHungUpOn(ctx) },
		h.nobodyRang,
	)
}

func (h *house) killed(ctx context.Context) error {
	pid := h.testbed.PID()
	h.testbed.Kill()
	if err := h.tell("the process of the application (%d) is killed", pid); err != nil {
		return err
	}
	if err := h.daughter(ctx); err != nil {
		return err
	}
	if err := h.testbed.Serve(ctx); err != nil {
		return err
	}
	return h.tell("Ringfence is started again")
}
