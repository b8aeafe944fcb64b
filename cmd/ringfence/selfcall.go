package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"ringfence/app/doctor"
	"ringfence/asterisk"
	"ringfence/prompts"
	"ringfence/softphone"
	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

// What the call hears and says: Asterisk plays the first ([self-test] in asterisk/templates/extensions.conf), and echoes the second.
const selfTestHears, selfTestSays = prompts.Goodbye, prompts.PleaseHold

// selfCallLimit is how long the whole call may take.
const selfCallLimit = 30 * time.Second

// callOurselves rings this machine's own Asterisk, and listens both ways. log is the command that shows why Asterisk did not answer.
func callOurselves(ctx context.Context, s settings, log string) doctor.Finding {
	ctx, cancel := context.WithTimeout(ctx, selfCallLimit)
	defer cancel()
	took, err := selfCall(ctx, s)
	if err != nil {
		return doctor.Finding{
			Check: "call", Part: "a call to itself", State: doctor.Failed, Text: err.Error(), Type: log,
		}
	}
	return doctor.Finding{
		Check: "call", Part: "a call to itself", State: doctor.OK,
		Text: fmt.Sprintf("answered after %d ms, and sound gets through both ways", took.Milliseconds()),
	}
}

// selfCall makes the call, and says how long it took to be answered. The error is a sentence for people.
func selfCall(ctx context.Context, s settings) (answered time.Duration, err error) {
	password, err := s.ARIPassword()
	if err != nil {
		return 0, err
	}
	sounds, err := selfTestSounds()
	if err != nil {
		return 0, err
	}
	library, err := recognise.NewLibrary(sounds)
	if err != nil {
		return 0, err
	}
	server := s.Asterisk.SIPServer()
	phone, err := softphone.NewPhone(softphone.PhoneConfig{
		Config: softphone.Config{Name: "the call to itself", Address: ownAddress(server), Outside: true, Library: library},
		Server: server, User: asterisk.SelfTestUser, Password: asterisk.Site{ARIPassword: password}.SelfTestPassword(),
	})
	if err != nil {
		return 0, fmt.Errorf("no call can be made from this machine: %w", err)
	}
	defer func() { _ = phone.Close() }() // the call is over
	began := time.Now()
	call, err := phone.Call(ctx, asterisk.SelfTestNumber)
	if err != nil {
		return 0, fmt.Errorf("no call could be sent to Asterisk at %s: %w", server, err)
	}
	if err := call.Answered(ctx); err != nil {
		return 0, notAnswered(ctx, call, server)
	}
	answered = time.Since(began)
	if err := listenBothWays(ctx, call, sounds[string(selfTestSays)]); err != nil {
		return 0, err
	}
	return answered, call.Hangup(ctx)
}

// notAnswered says why the call was not answered.
func notAnswered(ctx context.Context, call *softphone.Call, server string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("Asterisk at %s has not answered the call within %s", server, selfCallLimit)
	}
	switch ending, _ := call.Ended(ctx); ending.Code {
	case 401, 403, 404:
		return errors.New("Asterisk doesn't know this call: its configuration is from before, so restart it (`sudo systemctl restart ringfence-asterisk`)")
	case 0:
		return fmt.Errorf("Asterisk at %s doesn't answer", server)
	default:
		return fmt.Errorf("Asterisk at %s refuses the call: %d %s", server, ending.Code, ending.Phrase)
	}
}

// listenBothWays hears the recording that Asterisk plays, and then its own voice.
func listenBothWays(ctx context.Context, call *softphone.Call, says audio.Sound) error {
	if _, err := call.HearsOut(ctx, string(selfTestHears)); err != nil {
		return errors.New("Asterisk answers, but there is no sound. Either it can't play its recordings, or a firewall here drops UDP between rtp_first and rtp_last")
	}
	if err := call.Say(ctx, says); err != nil {
		return fmt.Errorf("the call ended before it was over: %w", err)
	}
	if _, err := call.Hears(ctx, string(selfTestSays)); err != nil {
		return errors.New("what is said doesn't reach Asterisk: a firewall on this machine may drop UDP to the ports between rtp_first and rtp_last")
	}
	return nil
}

// selfTestSounds are the two recordings, by name.
func selfTestSounds() (map[string]audio.Sound, error) {
	sounds := map[string]audio.Sound{}
	for _, id := range []prompts.ID{selfTestHears, selfTestSays} {
		sound, err := audio.ReadWAV(prompts.Recording("en-GB", id, prompts.Narrow))
		if err != nil {
			return nil, err
		}
		sounds[string(id)] = sound
	}
	return sounds, nil
}

// ownAddress is where the call comes from: the address at which Asterisk listens, which is this machine's own.
func ownAddress(server string) string {
	at, err := netip.ParseAddrPort(server)
	if err != nil || at.Addr().IsUnspecified() {
		return "127.0.0.1:0"
	}
	return net.JoinHostPort(at.Addr().String(), "0")
}
