package speech

import (
	"net/http"
	"time"
)

// Client is for services that an owner has chosen. What callers say, and the service's key, go to that address and nowhere else: it follows no redirect, and
// uses no proxy that the environment names.
func Client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{Proxy: nil, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
