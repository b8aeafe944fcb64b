package gate

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Only what our own proxies have added counts: anybody can write something before it.
func TestAddress(t *testing.T) {
	for _, c := range []struct {
		proxies int
		said    []string
		want    string
	}{
		{0, []string{"198.51.100.7"}, "192.0.2.1"},
		{1, nil, "192.0.2.1"},
		{1, []string{"198.51.100.7"}, "198.51.100.7"},
		{1, []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{1, []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{2, []string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		{2, []string{"198.51.100.7"}, "192.0.2.1"},
		{1, []string{"198.51.100.7, rubbish"}, "192.0.2.1"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil) // from 192.0.2.1
		for _, said := range c.said {
			r.Header.Add("X-Forwarded-For", said)
		}
		if got := Address(r, c.proxies); got != c.want {
			t.Errorf("%d proxies, %q: %s", c.proxies, c.said, got)
		}
	}
}
