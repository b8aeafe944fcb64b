package asterisk

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// It waits while somebody is talking, even between two channels. If no Asterisk is running it doesn't wait.
func TestItIsWaitedUntilNobodyIsOnTheLine(t *testing.T) {
	t.Parallel()
	asked := 0
	answers := []string{`[{"id":"a"}]`, `[]`, `[{"id":"b"}]`, `[]`, `[]`}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, answers[min(asked, len(answers)-1)])
		asked++
	}))
	site := Site{}
	host, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	site.HTTPHost = host
	if site.HTTPPort, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	if err := WaitUntilFree(t.Context(), site); err != nil || asked != len(answers) {
		t.Errorf("free after %d looks, want %d (%v)", asked, len(answers), err)
	}
	answers, asked = []string{`[{"id":"a"}]`}, 0
	ctx, cancel := context.WithTimeout(t.Context(), 3*freeEvery/2)
	defer cancel()
	if err := WaitUntilFree(ctx, site); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while somebody talks: %v", err)
	}
	server.Close()
	if err := WaitUntilFree(t.Context(), site); err != nil {
		t.Errorf("where nothing runs: %v", err)
	}
}
