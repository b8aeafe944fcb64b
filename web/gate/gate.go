// Package gate is in front of all pages: it sets the headers of every answer, finds out where a request comes from, keeps sessions, and makes sure
// that only our own pages change anything.
package gate

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// Headers adds the headers that every answer has. Pages load nothing from elsewhere and cannot be framed, so nobody can be tricked into pressing something that they
// do not see. secure says that people reach the pages by https.
func Headers(secure bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "+
			"media-src 'self' blob:; manifest-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		// An address may contain a token, so no other site may learn it.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=(), payment=()")
		// Pages are about people's lives: they stay in no cache, and cannot be seen any more after signing out.
		h.Set("Cache-Control", "private, no-store")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// Address is where a request comes from. Behind this many trusted proxies, it is what the outermost of them says.
func Address(r *http.Request, proxies int) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if proxies == 0 {
		return host
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if len(said) < proxies {
		return host
	}
	if ip := net.ParseIP(strings.TrimSpace(said[len(said)-proxies])); ip != nil {
		return ip.String()
	}
	return host
}

// Inside returns to if it is a page of ours, and the start page otherwise. Browsers take a backslash for a slash and drop tabs and line breaks
// (url.spec.whatwg.org, "basic URL parser"), so "/<tab>/evil.example" is another site to them. None of our addresses contains such a character, or its percent
// form, which something on the way might decode.
func Inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || outside(to) || outside(u.Path) {
		return "/"
	}
	return to
}

func outside(path string) bool {
	return !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsFunc(path, func(r rune) bool { return r == '\\' || unicode.IsControl(r) || r == unicode.ReplacementChar })
}

// Bounded shortens text from outside for the log.
func Bounded(text string) string {
	const limit = 200
	if len(text) > limit {
		text = text[:limit]
	}
	return strings.ToValidUTF8(text, "?")
}
