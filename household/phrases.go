package household

import (
	"bytes"
	"context"
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

// SetPhrase stores the household's own recording of a phrase, a WAV file (8 kHz, 16 bit, mono). seen is what the
// form showed, "" without a form.
func (a Admin) SetPhrase(ctx context.Context, seen, phrase string, wav []byte) (Done, error) {
	return a.phrase(ctx, seen, phrase, func(ctx context.Context, before []byte) (change, error) {
		if bytes.Equal(wav, before) {
			return unchanged("callers heard this recording already"), nil
		}
		return change{
			word: PhraseSet, sentence: "Callers hear your own recording of " + phrases[phrase] + " from now on.", before: voice(before != nil), after: voice(true), undo: undoOfPhrase(phrase, before, wav),
		}, a.Store.SetPhrase(ctx, a.Household, phrase, wav)
	})
}

// RemovePhrase removes the household's own recording of a phrase, so that the usual one is heard. seen is as for SetPhrase.
func (a Admin) RemovePhrase(ctx context.Context, seen, phrase string) (Done, error) {
	return a.phrase(ctx, seen, phrase, func(ctx context.Context, before []byte) (change, error) {
		if before == nil {
			return unchanged("the usual words were heard already for " + phrases[phrase]), nil
		}
		return change{
			word: PhraseRemoved, sentence: "The usual words are back for " + phrases[phrase] + ".", before: voice(true), after: voice(false), undo: undoOfPhrase(phrase, before, nil),
		}, a.Store.RemovePhrase(ctx, a.Household, phrase)
	})
}

// undoOfPhrase restores the recording before, nil for none, as long as the one after is the present one. The store keeps the last one before, not the log.
func undoOfPhrase(phrase string, before, after []byte) *undo {
	return &undo{What: PhraseSet, Code: phrase, Name: store.MarkOfPhrase(before), Mark: store.MarkOfPhrase(after)}
}

func (a Admin) undoPhrase(ctx context.Context, u undo) (change, error) {
	now, err := a.ownPhrase(ctx, u.Code)
	if err != nil {
		return change{}, err
	}
	if store.MarkOfPhrase(now) != u.Mark {
		return change{}, tooLate("Somebody has recorded " + phrases[u.Code] + " again, or gone back to the usual words.")
	}
	if u.Name == "" {
		return change{sentence: "The usual words are back for " + phrases[u.Code] + "."}, a.Store.RemovePhrase(ctx, a.Household, u.Code)
	}
	before, err := a.Store.PhraseBefore(ctx, a.Household, u.Code)
	if err != nil {
		return change{}, err
	}
	if store.MarkOfPhrase(before) != u.Name {
		return change{}, refuseAs(Gone, "The recording before is gone. Please record it again.")
	}
	return change{sentence: "Callers hear your recording of " + phrases[u.Code] + " again."}, a.Store.SetPhrase(ctx, a.Household, u.Code, before)
}

// ownPhrase is the household's own recording of a phrase; nil if there is none.
func (a Admin) ownPhrase(ctx context.Context, phrase string) ([]byte, error) {
	path, _, there, err := a.Store.Phrase(ctx, a.Household, phrase)
	if err != nil || !there {
		return nil, err
	}
	return os.ReadFile(path)
}

func voice(own bool) string {
	if own {
		return "an own recording"
	}
	return "the usual words"
}

// phrase runs a deed with a phrase, of which before is the household's own recording, nil for none. A browser that leaves meanwhile does not cut it off.
func (a Admin) phrase(ctx context.Context, seen, phrase string, deed func(ctx context.Context, before []byte) (change, error)) (Done, error) {
	ctx = context.WithoutCancel(ctx)
	a.settlePhrases(ctx) // what is in its place now is the recording before
	done, err := a.do(ctx, func(ctx context.Context) (change, error) {
		path, _, there, err := a.Store.Phrase(ctx, a.Household, phrase)
		if err != nil {
			return change{}, err
		}
		if err := fresh(seen, SeenPhrase(path), map[bool]string{true: "Somebody has recorded ", false: "The usual words are back for "}[there]+phrases[phrase]); err != nil {
			return change{}, err
		}
		var before []byte
		if there {
			if before, err = os.ReadFile(path); err != nil {
				return change{}, err
			}
		}
		return deed(ctx, before)
	})
	if err != nil {
		return Done{}, err
	}
	a.settlePhrases(ctx)
	return done, nil
}

// settlePhrases puts recordings in their place.
func (a Admin) settlePhrases(ctx context.Context) {
	if err := a.Store.SettlePhrases(ctx); err != nil && a.Log != nil { // every night does it as well
		a.Log.Error("recordings of phrases could not be put in their place", "household", a.Household, "err", err)
	}
}
