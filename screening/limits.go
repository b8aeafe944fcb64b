package screening

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// The limits of what a household may choose. The pages, the interface for programs, the commands and the telephone all ask here.
const (
	LongestMode      = 90 * 24 * time.Hour // of a mode that ends by itself
	UsualExpecting   = 2 * time.Hour       // for how long the next unknown caller rings
	LongestExpecting = 24 * time.Hour

	ShortestEmergency = time.Hour // for how long every call rings after an emergency number was dialled
	LongestEmergency  = 7 * 24 * time.Hour

	LongestKept = 3650 // days: ten years of calls and recordings

	ShortestPassCode = 4 // digits
	LongestPassCode  = 8

	LongestNote = 200 // bytes of a note to a block
)

// CheckModeEnd says in a plain sentence why a mode cannot end by itself at a time; nil where it can.
func CheckModeEnd(now, end time.Time) error {
	if end.Sub(now) > LongestMode {
		return errors.New("a mode can be set for 90 days at most: for longer, set it without an end")
	}
	return checkComing(now, end)
}

// CheckExpecting says the same of an expected call.
func CheckExpecting(now, end time.Time) error {
	if end.Sub(now) > LongestExpecting {
		return errors.New("a call can be expected within a day: choose an earlier end")
	}
	return checkComing(now, end)
}

func checkComing(now, end time.Time) error {
	if !end.After(now) {
		return errors.New("that time is over already: choose one that is still to come")
	}
	return nil
}

// CheckEmergency says why calls cannot all ring for so long after an emergency number was dialled.
func CheckEmergency(window time.Duration) error {
	if window < ShortestEmergency || window > LongestEmergency {
		return errors.New("after an emergency call, all calls can ring for an hour up to a week (1h to 168h)")
	}
	return nil
}

// CheckKept says why calls and recordings cannot be kept for so many days.
func CheckKept(days int) error {
	if days < 1 || days > LongestKept {
		return fmt.Errorf("calls and recordings can be kept for 1 to %d days", LongestKept)
	}
	return nil
}

// CheckThreshold says why lists cannot turn callers away from a confidence on.
func CheckThreshold(confidence float64) error {
	if !(confidence > 0 && confidence <= 1) { // so that NaN is none
		return errors.New("a threshold is a number above 0 and up to 1, such as 0.5")
	}
	return nil
}

// CheckCarer says why calls cannot go on to the carer as the household has chosen.
func (h Household) CheckCarer() error {
	if h.CarerWhen != CarerOff && h.CarerNumber == "" {
		return errors.New("calls can't go on to a carer without a number: type the carer's own first")
	}
	return nil
}

// Check says that there is no such mode.
func (m Mode) Check() error {
	if !m.known() {
		return fmt.Errorf("there is no mode %q: it is ask, known-only, block-only, watch or off", m)
	}
	return nil
}

// Check says in a plain sentence what is wrong with a block's note or farewell.
func (b Block) Check() error {
	if b.Farewell != "" && !slices.Contains(Farewells(), b.Farewell) {
		return fmt.Errorf("there is no farewell %q: it is inspection, not-wanted, busy or not-in-service", b.Farewell)
	}
	if len(b.Note) > LongestNote {
		return fmt.Errorf("the note is too long: a few words are enough, of %d bytes at most", LongestNote)
	}
	return nil
}
