package adapter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
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
// address, unless another device has that now, and only under the name with its MAC address.
func Serve(ctx context.Context, l net.Listener, adapter, mac string, file []byte) error {
	return serve(ctx, l, device{address: adapter, mac: mac, neighbours: "/proc/net/arp"}, file)
}

func serve(ctx context.Context, l net.Listener, adapter device, file []byte) error {
	path, taken := "/"+FileName(adapter.mac), make(chan struct{})
	var given atomic.Bool
	server := &http.Server{ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, WriteTimeout: headerTime}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !adapter.is(r.RemoteAddr) || r.URL.Path != path || r.Method != http.MethodGet || given.Swap(true) {
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

// device is an adapter in the home network.
type device struct {
	address, mac string // mac is twelve digits
	neighbours   string // the kernel's table of who has which IPv4 address (proc(5), /proc/net/arp)
}

// is tells whether a request from there is the adapter's. Where the table doesn't know whose the address is, as behind another router, the address
// alone has to do.
func (d device) is(remote string) bool {
	from, err := netip.ParseAddrPort(remote)
	own, notIP := netip.ParseAddr(d.address)
	if err != nil || notIP != nil || from.Addr().Unmap() != own.Unmap() {
		return false
	}
	table, _ := os.ReadFile(d.neighbours)
	for line := range strings.Lines(string(table)) {
		const ip, mac = 0, 3
		fields := strings.Fields(line)
		if len(fields) <= mac || fields[ip] != own.Unmap().String() {
			continue
		}
		if has := strings.ReplaceAll(fields[mac], ":", ""); has != nobody && !strings.EqualFold(has, d.mac) {
			return false
		}
	}
	return true
}

// nobody is what the table has of an address that does not answer.
const nobody = "000000000000"
