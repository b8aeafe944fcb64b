package switchboard

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// An attempt to connect that nobody answered may reach Asterisk late, and replaces the connection that came after it: that is no other
// ringfence, and the switchboard connects again, as it does in any case once such attempts are over. Without such an attempt it is another one, to which it gives way.
func TestReplacedByAnAttemptOfItsOwn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		unanswered, replaced bool
		want                 int32 // connections
	}{
		"after an attempt that was not answered": {true, true, 3}, "by another": {false, true, 1},
		"not, and the attempt ends late": {true, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			var dialled atomic.Int32
			asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/events") {
					_, _ = io.WriteString(w, "[]")
					return
				}
				n := dialled.Add(1)
				if n == 1 && test.unanswered {
					<-r.Context().Done()
					return
				}
				ws, err := websocket.Accept(w, r, nil)
				if err != nil {
					return
				}
				if n == 3 {
					stop() // connected once more
					return
				}
				if test.replaced {
					_ = ws.Write(ctx, websocket.MessageText, []byte(`{"type":"ApplicationReplaced"}`))
				}
				_, _, _ = ws.Read(ctx)
			}))
			defer asterisk.Close()
			s := New(Options{Address: strings.TrimPrefix(asterisk.URL, "http://"), App: "ringfence", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
			err := s.Run(ctx, &quietHandler{})
			if errors.Is(err, ErrReplaced) == test.unanswered || dialled.Load() != test.want {
				t.Errorf("%v after %d connections", err, dialled.Load())
			}
		})
	}
}
