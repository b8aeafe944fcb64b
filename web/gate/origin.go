package gate

import (
	"net/http"
	"net/url"
)

// OwnForms lets only what comes from our own pages change anything; deny answers all else. http.CrossOriginProtection leaves two ways open
// to a browser that does not send Sec-Fetch-Site: no Origin at all, and this host's page under another scheme. Both are refused, where
// neither the origin nor the page that a form was sent from (Referer) is ours. secure says that people reach the pages by https.
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
