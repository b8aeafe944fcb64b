package household

import (
	"context"
	"errors"
	"os"
	"strconv"

	"ringfence/store"
)

// phrases are what a household can say in its own voice.
var phrases = map[string]string{
	store.PhraseGreeting: "the greeting before messages", store.PhraseAskName: "the question to unknown callers", store.PhraseInspection: "what scam callers hear",
}

// SeenPhrase is what a form of a phrase shows, for the form to carry: whether there is a recording at its path, and which.
func SeenPhrase(path string) string {
	recorded := "usual"
	if info, err := os.Stat(path); err == nil {
		recorded = strconv.FormatInt(info.ModTime().UnixNano(), 36)
	}
	return written(map[string]string{"phrase": recorded})
}

// SetPhrase stores the household's own recording of a phrase, a WAV file (8 kHz, 16 bit, mono). It replaces an older one for good. seen is what the
// form showed, "" without a form.
func (a Admin) SetPhrase(ctx context.Context, seen, phrase string, wav []byte) (Done, error) {
	return a.phrase(ctx, seen, phrase, func(ctx context.Context, there bool) (change, error) {
		return change{
			word: PhraseSet, sentence: "Callers hear your own recording of " + phrases[phrase] + " from now on.", before: voice(there), after: voice(true),
		}, a.Store.SetPhrase(ctx, a.Household, phrase, wav)
	})
}

// RemovePhrase deletes the household's own recording of a phrase, so that the usual one is heard. seen is as for SetPhrase.
func (a Admin) RemovePhrase(ctx context.Context, seen, phrase string) (Done, error) {
	return a.phrase(ctx, seen, phrase, func(ctx context.Context, there bool) (change, error) {
		c := change{sentence: "The usual words are back for " + phrases[phrase] + ", and your recording is deleted."}
		if there {
			c.word, c.before, c.after = PhraseRemoved, voice(true), voice(false)
		}
		_, err := a.Store.RemovePhrase(ctx, a.Household, phrase)
		return c, err
	})
}

func voice(own bool) string {
	if own {
		return "an own recording"
	}
	return "the usual words"
}

// phrase runs a deed with a phrase. A phrase is a file, which no transaction rolls back: if the deed fails, this does. A browser that leaves
// meanwhile interrupts neither.
func (a Admin) phrase(ctx context.Context, seen, phrase string, deed func(ctx context.Context, there bool) (change, error)) (Done, error) {
	ctx = context.WithoutCancel(ctx)
	var putBack func() error // nil: nothing has been touched
	done, err := a.do(ctx, func(ctx context.Context) (change, error) {
		path, _, there, err := a.Store.Phrase(ctx, a.Household, phrase)
		if err != nil {
			return change{}, err
		}
		if seen != "" && seen != SeenPhrase(path) {
			return change{}, changedMeanwhile([]string{map[bool]string{true: "Somebody has recorded ", false: "The usual words are back for "}[there] + phrases[phrase]})
		}
		if putBack, err = a.keepPhrase(ctx, phrase, path, there); err != nil {
			return change{}, err
		}
		return deed(ctx, there)
	})
	if err != nil && putBack != nil {
		err = errors.Join(err, putBack())
	}
	return done, err
}

// keepPhrase reads the recording of a phrase, and returns a function that restores it.
func (a Admin) keepPhrase(ctx context.Context, phrase, path string, there bool) (putBack func() error, err error) {
	if !there {
		return func() error {
			_, err := a.Store.RemovePhrase(ctx, a.Household, phrase)
			return err
		}, nil
	}
	before, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return func() error { return a.Store.SetPhrase(ctx, a.Household, phrase, before) }, nil
}
