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

// SetPhrase stores the household's own recording of a phrase, a WAV file (8 kHz, 16 bit, mono). It replaces an older one for good. seen is what the
// form showed, "" without a form.
func (a Admin) SetPhrase(ctx context.Context, seen, phrase string, wav []byte) (Done, error) {
	return a.phrase(ctx, seen, phrase, func(ctx context.Context, before []byte) (change, error) {
		if bytes.Equal(wav, before) {
			return unchanged("callers heard this recording already"), nil
		}
		return change{
			word: PhraseSet, sentence: "Callers hear your own recording of " + phrases[phrase] + " from now on.", before: voice(before != nil), after: voice(true),
		}, a.Store.SetPhrase(ctx, a.Household, phrase, wav)
	})
}

// RemovePhrase deletes the household's own recording of a phrase, so that the usual one is heard. seen is as for SetPhrase.
func (a Admin) RemovePhrase(ctx context.Context, seen, phrase string) (Done, error) {
	return a.phrase(ctx, seen, phrase, func(ctx context.Context, before []byte) (change, error) {
		if before == nil {
			return unchanged("the usual words were heard already for " + phrases[phrase]), nil
		}
		return change{
			word: PhraseRemoved, sentence: "The usual words are back for " + phrases[phrase] + ", and your recording is deleted.", before: voice(true), after: voice(false),
		}, a.Store.RemovePhrase(ctx, a.Household, phrase)
	})
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
	if err := a.Store.SettlePhrases(ctx); err != nil && a.Log != nil { // every night does it as well
		a.Log.Error("recordings of phrases could not be put in their place", "household", a.Household, "err", err)
	}
	return done, nil
}
