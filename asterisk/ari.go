package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// ari makes the requests to a site's Asterisk that its console cannot serve.
type ari struct {
	base, user, password string
	http                 *http.Client
}

func newARI(s Site) *ari {
	return &ari{
		base: "http://" + addressOf(s.HTTPHost, s.HTTPPort) + "/ari",
		user: s.ARIUser, password: s.ARIPassword, http: &http.Client{Timeout: 5 * time.Second},
	}
}

var errNotThere = errors.New("Asterisk has no such thing")

// do requests path with parameters, and with body as JSON unless that is nil. The answer is decoded into into, unless that is nil.
func (a *ari) do(ctx context.Context, method, path string, parameters url.Values, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path+"?"+parameters.Encode(), bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.SetBasicAuth(a.user, a.password)
	request.Header.Set("Content-Type", "application/json")
	answer, err := a.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // read to its end below
	text, err = io.ReadAll(io.LimitReader(answer.Body, 8<<20))
	switch {
	case err != nil:
		return err
	case answer.StatusCode == http.StatusNotFound:
		return errNotThere
	case answer.StatusCode >= 300:
		return fmt.Errorf("Asterisk answers %s to %s", answer.Status, path)
	case into == nil:
		return nil
	default:
		return json.Unmarshal(text, into)
	}
}
