package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ringfence/config"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/sound"
	"ringfence/store"
)

// choices is the store as calls and the household's telephones use it. A household's own recordings lie where Asterisk
// plays them from, below the data folder.
type choices struct {
	*store.Store
	sounds sounds
}

// LastCaller implements ivr.Choices.
func (c choices) LastCaller(ctx context.Context, household string) (ivr.LastCaller, bool, error) {
	calls, err := c.Calls(ctx, household, 1)
	if err != nil || len(calls) == 0 {
		return ivr.LastCaller{}, false, err
	}
	last := calls[0]
	found := ivr.LastCaller{At: last.At, Number: last.Number, Name: last.Name, Action: last.Action}
	if len(last.Reasons) > 0 {
		found.Reason = last.Reasons[0].Code
	}
	return found, true, nil
}

// Messages implements ivr.Choices.
func (c choices) Messages(ctx context.Context, household string) ([]ivr.Message, error) {
	kept, err := c.Store.Messages(ctx, household)
	var all []ivr.Message
	for _, m := range kept {
		all = append(all, ivr.Message{Call: m.Call, At: m.At, Number: m.Number, Heard: m.Heard})
	}
	return all, err
}

// A household's messages: half an hour of them, which nobody listens to at a time.
var messageLimits = store.MessageLimits{Count: 50, Length: 30 * time.Minute}

// oneMessage is what one takes at most: two minutes.
var oneMessage = store.Need{Length: 2 * time.Minute, Bytes: 2 * 60 * sound.BytesPerSecond}

// RoomForMessage implements ivr.Memory. Where there is none, the carers are told.
func (c choices) RoomForMessage(ctx context.Context, household string) (bool, error) {
	_, room, err := c.MakeRoom(ctx, household, messageLimits, oneMessage)
	switch {
	case errors.Is(err, store.ErrDiskFull):
		return false, c.noteDiskFull(ctx, household)
	case err == nil && !room:
		return false, c.AddNotice(ctx, household, time.Now(), store.NoticeMessagesFull,
			"A message could not be left: there is no room, and nobody has heard the messages that are there.", 0)
	default:
		return room, err
	}
}

func (c choices) noteDiskFull(ctx context.Context, household string) error {
	return c.AddNotice(ctx, household, time.Now(), store.NoticeDiskFull, "The disk is nearly full, so a message could not be left.", 0)
}

// MessagesNearlyFull implements ivr.Choices.
func (c choices) MessagesNearlyFull(ctx context.Context, household string) (bool, error) {
	err := c.DiskTakes(oneMessage)
	if errors.Is(err, store.ErrDiskFull) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	left, err := c.RoomLeft(ctx, household, messageLimits)
	return left.Count < 2 || left.Length < 2*oneMessage.Length, err
}

// TryPassCode implements ivr.Memory. During a wait every code is a wrong one.
func (c choices) TryPassCode(ctx context.Context, household, code string, call int64, at time.Time) (name string, ok bool, err error) {
	name, ok, err = c.Store.TryPassCode(ctx, household, code, call, at)
	if errors.Is(err, store.ErrPassCodeWait) {
		return "", false, nil
	}
	return name, ok, err
}

// Notice implements ivr.Memory.
func (c choices) Notice(ctx context.Context, household string, at time.Time, kind ivr.Notice, text string, call int64) error {
	return c.AddNotice(ctx, household, at, string(kind), text, call)
}

// publish brings the household's own recording of a phrase to Asterisk, or takes it away.
func (c choices) publish(ctx context.Context, household string, phrase prompts.ID) error {
	path, _, there, err := c.Phrase(ctx, household, string(phrase))
	if err != nil {
		return err
	}
	if !there {
		return c.sounds.remove(household, string(phrase))
	}
	wav, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return c.sounds.put(household, string(phrase), wav)
}

// publishAll does so for all households, at the start: Asterisk's folders may be new.
func (c choices) publishAll(ctx context.Context, households []config.Household) error {
	var errs []error
	for _, h := range households {
		for _, phrase := range []prompts.ID{ivr.Greeting, prompts.AskName, prompts.Inspection} {
			errs = append(errs, c.publish(ctx, h.Name, phrase))
		}
	}
	return errors.Join(errs...)
}

// sounds are recordings in the folder from which Asterisk plays. Own ones lie in own/HOUSEHOLD/NAME.wav.
type sounds struct{ dir string }

func (s sounds) path(household, name string) string {
	return filepath.Join(s.dir, "own", household, name+".wav")
}

func (s sounds) own(household, name string, bytes int64) ivr.Sound {
	return ivr.Sound{Media: "sound:own/" + household + "/" + name, Length: sound.LengthOfFile(bytes)}
}

// Own implements ivr.Sounds.
func (s sounds) Own(household string, phrase prompts.ID) (ivr.Sound, bool) {
	info, err := os.Stat(s.path(household, string(phrase)))
	if err != nil {
		return ivr.Sound{}, false
	}
	return s.own(household, string(phrase), info.Size()), true
}

// Lend implements ivr.Sounds.
func (s sounds) Lend(household, name string, wav []byte) (ivr.Sound, func(), error) {
	if err := s.put(household, name, wav); err != nil {
		return ivr.Sound{}, nil, err
	}
	return s.own(household, name, int64(len(wav))), func() { _ = os.Remove(s.path(household, name)) }, nil
}

// put writes a recording whole, for Asterisk and nobody else.
func (s sounds) put(household, name string, wav []byte) error {
	path := s.path(household, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("a recording cannot be brought to Asterisk: %w", err)
	}
	if err := os.WriteFile(path+".new", wav, 0o600); err != nil {
		return fmt.Errorf("a recording cannot be brought to Asterisk: %w", err)
	}
	return os.Rename(path+".new", path)
}

func (s sounds) remove(household, name string) error {
	err := os.Remove(s.path(household, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
