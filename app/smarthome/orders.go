package smarthome

import (
	"context"
	"errors"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
)

// errNotAllowed, and the others, are told to the smart home and the log.
var (
	errNotAllowed = errors.New("No owner has allowed the smart home to change anything: choose it under Settings, Smart home.")
	errNobody     = errors.New("Nobody is calling.")
	errAnother    = errors.New("Another call has come in meanwhile. Look again, and press once more.")
	errUnknown    = errors.New("Ringfence does not know this button.")
	errFailed     = errors.New("Ringfence couldn't do that. Try again.")
)

// obey does what the smart home asks for, and notes why not.
func (h *Home) obey(ctx context.Context, o order) {
	err := h.try(ctx, o)
	s := h.shown[o.household]
	s.answer = ""
	if err != nil {
		s.answer = err.Error()
		h.Log.Warn("what the smart home asks for is not done", "household", o.household, "what", o.what, "err", err)
	}
	h.shown[o.household] = s
}

func (h *Home) try(ctx context.Context, o order) error {
	about, err := h.Store.About(ctx, o.household)
	if err != nil {
		return h.inWords(o, err)
	}
	if !about.SmartHomeOn() || !about.SmartHomeKeys {
		return errNotAllowed
	}
	switch o.what {
	case orderPress:
		return h.press(ctx, o)
	case orderMode:
		for _, m := range household.Modes() {
			if m.Words == o.value || m.Word == o.value {
				return h.SetMode(ctx, o.household, screening.Mode(m.Word))
			}
		}
	}
	return errUnknown
}

// inWords logs what people can do nothing about, and replaces it with a sentence.
func (h *Home) inWords(o order, err error) error {
	h.Log.Error("what the smart home asks for could not be looked at", "household", o.household, "err", err)
	return errFailed
}

// press presses a key for the call that the smart home was shown when it asked. A press for a caller who has gone must not reach the next one, however
// long it has waited here.
func (h *Home) press(ctx context.Context, o order) error {
	key := calllog.CarerKey(o.value)
	if key != calllog.CarerLetThrough && key != calllog.CarerSendAway {
		return errUnknown
	}
	now := shown{}
	if err := h.look(ctx, o.household, &now); err != nil {
		return h.inWords(o, err)
	}
	switch now.call {
	case 0:
		return errNobody
	case o.call:
		return h.Press(ctx, o.household, now.call, key)
	default:
		return errAnother
	}
}
