package fetch

import "net/http"

// Messages is a client of HTTP that reaches what c reaches and follows no redirects: for requests with a key in them, which must get to
// no other server. Its user limits the time and the size of an answer. An address that it must not reach is ErrPrivate.
func (c *Client) Messages() *http.Client {
	return &http.Client{
		Transport:     c.http.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
