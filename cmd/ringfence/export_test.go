package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"ringfence/app"
	"ringfence/calllog"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/store"
)

// Here is the application in the test's own process, for what can only be asked of it there.
type Here struct {
	*app.Telephony
	db *store.Store
}

// ServeHere runs it with the settings in a file, as "ringfence serve" does. Stop ends it.
func ServeHere(ctx context.Context, file string, log *slog.Logger) (here *Here, stop func() error, err error) {
	s, err := config.Read(file, "")
	if err != nil {
		return nil, nil, err
	}
	db, err := app.OpenStore(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	ctx, end := context.WithCancel(ctx)
	made, err := app.New(ctx, app.Options{Settings: s, Out: io.Discard, Log: log}, db)
	if err != nil {
		end()
		return nil, nil, errors.Join(err, db.Close())
	}
	ended := make(chan error, 1)
	go func() { ended <- made.Run(ctx) }()
	return &Here{made.Telephony, db}, func() error {
		end()
		return errors.Join(<-ended, db.Close())
	}, nil
}

// Test is how the latest test call of a household's telephones goes on.
func (h *Here) Test(household string) (steps []ivr.TestStep, over bool) {
	test, _ := h.Telephony.Test(household)
	for _, s := range test.Steps {
		steps = append(steps, ivr.TestStep(s.Step))
	}
	return steps, test.Over
}

// LastCall is the newest call's number in the log, and its steps.
func (h *Here) LastCall(ctx context.Context, household string) (id int64, steps []string, err error) {
	calls, err := h.db.Calls(ctx, household, 1)
	if err != nil || len(calls) == 0 {
		return 0, nil, errors.Join(err, errors.New("no call was logged"))
	}
	for _, s := range calls[0].Steps {
		steps = append(steps, string(calllog.KindOf(s.Step))+" "+calllog.WordsOf(s.Step))
	}
	return calls[0].ID, steps, nil
}

// run is the program, beside others of this process.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	return (&program{in: in, out: out, err: errOut}).run(ctx, args)
}
