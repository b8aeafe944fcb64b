package fetch

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// A message with a key in it gets to nobody else, and into no private network.
func TestMessages(t *testing.T) {
	asked := 0
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { asked++ })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	post := func(c *Client) (*http.Response, error) {
		t.Cleanup(c.Close)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		return c.Messages().Do(r)
	}
	answer, err := post(New(Options{AllowPrivate: true}))
	if err != nil || answer.StatusCode != http.StatusTemporaryRedirect || asked != 0 {
		t.Fatalf("%v %v, and the other server was asked %d times", answer, err, asked)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	refused, err := post(New(Options{}))
	if err == nil {
		t.Error(refused.Body.Close())
	}
	if !errors.Is(err, ErrPrivate) {
		t.Errorf("%v %v", refused, err)
	}
}
