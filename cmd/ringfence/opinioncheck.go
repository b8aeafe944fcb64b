package main

import (
	"context"
	"fmt"
	"time"

	"ringfence/app/doctor"
	"ringfence/app/recognition"
	"ringfence/config"
	"ringfence/speech/opinion"
)

// opinionTest is what the language model is given to read: words of our own, so that nothing private is sent to it.
const opinionTest = "Hello, this is Ringfence. I am only checking that you answer."

// opinionPatience is how long check waits for a model that may have to be loaded first.
const opinionPatience = time.Minute

// checkOpinion has the language model read words of our own, as a caller's are, and says where callers' words go. There is no line where none is set up.
func (p *program) checkOpinion(ctx context.Context, s config.Speech) []doctor.Finding {
	if s.Opinion == "" {
		return nil
	}
	f := doctor.Finding{Check: "opinion", Part: "second opinion", State: doctor.OK}
	if !s.HasOpinion() {
		f.State, f.Text = doctor.Warning, "speech.opinion is set, but speech.reader is none, so there are no words to read: remove one of the two"
		return []doctor.Finding{f}
	}
	model, err := recognition.Model(s)
	var first, second time.Duration
	if err == nil {
		first, err = timedOpinion(ctx, model)
	}
	if err == nil && first > opinion.Limit {
		second, err = timedOpinion(ctx, model)
	}
	switch {
	case err != nil:
		f.State, f.Text = doctor.Failed, fmt.Sprintf("the model at %s doesn't answer as it should; calls go on without it: %s", s.Opinion, err)
	case first > opinion.Limit && second <= opinion.Limit:
		f.State, f.Text = doctor.Warning, fmt.Sprintf("the model at %s took %.1f s at first, then %.1f s, and has %.0f s when somebody rings: keep it loaded (docs/speech.md)",
			s.Opinion, first.Seconds(), second.Seconds(), opinion.Limit.Seconds())
	case first > opinion.Limit:
		f.State, f.Text = doctor.Warning, fmt.Sprintf("the model at %s answered in %.1f s, and has %.0f s when somebody rings: choose a smaller one, or a faster computer",
			s.Opinion, second.Seconds(), opinion.Limit.Seconds())
	default:
		f.Text = fmt.Sprintf("the model at %s answered in %.1f s", s.Opinion, first.Seconds())
	}
	if !s.OpinionIsOfHome() {
		f.Text += ". What callers say leaves the house: it gets the words of unknown callers and of messages. Those of contacts only go there if the network says that their number is false"
	}
	return []doctor.Finding{f}
}

func timedOpinion(ctx context.Context, model *opinion.Model) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, opinionPatience)
	defer cancel()
	began := time.Now()
	_, err := model.Ask(ctx, opinionTest)
	return time.Since(began), err
}
