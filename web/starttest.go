package web

import (
	"net/http"
	"time"

	"ringfence/household"
	"ringfence/sharing/ready"
	"ringfence/web/backend"
)

// The last steps of the setup: a test call, and a summary.

type startTestPage struct {
	startProgress
	Call  testCallView
	Phone string // the state of the line, in a sentence
	Well  bool   // nothing is known to be wrong, and the line was checked
}

// testCallView is a test call as the page shows it.
type testCallView struct {
	Made, Over, Good bool
	Lines            []testLine
	Next             string // what to do now; "" for nothing
}

type testLine struct {
	At    time.Time
	Level string
	Words string
}

// testWords are the steps of a test call: how serious each is, and what to do after one that did not go well.
var testWords = map[string]struct{ level, words, next string }{
	"ringing":   {"ok", "The phone is ringing. Pick it up, or ask somebody at the house to.", ""},
	"picked-up": {"ok", "Somebody has picked up, and hears: this is a test.", ""},
	"heard":     {"ok", "They have heard it all, and are asked to press 1.", ""},
	"pressed":   {"ok", "They pressed 1: sound and keys work.", ""},
	"no-key": {"warn", "No key came.", "Calls work. If keys don't, nobody can choose who is put through. Check whether the phone or adapter " +
		"sends keys as RFC 2833 (or RFC 4733), and try again."},
	"put-down": {"warn", "The phone was put down before anyone pressed a key.", "That may be all right: the phone rang and was picked up. " +
		"Try again to see that the keys work."},
	"no-answer": {"warn", "Nobody picked up.", "If it rang, all is well so far. If it didn't, check that the phone is switched on and its ringer isn't off."},
	"busy":      {"warn", "The phone is off the hook, or busy.", "Put it down and try again."},
	"no-telephone": {"stop", "No phone is connected.", "Check that the phone, or the box that it is plugged into, has power. Settings, Phones and line shows " +
		"the user name that it needs."},
	"gave-way": {"warn", "A call came in, and the test made way for it.", "Try again when the call is over."},
	"fault":    {"stop", "Something went wrong, so Ringfence couldn't ring the phone.", "On the machine itself, `ringfence check` says why."},
}

func (s startHandlers) testOf(household string) testCallView {
	call, made := s.TestCalls.Test(household)
	view := testCallView{Made: made, Over: call.Over}
	for _, step := range call.Steps {
		is, known := testWords[step.Step]
		if !known {
			is.level, is.words = "warn", step.Step
		}
		view.Lines = append(view.Lines, testLine{step.At, is.level, is.words})
		view.Next, view.Good = is.next, step.Step == "pressed"
	}
	return view
}

func (s startHandlers) testView() view { return viewOf("start-test", "", "A test call", s.startTestOf) }

func (s startHandlers) startTestOf(_ *http.Request, v *backend.Visitor) (startTestPage, error) {
	line := s.Switchboard.Line(v.Household.Name)
	state := line.State()
	return startTestPage{progress("test"), s.testOf(v.Household.Name), state.Sentence, state.Level == "ok" && line.Trunk.Known}, nil
}

func (s startHandlers) startTestCall(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := s.TestCalls.StartTest(v.Household.Name); err != nil {
		return s.again(w, r, v, s.testView(), backend.Refuse("%s", err))
	}
	if _, err := s.Admin(v).OnTestCall(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, v.Path("start", "test"), http.StatusSeeOther)
	return nil
}

func (s startHandlers) streamTest(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.stream(w, r, v, streamParts{"start-test", []string{"steps"}, backend.Own, s.testView().data})
}

type startDonePage struct {
	startProgress
	Mode     string
	Contacts int
	Finished bool
	Ready    int               // lists that come with Ringfence, for this country
	State    backend.LineState // what `ringfence check` finds as well
	Next     []backend.Place   // other households that have not been set up
}

func (s startHandlers) startDone(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	ctx := r.Context()
	house, err := s.House(ctx, v)
	if err != nil {
		return err
	}
	contacts, err := s.Store.Contacts(ctx, v.Household.Name)
	if err != nil {
		return err
	}
	p := startDonePage{startProgress: progress("done"), Mode: household.NowInWords(house, v.Now), Contacts: len(contacts), State: s.Switchboard.Line(v.Household.Name).State()}
	here, err := ready.For(v.Household.Region)
	if err != nil {
		return err
	}
	p.Ready = len(here)
	for _, other := range v.Households {
		about, err := s.Store.About(ctx, other.Name)
		if err != nil {
			return err
		}
		switch {
		case other.Name == v.Household.Name:
			p.Finished = !about.Finished.IsZero()
		case about.Finished.IsZero() && other.Owns():
			p.Next = append(p.Next, other)
		}
	}
	return s.show(w, r, v, "start-done", "", "Ready", p)
}

func (s startHandlers) startFinished(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	done, err := s.Admin(v).FinishSetUp(r.Context())
	return s.finish(w, r, v, v.Path(), done, err)
}
