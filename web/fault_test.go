package web

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"ringfence/web/backend"
)

// An unexpected error gives a page with a plain sentence. Its details are in the log, and nowhere else.
func TestUnexpectedErrorsGiveAPlainSentence(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for words, err := range map[string]error{
		"connection refused":         fmt.Errorf("the list: %w", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}),
		"transaction has already":    sql.ErrTxDone,
		"context deadline exceeded":  context.DeadlineExceeded,
		"unexpected EOF":             backend.Because(fmt.Errorf("this file: %w", io.ErrUnexpectedEOF)),
		"index out of range [7]":     fmt.Errorf("index out of range [7]"),
		"UNIQUE constraint failed: ": fmt.Errorf("keep: UNIQUE constraint failed: calls.id"),
	} {
		shown := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/h/mum/", nil)
		s.fail(shown, r, &backend.Visitor{Now: siteNow, Household: s.Households()[0]}, err)
		body := shown.Body.String()
		if shown.Code != http.StatusInternalServerError || !strings.Contains(body, "Something went wrong on this page. Calls are not affected. Please try again.") {
			t.Errorf("%s: %d without the plain sentence: %s", words, shown.Code, faultIn(body))
		}
		if strings.Contains(body, words) || !strings.Contains(s.log.String(), words) {
			t.Errorf("%s is on the page, or not in the log", words)
		}
	}
}
