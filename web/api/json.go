package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ringfence/household"
	"ringfence/web/backend"
	"ringfence/web/gate"
)

// maxJSON is how large what a program sends may be, in bytes, unless it is a list.
const maxJSON = 64 << 10

var (
	errNoAddress = backend.RefuseAs(http.StatusNotFound, "There is nothing at this address: /api/v1/openapi.yaml says what there is.")
	errNoToken   = backend.RefuseAs(http.StatusUnauthorized, "Send a token in the header Authorization, as “Bearer rf_…”; people make tokens on their own page, /me.")
	errOnlyRead  = backend.RefuseAs(http.StatusForbidden, "This token may only read: make one that may change, if you need to.")
	errTooOften  = backend.RefuseAs(http.StatusTooManyRequests, "That is too many requests: wait a little.")
	errNotJSON   = backend.RefuseAs(http.StatusUnsupportedMediaType, "Send JSON, with the header Content-Type: application/json.")
	errTooLarge  = backend.RefuseAs(http.StatusRequestEntityTooLarge, "That is too large to be taken.")
)

// reply is an answer with another status than 200, or with a header of its own.
type reply struct {
	status        int
	header, value string
	body          any // nil: none
}

// written is an answer that isn't JSON.
type written func(http.ResponseWriter) error

// write writes what a route has answered: a reply, what is written, nothing (204), or anything else as JSON.
func (a *API) write(w http.ResponseWriter, answer any) error {
	switch answer := answer.(type) {
	case nil:
		w.WriteHeader(http.StatusNoContent)
	case written:
		return answer(w)
	case reply:
		if answer.header != "" {
			w.Header().Set(answer.header, answer.value)
		}
		if answer.body == nil {
			w.WriteHeader(answer.status)
			return nil
		}
		a.send(w, answer.status, "application/json", answer.body)
	default:
		a.send(w, http.StatusOK, "application/json", answer)
	}
	return nil
}

func (a *API) send(w http.ResponseWriter, status int, kind string, body any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // nosniff is set, and the type is not HTML
	if err := encoder.Encode(body); err != nil {
		a.Log.Error("an answer could not be written as JSON", "err", err)
		status, kind = http.StatusInternalServerError, gate.ProblemType
		text.Reset()
		text.WriteString(`{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"Something went wrong here."}`)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // the program may have gone
}

// problem tells a program what went wrong (RFC 9457). Faults that are not the program's go into the log.
func (a *API) problem(w http.ResponseWriter, r *http.Request, err error) {
	var f backend.Fault
	var tooLarge *http.MaxBytesError
	switch err = backend.AsFault(err); {
	case errors.Is(err, errTooOften):
		err = errTooOften
		w.Header().Set("Retry-After", "10")
	case errors.Is(err, backend.ErrNotFound):
		err = errNoAddress
	case errors.As(err, &tooLarge):
		err = errTooLarge
	}
	if !errors.As(err, &f) {
		if r.Context().Err() == nil {
			a.Log.Error("a program could not be answered", "route", r.Pattern, "err", err)
		}
		f.Status = http.StatusInternalServerError
		f.Sentence = "Something went wrong, and the details are in the log. Phone calls aren't affected."
	}
	if f.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Ringfence"`)
	}
	a.send(w, f.Status, gate.ProblemType, gate.NewProblem(f.Status, f.Sentence))
}

// read reads the JSON that a program has sent, into what; the error is the answer. Unknown fields are refused: they might be meant for something that
// this version does not do.
func read(r *http.Request, what any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errNotJSON
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxJSON+1))
	if err != nil {
		return err
	}
	if len(text) > maxJSON {
		return errTooLarge
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(what); err != nil {
		return notThatJSON(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return notThatJSON("something follows behind it")
	}
	return nil
}

func notThatJSON(why string) error {
	return backend.RefuseAs(http.StatusBadRequest, "This is not the JSON that is needed here: "+why+".")
}

// moment is a time for JSON; the zero time is left out.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// list is a list for JSON, each item as it is written there; none is [], not null.
func list[T, U any](items []T, as func(T) U) []U {
	all := []U{}
	for _, item := range items {
		all = append(all, as(item))
	}
	return all
}

// withID does something about what an address names by its number. There is nothing to answer.
func withID(r *http.Request, place string, deed func(context.Context, int64) (household.Done, error)) (any, error) {
	id, err := backend.PathID(r, place)
	if err == nil {
		_, err = deed(r.Context(), id)
	}
	return nil, err
}

// limitOf is how many items a program wants, from 1 to most; usual if it does not say.
func limitOf(r *http.Request, usual, most int) (int, error) {
	text := r.FormValue("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, backend.RefuseAs(http.StatusBadRequest, fmt.Sprintf("A limit is from 1 to %d.", most))
	}
	return n, nil
}
