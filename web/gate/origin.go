package gate

import (
	"net/http"
	"net/url"
)

// OwnForms lets only requests from our own pages change anything; deny answers all others. http.CrossOriginProtection leaves two gaps for browsers that do not send
// Sec-Fetch-Site: no Origin at all, and a page of this host under another scheme. Both are refused, unless the Origin or the Referer is ours. secure says that
// people reach the pages by https.
func OwnForms(secure bool, deny, next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(deny)
	return cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !safe(r.Method) && r.Header.Get("Sec-Fetch-Site") == "" && !sentFromHere(r, secure) {
			deny.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func sentFromHere(r *http.Request, secure bool) bool {
	from := r.Header.Get("Origin")
	if from == "" {
		from = r.Referer()
	}
	u, err := url.Parse(from)
	return err == nil && u.Host != "" && u.Host == r.Host && (u.Scheme == "https" || u.Scheme == "http" && !secure)
}
