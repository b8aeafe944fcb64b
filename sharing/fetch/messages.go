package fetch

import (
	"net/http"
	"time"
)

// Messages is an HTTP client that reaches what c reaches and follows no redirects, for requests with a key in them that no other server must get. Whoever uses it
// has to limit the time and size of answers. For an address that it must not reach the error is ErrPrivate.
func (c *Client) Messages() *http.Client {
	return &http.Client{
		Transport:     c.http.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RetryAfter is how long a server wants to be left alone; 0 if it does not say.
func RetryAfter(h http.Header) time.Duration { return after(h.Get("Retry-After")) }
