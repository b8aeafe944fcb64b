package adapter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Port is where the file is fetched.
const Port = 8813

// Limits of a server that is there for one request.
const (
	headerTime = 10 * time.Second
	stopTime   = 5 * time.Second
)

// ErrNotFetched says that nobody has fetched the file in the time that there was.
var ErrNotFetched = errors.New("the adapter has not fetched its settings")

// Serve lets the adapter fetch its file, once, and returns when it has. The file holds passwords, so nobody else gets it: only the adapter's own
// address, and only under the name with its MAC address.
func Serve(ctx context.Context, l net.Listener, adapter, mac string, file []byte) error {
	path, taken := "/"+FileName(mac), make(chan struct{})
	var given atomic.Bool
	server := &http.Server{ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: headerTime}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil || from != adapter || r.URL.Path != path || r.Method != http.MethodGet || given.Swap(true) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("Content-Length", strconv.Itoa(len(file)))
		if _, err := w.Write(file); err == nil {
			defer close(taken)
		}
	})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	var err error
	select {
	case err = <-ended:
		return fmt.Errorf("the adapter's settings can't be served: %w", err)
	case <-taken:
	case <-ctx.Done():
		err = ErrNotFetched
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(err, server.Shutdown(stop))
}
