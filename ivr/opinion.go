package ivr

import (
	"context"
	"log/slog"

	"ringfence/calllog"
	"ringfence/speech/opinion"
)

// SecondOpinion asks a language model how words sound, and why, in its words: whatever it answers, a caller may have told it to. The level is "" where
// it does not warn. It should give up when ctx ends.
type SecondOpinion func(ctx context.Context, words string) (level calllog.ScriptLevel, sentence string, err error)

// askAgain has words that were read judged a second time. Nothing waits for that. The opinion is shown, and may warn the household; it decides nothing,
// tells no carer and is no part of what is counted. What a contact says is nobody else's business.
func (s *Screener) askAgain(ctx context.Context, log *slog.Logger, r *reading, said spoken) {
	words, _ := r.now()
	if s.SecondOpinion == nil || words.Text == "" || said.quietly {
		return
	}
	defer logFault(log, "asking for a second opinion has found a fault; please report it")
	ctx, cancel := context.WithTimeout(ctx, opinion.Limit)
	defer cancel()
	level, sentence, err := s.SecondOpinion(ctx, words.Text)
	if err == nil {
		err = ctx.Err() // it comes too late
	}
	if err != nil { // the call goes on without it
		log.Warn("there is no second opinion of what a caller has said", "kind", said.kind, "err", err)
		return
	}
	if level != "" {
		s.onOpinion(ctx, r, said, level, sentence)
	}
}

// onOpinion logs the opinion, unless its words are not the recording's any more.
func (s *Screener) onOpinion(ctx context.Context, r *reading, said spoken, level calllog.ScriptLevel, sentence string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replaced {
		return
	}
	r.opinion = level
	s.Recordings.KeepOpinion(ctx, said.call, said.kind, level, sentence)
	s.CallLog.CallStep(said.call, s.Now(), calllog.Opinion{Level: level})
}

// secondOpinion is how the words sound to a language model, as far as it has answered. r may be nil.
func (r *reading) secondOpinion() calllog.ScriptLevel {
	if r == nil {
		return ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.opinion
}
