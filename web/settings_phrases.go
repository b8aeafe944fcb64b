package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"ringfence/household"
	speech "ringfence/sound"
	"ringfence/store"
	"ringfence/web/backend"
)

// phrase is something that a household may say in its own words.
type phrase struct {
	ID, Title, For string
	Words          string // of the usual one; "" if there is none
	Usual, Own     string // addresses of sounds; "" for none
	Length         string // of the own one
	Was            string // what the page shows, for its forms
}

var phrases = []phrase{
	{ID: store.PhraseAskName, Title: "The question to unknown callers", For: "It asks their name and why they’re ringing."},
	{ID: store.PhraseInspection, Title: "The words for scammers", For: "What they hear before the call ends."},
	{ID: store.PhraseGreeting, Title: "The greeting before a message", For: "Optional: what callers hear before they leave a message."},
}

func phraseOf(r *http.Request) (phrase, error) {
	for _, p := range phrases {
		if p.ID == r.PathValue("phrase") {
			return p, nil
		}
	}
	return phrase{}, backend.ErrNotFound
}

// phrasesOf are a household's phrases as they are now.
func (s settingsHandlers) phrasesOf(r *http.Request, v *backend.Visitor) ([]phrase, error) {
	var all []phrase
	for _, p := range phrases {
		words, wav := s.Phrases.Standard(v.Household.Name, p.ID)
		if p.Words = words; len(wav) > 0 {
			p.Usual = v.Path("settings", "phrases", p.ID, "standard.wav")
		}
		path, length, own, err := s.Store.Phrase(r.Context(), v.Household.Name, p.ID)
		if err != nil {
			return nil, err
		}
		if own {
			// The address changes with the recording, so that a browser never plays the one before.
			p.Own, p.Length = v.Path("settings", "phrases", p.ID, "own.wav")+"?"+stamp(path), seconds(length)
		}
		p.Was = household.SeenPhrase(path)
		all = append(all, p)
	}
	return all, nil
}

func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil { // it has been removed since, which the page will show next time
		return "gone"
	}
	return strconv.FormatInt(info.ModTime().UnixMilli(), 36)
}

func seconds(d time.Duration) string {
	if d < 1500*time.Millisecond {
		return "1 second"
	}
	return fmt.Sprintf("%.0f seconds", d.Seconds())
}

func (s settingsHandlers) phrasesView() view {
	return viewOf("settings-phrases", "settings", "Greeting and phrases", s.phrasesOf)
}

// ownPhrases says which phrases a household has recorded.
func (s settingsHandlers) ownPhrases(ctx context.Context, household string) (string, error) {
	var own []string
	for _, p := range phrases {
		_, _, there, err := s.Store.Phrase(ctx, household, p.ID)
		if err != nil {
			return "", err
		}
		if there {
			own = append(own, p.Title)
		}
	}
	if len(own) == 0 {
		return "Callers hear Ringfence's own voice. You can record yours.", nil
	}
	return "In your own voice: " + strings.Join(own, ", ") + ".", nil
}

func (s settingsHandlers) ownPhrase(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := phraseOf(r)
	if err != nil {
		return err
	}
	path, _, there, err := s.Store.Phrase(r.Context(), v.Household.Name, p.ID)
	if err != nil {
		return err
	}
	if !there {
		return backend.ErrNotFound
	}
	wav, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return playable(w, r, wav)
}

func (s settingsHandlers) standardPhrase(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := phraseOf(r)
	if err != nil {
		return err
	}
	_, wav := s.Phrases.Standard(v.Household.Name, p.ID)
	if len(wav) == 0 {
		return backend.ErrNotFound
	}
	return playable(w, r, wav)
}

// playable sends a sound as browsers want it: they ask for parts of it.
func playable(w http.ResponseWriter, r *http.Request, wav []byte) error {
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(wav)))
	return nil
}

// setPhrase takes a recording that was made in the browser or chosen as a file. One is converted at a time: it takes up to
// half a second, and memory of which a small machine has little.
func (s settingsHandlers) setPhrase(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := phraseOf(r)
	if err != nil {
		return err
	}
	upload, err := uploaded(w, r, "sound", speech.MaxFile)
	var done household.Done
	if err == nil {
		done, err = s.keepPhrase(r, v, p, upload)
	}
	if err != nil {
		return s.again(w, r, v, s.phrasesView(), err)
	}
	done.Sentence += " Play it once, to be sure."
	return s.finish(w, r, v, v.Path("settings", "phrases"), done, s.Phrases.Publish(r.Context(), v.Household.Name, p.ID))
}

func (s settingsHandlers) keepPhrase(r *http.Request, v *backend.Visitor, p phrase, upload []byte) (household.Done, error) {
	s.converting.Lock()
	wav, _, err := speech.Convert(upload)
	s.converting.Unlock()
	if err != nil {
		return household.Done{}, backend.Because(err)
	}
	return s.Admin(v).SetPhrase(r.Context(), r.PostFormValue("was"), p.ID, wav)
}

// uploaded is a file that a form has sent, of at most so many bytes. What a browser says about it is not trusted.
func uploaded(w http.ResponseWriter, r *http.Request, field string, most int64) ([]byte, error) {
	const form = 1 << 20 // what is around the file
	r.Body = http.MaxBytesReader(w, r.Body, most+form)
	file, _, err := r.FormFile(field)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, backend.Refuse("This file is larger than %d MB. Please choose a smaller one.", most>>20)
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		return nil, backend.Refuse("There is no file. Please choose one.")
	case err != nil:
		return nil, errHalfFile
	}
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	return content, errors.Join(err, file.Close(), r.MultipartForm.RemoveAll())
}

func (s settingsHandlers) backToStandard(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := phraseOf(r)
	if err != nil {
		return err
	}
	done, err := s.Admin(v).RemovePhrase(r.Context(), r.PostFormValue("was"), p.ID)
	if err == nil {
		err = s.Phrases.Publish(r.Context(), v.Household.Name, p.ID)
	}
	return s.finish(w, r, v, v.Path("settings", "phrases"), done, err)
}
