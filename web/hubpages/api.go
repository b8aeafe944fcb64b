package hubpages

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
)

// The interface through which households join and report. sharing/FORMAT.md describes it for whoever writes another client. Names of members are a contract: added,
// never renamed.

// apiHandlers answer households.
type apiHandlers struct{ *Server }

// maxJSON is how large a household's request may be, in bytes.
const maxJSON = 4 << 10

func (s apiHandlers) api() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(http.ResponseWriter, *http.Request) error{
		"/v1/join": s.join, "/v1/reports": s.report, "/v1/leave": s.leave,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxJSON)
			if r.Method != http.MethodPost {
				w.Header().Set("Allow", http.MethodPost)
				s.problem(w, r, fault{http.StatusMethodNotAllowed, "This address takes POST."})
				return
			}
			if err := serve(w, r); err != nil {
				s.problem(w, r, err)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.problem(w, r, fault{http.StatusNotFound, "There is nothing at this address."})
	})
	return mux
}

// read reads a request. Unknown members are ignored, so that a newer client may send more.
func read(r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return fault{http.StatusUnsupportedMediaType, "Send JSON, with the header Content-Type: application/json."}
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fault{http.StatusBadRequest, "That is not the JSON of this request: sharing/FORMAT.md says what it looks like."}
	}
	return nil
}

// later says when to try again.
func later(w http.ResponseWriter, after time.Duration, sentence string) error {
	w.Header().Set("Retry-After", strconv.FormatInt(int64(max(after, time.Second)/time.Second), 10))
	return fault{http.StatusTooManyRequests, sentence}
}

// untilTomorrow is how long a day still lasts, as the hub counts days.
func untilTomorrow(now time.Time) time.Duration {
	return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now)
}

// clockFault puts off a request that cannot be judged while the clock is wrong.
func (s apiHandlers) clockFault() error {
	s.Log.Error("households and reports are put off, because this machine's clock is behind what was written down before: set it", "now", s.Now())
	return fault{http.StatusServiceUnavailable, screening.Sentence(hub.ErrClock)}
}

// join gives a household a key.
func (s apiHandlers) join(w http.ResponseWriter, r *http.Request) error {
	if !s.joining.Allow(s.address(r), s.Now()) {
		return later(w, joinEach, "There have been too many tries to join from this address: wait a while.")
	}
	var sent struct {
		Invite string `json:"invite"`
	}
	if err := read(r, &sent); err != nil {
		return err
	}
	key, err := s.Hub.Join(r.Context(), sent.Invite, s.neighbourhood(r), s.Now())
	switch {
	case errors.Is(err, hub.ErrInvitation):
		return fault{http.StatusGone, screening.Sentence(err)}
	case errors.Is(err, hub.ErrNetwork), errors.Is(err, hub.ErrRush):
		return later(w, untilTomorrow(s.Now()), screening.Sentence(err))
	case errors.Is(err, hub.ErrClock):
		return s.clockFault()
	case err != nil:
		return err
	}
	s.send(w, http.StatusCreated, "application/json", struct {
		Key     string `json:"key"`
		List    string `json:"list"`
		ListKey string `json:"list_key"`
	}{key, s.listAddress(), s.Key.String()})
	return nil
}

// household finds the household whose key a request has.
func (s apiHandlers) household(w http.ResponseWriter, r *http.Request) (int64, error) {
	sent, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	id, err := int64(0), hub.ErrNoKey
	if bearer {
		id, err = s.Hub.KeyOf(r.Context(), strings.TrimSpace(sent))
	}
	if errors.Is(err, hub.ErrNoKey) && !s.strangers.Allow(s.address(r), s.Now()) {
		return 0, later(w, strangerEach, "There have been too many requests without a key from this address: wait a while.")
	}
	return id, keyFault(err)
}

func keyFault(err error) error {
	switch {
	case errors.Is(err, hub.ErrNoKey):
		return fault{http.StatusUnauthorized, screening.Sentence(err)}
	case errors.Is(err, hub.ErrExpelled):
		return fault{http.StatusForbidden, screening.Sentence(err)}
	default:
		return err
	}
}

// report accepts a report.
func (s apiHandlers) report(w http.ResponseWriter, r *http.Request) error {
	key, err := s.household(w, r)
	if err != nil {
		return err
	}
	if !s.reporting.Allow(strconv.FormatInt(key, 10), s.Now()) {
		return later(w, time.Hour/time.Duration(s.PerHour), "This household has sent as many reports within an hour as the group takes: the rest can be sent later.")
	}
	var sent struct {
		Number   screening.Number `json:"number"`
		Category string           `json:"category"`
		Day      list.Day         `json:"day"`
		Kind     hub.Kind         `json:"kind"`
	}
	if err := read(r, &sent); err != nil {
		return err
	}
	err = s.Hub.Take(r.Context(), key, hub.Report{Number: sent.Number, Kind: sent.Kind, Category: sent.Category, Day: sent.Day}, s.neighbourhood(r), s.Now())
	if errors.Is(err, hub.ErrMany) {
		return later(w, untilTomorrow(s.Now()), screening.Sentence(err))
	}
	if errors.Is(err, hub.ErrClock) {
		return s.clockFault()
	}
	if err != nil {
		return keyFault(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// leave forgets a household's key.
func (s apiHandlers) leave(w http.ResponseWriter, r *http.Request) error {
	key, err := s.household(w, r)
	if err == nil {
		err = s.Hub.Leave(r.Context(), key)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
