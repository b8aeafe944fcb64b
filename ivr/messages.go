package ivr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// Message is a message that a caller has left.
type Message struct {
	Call   int64
	At     time.Time
	Number screening.Number
	Heard  bool
}

// MessageCount is how many messages a household has.
type MessageCount struct{ Unheard, Heard int }

// Mailbox has the messages that callers have left.
type Mailbox interface {
	// Messages lists them: first the unheard, then the others, the newest of each first.
	Messages(ctx context.Context, household string) ([]Message, error)
	// MessageSound is a message as a WAV file.
	MessageSound(ctx context.Context, household string, call int64) ([]byte, error)
	// MessageCounts has the households that have messages.
	MessageCounts(ctx context.Context) (map[string]MessageCount, error)
	// MessagesNearlyFull says that there is room for one more message at most.
	MessagesNearlyFull(ctx context.Context, household string) (bool, error)
	MarkHeard(ctx context.Context, household string, call int64) error
	// DeleteMessage does nothing if the message is gone already.
	DeleteMessage(ctx context.Context, household string, call int64) error
}

// Sounds puts recordings that are not prompts where Asterisk can play them.
type Sounds interface {
	// Own is the household's own recording of a phrase, if there is one.
	Own(household string, phrase prompts.ID) (Sound, bool)
	// Lend gives Asterisk a WAV file until takeBack is called.
	Lend(household, name string, wav []byte) (sound Sound, takeBack func(), err error)
}

// MessageCounts has the households that have messages.
func (s *Screener) MessageCounts(ctx context.Context) (map[string]MessageCount, error) {
	return s.Mailbox.MessageCounts(ctx)
}

// Greeting is what a household may record to be heard before a message is asked for. There is no prompt for it.
const Greeting prompts.ID = "greeting"

// messages reads the messages, the new ones first.
func (v *dialled) messages(ctx context.Context) error {
	all, err := v.Mailbox.Messages(ctx, v.Household)
	if err != nil {
		return err
	}
	unheard := 0
	for _, m := range all {
		if !m.Heard {
			unheard++
		}
	}
	if err := v.say(ctx, prompts.Count(v.line.Language, unheard, prompts.NewMessage, prompts.NewMessages, prompts.NoMessages)...); err != nil {
		return err
	}
	for i, m := range all {
		if i == unheard { // the first of the messages that were heard before
			if err := v.say(ctx, prompts.OldMessages); err != nil {
				return err
			}
		}
		if err := v.message(ctx, m); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	if nearly, err := v.Mailbox.MessagesNearlyFull(ctx, v.Household); err != nil || nearly {
		return errors.Join(err, v.say(ctx, prompts.BoxNearlyFull))
	}
	return v.say(ctx, prompts.EndOfMessages)
}

// message plays one message, with who left it and when, and asks whether to keep or delete it. Without a key it is kept.
func (v *dialled) message(ctx context.Context, m Message) error {
	wav, err := v.Mailbox.MessageSound(ctx, v.Household, m.Call)
	if err != nil {
		return err
	}
	recording, takeBack, err := v.Sounds.Lend(v.Household, fmt.Sprintf("message-%d", m.Call), wav)
	if err != nil {
		return err
	}
	defer takeBack()
	head := append([]prompts.ID{prompts.MessageFrom}, spokenNumber(v.line, m.Number)...)
	head = append(head, prompts.When(v.line.Language, v.line.Local(m.At), v.line.Local(v.Now()))...)
	if err := v.say(ctx, head...); err != nil {
		return err
	}
	for range again {
		if err := v.Telephone.Play(ctx, recording); err != nil {
			return err
		}
		if err := v.Mailbox.MarkHeard(ctx, v.Household, m.Call); err != nil {
			return err
		}
		key, err := v.ask(ctx, "123", prompts.MessageChoices)
		switch {
		case err != nil:
			return err
		case key == '3':
			if err := v.Mailbox.DeleteMessage(ctx, v.Household, m.Call); err != nil {
				return err
			}
			return v.say(ctx, prompts.Deleted)
		case key != '1':
			return v.say(ctx, prompts.Kept)
		}
	}
	return v.say(ctx, prompts.Kept)
}

const (
	ownWordsTime    = time.Minute     // how long a household may speak
	ownWordsSilence = 4 * time.Second // the silence that ends it
)

// ownWords serves the code by which the household hears, records and removes its own recording of a phrase.
func ownWords(phrase prompts.ID) func(v *dialled, ctx context.Context) error {
	return func(v *dialled, ctx context.Context) error { return v.ownWords(ctx, phrase) }
}

func (v *dialled) ownWords(ctx context.Context, phrase prompts.ID) error {
	for range again {
		key, err := v.ask(ctx, "123", prompts.GreetingChoices)
		switch {
		case err != nil || key == 0:
			return err
		case key == '1':
			err = v.hearOwn(ctx, phrase)
		case key == '2':
			err = v.recordOwn(ctx, phrase)
		default:
			if err = v.Choices.RemovePhrase(ctx, v.Household, phrase); err == nil {
				err = v.say(ctx, prompts.GreetingRemoved)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *dialled) hearOwn(ctx context.Context, phrase prompts.ID) error {
	if own, there := v.Sounds.Own(v.Household, phrase); there {
		return v.Telephone.Play(ctx, own)
	}
	if phrase == Greeting {
		return v.say(ctx, prompts.NobodyHome, prompts.LeaveMessage)
	}
	return v.say(ctx, phrase)
}

func (v *dialled) recordOwn(ctx context.Context, phrase prompts.ID) error {
	if err := v.say(ctx, prompts.RecordGreeting); err != nil {
		return err
	}
	said, err := v.Telephone.Record(ctx, RecordSpec{Max: ownWordsTime, Silence: ownWordsSilence, EndKey: "#", Unattended: OwnWords})
	if err != nil {
		return err
	}
	if said.Spoken < leastSpoken {
		return v.say(ctx, prompts.NothingHeard)
	}
	if err := v.Choices.SetPhrase(ctx, v.Household, phrase, said.Trimmed().WAV); err != nil {
		return err
	}
	return v.say(ctx, prompts.GreetingKept)
}
