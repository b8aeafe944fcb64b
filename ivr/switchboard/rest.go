package switchboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"
	"github.com/CyCoreSystems/ari/v5/client/native"

	"ringfence/ivr"
)

// requestLimit is how long a request may take. Asterisk answers within milliseconds; but a command to a channel waits for the one
// before it, which is why none is sent while a sound plays.
const requestLimit = 10 * time.Second

// fetch makes a request of the ARI library, which takes no context, and returns when ctx ends. Nobody then waits for the request, which
// ends by itself; except where a carer has interrupted a step: the leg goes on, and has to know the result of the request.
func fetch[T any](ctx context.Context, request func() (T, error)) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	if ctx.Err() != nil {
		return answer, context.Cause(ctx)
	}
	type result struct {
		answer T
		err    error
	}
	results := make(chan result, 1)
	go func() {
		answer, err := request()
		results <- result{answer, err}
	}()
	select {
	case r := <-results:
		return r.answer, meaning(r.err)
	case <-ctx.Done():
	}
	if errors.Is(context.Cause(ctx), ivr.ErrInterrupted) {
		select {
		case <-results: // the step is over in either case
		case <-time.After(requestLimit):
		}
	}
	return answer, context.Cause(ctx)
}

// within is fetch for a request without a result.
func within(ctx context.Context, request func() error) error {
	_, err := fetch(ctx, func() (struct{}, error) { return struct{}{}, request() })
	return err
}

func (s *Switchboard) endpointData(ctx context.Context, name string) (*ari.EndpointData, error) {
	return fetch(ctx, func() (*ari.EndpointData, error) { return s.ari.Endpoint().Data(ari.NewEndpointKey("PJSIP", name)) })
}

func (s *Switchboard) channelData(ctx context.Context, id string) (*ari.ChannelData, error) {
	return fetch(ctx, func() (*ari.ChannelData, error) { return s.ari.Channel().Data(channelKey(id)) })
}

func (s *Switchboard) channels(ctx context.Context) ([]*ari.Key, error) {
	return fetch(ctx, func() ([]*ari.Key, error) { return s.ari.Channel().List(nil) })
}

func (s *Switchboard) setVariable(ctx context.Context, channel, name, value string) error {
	return within(ctx, func() error { return s.ari.Channel().SetVariable(channelKey(channel), name, value) })
}

// subscribe asks for the events of "channel:ID" (see subscribeChannel), even while it is not in Stasis, or of all channels of an endpoint.
func (s *Switchboard) subscribe(ctx context.Context, source string) error {
	return within(ctx, func() error {
		return s.ari.Application().Subscribe(ari.NewKey(ari.ApplicationKey, s.options.App), source)
	})
}

// subscribeChannel asks for the events of a channel. It returns ivr.ErrGone for one that has ended: Asterisk then knows no such source, and says 422.
func (s *Switchboard) subscribeChannel(ctx context.Context, id string) error {
	err := s.subscribe(ctx, "channel:"+id)
	if status(err) == http.StatusUnprocessableEntity {
		return ivr.ErrGone
	}
	return err
}

// runInDialplan has the dialplan do what ARI cannot, such as something to a channel that is not in Stasis. It runs on a channel of its own.
func (s *Switchboard) runInDialplan(ctx context.Context, where, extension string, variables map[string]string) error {
	return within(ctx, func() error {
		_, err := s.ari.Channel().Originate(nil, ari.OriginateRequest{
			Endpoint: "Local/other-end@unlogged", Timeout: 10, Context: where, Extension: extension, Priority: 1, Variables: variables,
		})
		return err
	})
}

// meaning turns ARI's answers for a channel that does not exist (404) or is no longer ours (409) into ivr.ErrGone.
func meaning(err error) error {
	if isGone(status(err)) {
		return ivr.ErrGone
	}
	return err
}

// status is what Asterisk answered, in the codes of HTTP; 0 if err is not an answer of its.
func status(err error) int {
	var answer native.RequestError
	var wrapped interface{ Cause() error } // as the library wraps the answers to Data, out of reach of errors.As
	if errors.As(err, &answer) || errors.As(err, &wrapped) && errors.As(wrapped.Cause(), &answer) {
		return answer.Code()
	}
	return 0
}

func isGone(status int) bool { return status == http.StatusNotFound || status == http.StatusConflict }

// refusal is the same for an answer on the wire.
func refusal(status int, method, uri string) error {
	switch {
	case isGone(status):
		return ivr.ErrGone
	case status/100 != 2:
		return fmt.Errorf("%s %s: status %d", method, uri, status)
	default:
		return nil
	}
}

// rest makes the requests that the library lacks.
type rest struct {
	base, user, password string
	http                 *http.Client
}

func newRest(base, user, password string) *rest {
	return &rest{base: base, user: user, password: password, http: &http.Client{Timeout: requestLimit}}
}

// wanted are the events that the switchboard reads. Asterisk keeps all others to itself: a call makes dozens. The filter also applies
// to the answers to requests on the wire (docs/asterisk.md).
var wanted = []string{
	"StasisStart", "StasisEnd", "ChannelHangupRequest", "ChannelDestroyed", "ChannelDtmfReceived", "PlaybackFinished", "RecordingFinished",
	"RecordingFailed", "ApplicationReplaced", "RESTResponse", "Dial", "ChannelTalkingStarted", "ChannelTalkingFinished",
}

func (r *rest) filterEvents(ctx context.Context, app string) error {
	type kind struct {
		Type string `json:"type"`
	}
	var allowed []kind
	for _, w := range wanted {
		allowed = append(allowed, kind{w})
	}
	body, err := json.Marshal(map[string]any{"allowed": allowed})
	if err != nil {
		return err
	}
	_, err = r.do(ctx, http.MethodPut, "/applications/"+url.PathEscape(app)+"/eventFilter", body)
	return err
}

// recording fetches a stored recording's file.
func (r *rest) recording(ctx context.Context, name string) ([]byte, error) {
	return r.do(ctx, http.MethodGet, "/recordings/stored/"+url.PathEscape(name)+"/file", nil)
}

// ReloadDialplan tells Asterisk to reload its dialplan. Calls go on, each at the extension where it is. It works without Run's connection.
func (s *Switchboard) ReloadDialplan(ctx context.Context) error {
	_, err := s.extra.do(ctx, http.MethodPut, "/asterisk/modules/pbx_config.so", nil)
	return err
}

// InUse says whether Asterisk has any channel. It works without Run's connection.
func (s *Switchboard) InUse(ctx context.Context) (bool, error) {
	channels, err := s.channels(ctx)
	return len(channels) > 0, err
}

// Global is the value of a global variable in Asterisk, "" if it is not set. It works without Run's connection.
func (s *Switchboard) Global(ctx context.Context, name string) (string, error) {
	answer, err := s.extra.do(ctx, http.MethodGet, "/asterisk/variable?variable="+url.QueryEscape(name), nil)
	if errors.Is(err, ivr.ErrGone) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var variable struct {
		Value string `json:"value"`
	}
	err = json.Unmarshal(answer, &variable)
	return variable.Value, err
}

func (r *rest) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(r.user, r.password)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := r.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // read to its end below
	// Two minutes of a message are 2 MB.
	content, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	switch {
	case err != nil:
		return nil, err
	case answer.StatusCode == http.StatusNotFound, isGone(answer.StatusCode) && strings.HasPrefix(path, "/channels/"):
		return nil, ivr.ErrGone
	case answer.StatusCode/100 != 2:
		return nil, fmt.Errorf("%s %s: %s", method, path, answer.Status)
	}
	return content, nil
}
