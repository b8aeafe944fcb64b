package speech

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Service is one that an owner has chosen, with an OpenAI-compatible interface.
type Service struct {
	Name    string // in errors: "the speech service"
	Address string // where its interface begins, such as https://speech.example.org/v1
	Key     string // "" is none
}

// client is for all of them. What callers say, and a service's key, go to its address and nowhere else: it follows no redirect, and uses no proxy that the
// environment names.
var client = &http.Client{
	Transport:     &http.Transport{Proxy: nil, IdleConnTimeout: time.Minute},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Post sends something to a path of the interface, and returns the answer, of which it reads most bytes and one more. Its errors repeat nothing that the
// service says.
func (s Service) Post(ctx context.Context, path, kind string, body []byte, most int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.Address, "/")+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", kind)
	if s.Key != "" {
		request.Header.Set("Authorization", "Bearer "+s.Key)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // what matters of it has been read
	if response.StatusCode != http.StatusOK {
		// The status line's own words are the service's, and could say anything.
		return nil, fmt.Errorf("%s answered with status %d", s.Name, response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, most+1))
}
