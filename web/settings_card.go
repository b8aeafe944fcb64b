package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"ringfence/web/backend"
)

func (s settingsHandlers) cardPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	return s.show(w, r, v, "settings-card", "settings", "The card", s.Houses.House(v.Household.Name).Codes)
}

// printCard is the card itself, to be printed. Its style stands in it, so that `ringfence card` writes one file: the page's
// own policy allows that style, by its hash, and nothing else.
func (s settingsHandlers) printCard(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	card, err := s.Houses.Card(v.Household.Name)
	if err != nil {
		return err
	}
	_, after, _ := strings.Cut(card, "<style>")
	style, _, _ := strings.Cut(after, "</style>")
	sum := sha256.Sum256([]byte(style))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(card))
	return nil
}
