package fritzbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Phone is a telephone in a box that Ringfence registers as.
type Phone struct{ User, Password string }

// PhoneName is what a box calls it.
const PhoneName = "Ringfence"

// How long somebody has to confirm, and how often the box is asked whether they have.
const (
	confirmTime = 3 * time.Minute
	stateEvery  = time.Second
)

// MakePhone makes a telephone in the box, or gives the one of this user name another password. Most boxes want somebody to confirm that: confirm is
// called with a sentence that says how, and MakePhone goes on once it is done. every is how often it looks; 0 is the usual time.
func (b *Box) MakePhone(ctx context.Context, p Phone, confirm func(sentence string), every time.Duration) error {
	index, err := b.place(ctx, p.User)
	if err != nil {
		return err
	}
	err = b.setPhone(ctx, "", index, p)
	if !errors.Is(err, refused(needsConfirm)) {
		return err
	}
	token, err := b.confirmed(ctx, confirm, every)
	if err != nil {
		return err
	}
	return b.setPhone(ctx, token, index, p)
}

// place is the index in the box's list of the telephone with a user name, or the index for a new one.
func (b *Box) place(ctx context.Context, user string) (int, error) {
	said, err := b.call(ctx, voip, "", "X_AVM-DE_GetNumberOfClients")
	if err != nil {
		return 0, err
	}
	count, err := strconv.Atoi(said["NewX_AVM-DE_NumberOfClients"])
	if err != nil || count < 0 || count > 100 {
		return 0, errors.New("the FRITZ!Box does not say how many phones it has: make the phone in its own pages")
	}
	for i := range count {
		one, err := b.call(ctx, voip, "", "X_AVM-DE_GetClient3", argument{"NewX_AVM-DE_ClientIndex", strconv.Itoa(i)})
		if err != nil {
			return 0, err
		}
		if one["NewX_AVM-DE_ClientUsername"] == user {
			return i, nil
		}
	}
	return count, nil
}

// setPhone makes it. Without numbers it rings for every number of the box, and dials out by its usual one.
func (b *Box) setPhone(ctx context.Context, token string, index int, p Phone) error {
	_, err := b.call(ctx, voip, token, "X_AVM-DE_SetClient4",
		argument{"NewX_AVM-DE_ClientIndex", strconv.Itoa(index)},
		argument{"NewX_AVM-DE_ClientPassword", p.Password},
		argument{"NewX_AVM-DE_ClientUsername", p.User},
		argument{"NewX_AVM-DE_PhoneName", PhoneName},
		argument{"NewX_AVM-DE_ClientId", ""},
		argument{"NewX_AVM-DE_OutGoingNumber", ""},
		argument{"NewX_AVM-DE_InComingNumbers", ""},
	)
	return err
}

// confirmed waits until somebody has confirmed, and returns the token that proves it.
func (b *Box) confirmed(ctx context.Context, confirm func(sentence string), every time.Duration) (token string, err error) {
	if every == 0 {
		every = stateEvery
	}
	ctx, cancel := context.WithTimeout(ctx, confirmTime)
	defer cancel()
	begun, err := b.call(ctx, auth, "", "SetConfig", argument{"NewAction", "start"})
	if err != nil {
		return "", err
	}
	defer func() { // so that the next try does not find it busy
		if err == nil {
			return
		}
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
		defer cancel()
		_, _ = b.call(stop, auth, begun["NewToken"], "SetConfig", argument{"NewAction", "stop"}) // the box ends it by itself in a while
	}()
	confirm(howToConfirm(begun["NewMethods"]))
	tick := time.NewTicker(every)
	defer tick.Stop()
	for state := begun["NewState"]; ; {
		switch state {
		case "authenticated", "disabled":
			return begun["NewToken"], nil
		case "waitingforauth", "anotherauthprocess", "":
		case "blocked":
			return "", refused(confirmBlock)
		default: // stopped, failure
			return "", errors.New("the FRITZ!Box was not told to go on: try again, and press the button or dial the code when it asks")
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		said, err := b.call(ctx, auth, begun["NewToken"], "GetState")
		if ctx.Err() != nil {
			return "", fmt.Errorf("nobody has confirmed it at the FRITZ!Box within %.0f minutes: try again", confirmTime.Minutes())
		}
		if err != nil {
			return "", err
		}
		state = said["NewState"]
	}
}

// howToConfirm says how somebody confirms, of the box's list such as "button,dtmf;*11234".
func howToConfirm(methods string) string {
	var ways []string
	for method := range strings.SplitSeq(methods, ",") {
		kind, keys, _ := strings.Cut(strings.TrimSpace(method), ";")
		switch kind {
		case "button":
			ways = append(ways, "press any button on the FRITZ!Box for a moment")
		case "dtmf":
			if strings.Trim(keys, "0123456789*#") == "" && keys != "" {
				ways = append(ways, "dial "+keys+" on a phone that is plugged into it")
			}
		}
	}
	if len(ways) == 0 {
		ways = []string{"do what its own pages ask for"}
	}
	return "The FRITZ!Box wants a confirmation: " + strings.Join(ways, ", or ") + "."
}
