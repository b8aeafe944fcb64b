package store

import (
	"context"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/sqlite"
)

// Words are what a machine read in a recording. They belong to it: whoever may not hear it must not see them, and they are deleted with it.
type Words struct {
	Text   string // "" where there are none
	Unsure bool   // the machine itself doubts them
	// WereRead: the machine is done with the recording. It never is with one from a time without speech recognition.
	WereRead bool
	Opinion  Opinion
}

// Opinion is how words sound to a language model, where it warns. Whatever it says may be what the caller told it to say.
type Opinion struct {
	Level    calllog.ScriptLevel // "" where it does not warn, or was not asked
	Sentence string              // why, in the model's words; may be ""
}

// wordsColumns are for Words.fields, of recordings r.
const wordsColumns = "coalesce(r.words, ''), r.words_unsure, r.words IS NOT NULL, r.opinion, r.opinion_sentence"

func (w *Words) fields() []any {
	return []any{&w.Text, &w.Unsure, &w.WereRead, &w.Opinion.Level, &w.Opinion.Sentence}
}

// mostWords is how much of a recording is kept as words: somebody who talks without a pause for the two minutes of a message says about half of it.
const mostWords = 4000

// KeepWords keeps what a machine has read in a call's recording of a kind, "" for no words. One that is gone by now gets none.
func (s *Store) KeepWords(ctx context.Context, call int64, kind, text string, unsure bool) error {
	return sqlite.Exec(ctx, s.relaxed, "UPDATE recordings SET words = ?, words_unsure = ? WHERE call_id = ? AND kind = ?",
		screening.CleanLine(text, mostWords), unsure, call, kind)
}

// UnreadMessage is a message that no machine has read.
type UnreadMessage struct {
	Household string
	Call      int64
}

// UnreadMessages are those that were left in a time and have no words, the newest first.
func (s *Store) UnreadMessages(ctx context.Context, since, before time.Time) ([]UnreadMessage, error) {
	return sqlite.Rows(ctx, s.read, func(m *UnreadMessage) []any { return []any{&m.Household, &m.Call} }, `SELECT h.name, r.call_id FROM recordings r
		JOIN calls c ON c.id = r.call_id JOIN households h ON h.id = c.household_id
		WHERE r.kind = 'message' AND r.words IS NULL AND r.at >= ? AND r.at < ? ORDER BY r.at DESC, r.id DESC`, since.Unix(), before.Unix())
}

// mostSentence is how much of a model's sentence is kept, in characters.
const mostSentence = 200

// KeepOpinion keeps how the words that were read in a call's recording of a kind sound to a language model. It goes where they go.
func (s *Store) KeepOpinion(ctx context.Context, call int64, kind string, o Opinion) error {
	return sqlite.Exec(ctx, s.relaxed, "UPDATE recordings SET opinion = ?, opinion_sentence = ? WHERE call_id = ? AND kind = ? AND words <> ''",
		o.Level, screening.CleanLine(o.Sentence, mostSentence), call, kind)
}
