package fetch

import "net/http"

// Messages is an HTTP client that reaches what c reaches and follows no redirects, for requests with a key in them that no other server must get. Whoever uses it
// has to limit the time and size of answers. For an address that it must not reach the error is ErrPrivate.
func (c *Client) Messages() *http.Client {
	return &http.Client{
		Transport:     c.http.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
