package gate

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Whatever a browser sends, old or new, only a form of our own page changes anything.
func TestOwnForms(t *testing.T) {
	type sent = map[string]string
	for _, test := range []struct {
		name   string
		secure bool
		method string
		header sent
		want   int
	}{
		{"to look", true, "GET", sent{}, 200},
		{"a new browser", true, "POST", sent{"Sec-Fetch-Site": "same-origin", "Origin": "https://ringfence.example"}, 200},
		{"a new browser on another site", true, "POST", sent{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		{"an older browser", true, "POST", sent{"Origin": "https://ringfence.example"}, 200},
		{"an older browser on another site", true, "POST", sent{"Origin": "https://evil.example"}, 403},
		{"under another scheme", true, "POST", sent{"Origin": "http://ringfence.example"}, 403},
		{"in the home network", false, "POST", sent{"Origin": "http://ringfence.example"}, 200},
		{"no origin", true, "POST", sent{}, 403},
		{"no origin, but our page", true, "POST", sent{"Referer": "https://ringfence.example/h/mum/"}, 200},
		{"no origin, from another page", false, "POST", sent{"Referer": "https://evil.example/https://ringfence.example"}, 403},
		{"an origin that is hidden", true, "POST", sent{"Origin": "null"}, 403},
		{"an origin that is hidden, DELETE", false, "DELETE", sent{"Origin": "null"}, 403},
		{"another port", false, "PUT", sent{"Origin": "http://ringfence.example:8081"}, 403},
	} {
		h := OwnForms(test.secure, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }),
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		r := httptest.NewRequestWithContext(t.Context(), test.method, "http://ringfence.example/me", nil)
		for name, value := range test.header {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s: %d, not %d", test.name, w.Code, test.want)
		}
	}
}
