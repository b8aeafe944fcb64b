package ivr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/speech"
)

// How a recorded call talks, and a person does not: it does not hear us, so it talks through the question and the tone, and does not come to an end.
const (
	overShare = 0.75            // of the question and the tone; of a robot that talks from the start 0.9 is heard, of somebody in a hurry 0.6 or 0.7
	overQuiet = time.Second     // a pause at the tone may be one between two sentences
	lostFrom  = time.Second     // whoever talked for so long when they heard the tone has said something that was not recorded
	enough    = 3 * time.Second // unless they said so much after it
)

// suspicion says why a caller is taken for a recorded call, "" for a person: by how they talked over a question of that length, and by what they said
// after it. Whoever ends what they say with a key hears us, and is a person. Asterisk cuts off the silence that ends a recording, so what it leaves ends with
// speech too, but is shorter by that.
func suspicion(question time.Duration, over Talk, said Recording) calllog.WhySuspected {
	switch {
	case said.EndedByKey:
		return ""
	case over.Spoken >= time.Duration(overShare*float64(question)) && over.Quiet < overQuiet:
		return calllog.TalkedOverQuestion
	case said.RunsOn && said.Length >= nameRecorded-nameSilence/2:
		return calllog.TalkedOn
	default:
		return ""
	}
}

// wordsSay says whether a caller is taken for a recorded call by what was read of their words while they spoke. What was not read by the end counts for
// nothing, as nobody waits for it, and neither do words that the machine isn't sure of.
func (c *call) wordsSay(said Recording, soFar speech.Words) calllog.WhySuspected {
	if c.SoundsRecorded == nil || said.EndedByKey || soFar.Unsure || soFar.Text == "" || !c.SoundsRecorded(soFar.Text) {
		return ""
	}
	return calllog.SaidSo
}

// wasLost says whether what a caller said before the tone may be what matters: they talked into the tone, and said little after it.
func wasLost(over Talk, said Recording) bool {
	return over.Quiet == 0 && over.Run >= lostFrom && said.Spoken < enough
}

// question asks who is calling, and returns for how long, and how the caller has talked over it; that is known only where recorded calls are looked for.
func (c *call) question(ctx context.Context, question prompts.ID) (length time.Duration, over Talk, err error) {
	sounds := c.say(Greeting, question, prompts.Tone)
	for _, s := range sounds {
		length += s.Length
	}
	hears := c.verdict.CheckIf && c.hearTalk(ctx)
	key, err := c.Leg.Ask(ctx, "#", 0, sounds...)
	if hears {
		over = c.Leg.Talked(ctx)
	}
	if err != nil && !errors.Is(err, ErrNoKey) {
		return 0, Talk{}, err
	}
	if c.passCode(ctx) {
		return 0, Talk{}, errTrusted
	}
	if key == '#' { // somebody in a hurry has cut the question short, but still needs to know when to speak
		return length, Talk{}, c.Leg.Play(ctx, c.say(prompts.Tone)...)
	}
	return length, over, nil
}

// hearTalk says whether it can be known how the caller talks. If not, nobody is taken for a recording because of it.
func (c *call) hearTalk(ctx context.Context) bool {
	err := c.Leg.HearTalk(ctx)
	if err != nil && !errors.Is(err, ErrGone) && ctx.Err() == nil {
		c.log.Warn("it cannot be known whether the caller talks over the question", "err", err)
	}
	return err == nil
}

// suspect notes that the caller seems to be a recorded call, once.
func (c *call) suspect(why calllog.WhySuspected) {
	if why != "" && c.verdict.CheckIf && c.suspected == "" {
		c.suspected = why
		c.step(calllog.Suspected{Why: why})
	}
}

// bringBack gives Asterisk a recording again which a later one has replaced. If that fails the caller is announced without their voice.
func (c *call) bringBack(said Recording) Recording {
	sound, takeBack, err := c.Sounds.Lend(c.Household, fmt.Sprintf("said-%d", c.id), said.WAV)
	if err != nil {
		c.log.Error("what a caller has said cannot be played to the household", "err", err)
		return Recording{}
	}
	c.takeBack = takeBack
	said.Sound = sound
	return said
}
