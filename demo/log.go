package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"ringfence/calllog"
)

// call has the fields of a line of `ringfence calls --json` that scenes check.
type call struct {
	Ended   *time.Time `json:"ended"`
	Reasons []struct {
		Text string `json:"text"`
	} `json:"reasons"`
	Steps []struct {
		Step   calllog.Kind `json:"step"`
		Detail string       `json:"detail"`
	} `json:"steps"`
	Recordings []struct {
		Words string `json:"words"`
	} `json:"recordings"`
}

// calls is the household's log, newest first.
func (h *house) calls(ctx context.Context) (calls []call, err error) {
	text, err := h.testbed.Command(ctx, "calls", "--json")
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(strings.NewReader(text)); decoder.More(); {
		var c call
		if err := decoder.Decode(&c); err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// allLogged waits until the log has so many calls, each with its end: the last one is handed over by Asterisk.
func (h *house) allLogged(ctx context.Context, want int) (calls []call, err error) {
	err = until(ctx, func() (string, error) {
		if calls, err = h.calls(ctx); err != nil {
			return "", err
		}
		ended := 0
		for _, c := range calls {
			if c.Ended != nil {
				ended++
			}
		}
		if ended == want {
			return "", nil
		}
		return fmt.Sprintf("%d of %d calls are in the log with their end", ended, want), nil
	})
	return calls, err
}

// until calls look again and again, for a minute at most, until nothing is missing any more.
func until(ctx context.Context, look func() (missing string, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		missing, err := look()
		if err != nil || missing == "" {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New(missing)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
