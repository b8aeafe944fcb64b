package asterisk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// clock notices when the machine's wall clock has been set. Asterisk counts registrations and deadlines by it: set forward, every
// registration has run out; set back, TIMEOUT(absolute) fires and Wait() ends that much later (docs/asterisk.md).
type clock struct {
	ari   *ari
	began time.Time     // when Asterisk was started, by the wall clock and by the monotonic one
	ahead time.Duration // how far Asterisk's clock is ahead of the time since then
}

// jumpLeast is the smallest change that counts as a jump. A clock that is being slewed (adjtime) changes less from one look to the next.
const jumpLeast = 3 * time.Second

// look asks Asterisk for its time. jump is by how much its clock has been set since the last look, or since the start.
func (c *clock) look(ctx context.Context) (now time.Time, jump time.Duration, err error) {
	before := time.Since(c.began)
	var pong struct {
		Timestamp string `json:"timestamp"`
	}
	if err := c.ari.do(ctx, http.MethodGet, "/asterisk/ping", nil, nil, &pong); err != nil {
		return time.Time{}, 0, err
	}
	after := time.Since(c.began)
	if now, err = time.Parse("2006-01-02T15:04:05.000-0700", pong.Timestamp); err != nil {
		return time.Time{}, 0, fmt.Errorf("Asterisk's time cannot be read: %w", err)
	}
	// Round(0) strips the monotonic reading, so that wall clocks are compared.
	ahead := now.Sub(c.began.Round(0)) - (before+after)/2
	jump = ahead - c.ahead
	if jump.Abs() < jumpLeast+(after-before) {
		jump = 0
	}
	c.ahead = ahead
	return now, jump, nil
}

// location is where a channel is in the dialplan.
type location struct {
	Context string
	App     string `json:"app_name"`
}

// waits says whether a channel is a caller's who waits for the phones, in a Wait() of the dialplan (extensions.conf).
func (l location) waits() bool {
	in, _, _ := strings.Cut(l.Context, "-") // in the dialplan of an earlier version the household followed
	return l.App == "Wait" && in == "arrive"
}

// keepDeadlines brings forward the deadlines of all channels, which a clock set back has put off. Callers who wait for the phones get one, by which they go on.
func keepDeadlines(ctx context.Context, a *ari, console func(context.Context, string) (string, error), back time.Duration) error {
	var channels []struct {
		ID, Name string
		Dialplan location
	}
	if err := a.do(ctx, http.MethodGet, "/channels", nil, nil, &channels); err != nil {
		return err
	}
	var errs []error
	for _, channel := range channels {
		var deadline struct{ Value string }
		err := a.do(ctx, http.MethodGet, "/channels/"+url.PathEscape(channel.ID)+"/variable", url.Values{"variable": {"TIMEOUT(absolute)"}}, nil, &deadline)
		if errors.Is(err, errNotThere) {
			continue // it has gone
		}
		left, notNumber := strconv.ParseFloat(deadline.Value, 64)
		if err = errors.Join(err, notNumber); err != nil {
			errs = append(errs, fmt.Errorf("the deadline of %s: %w", channel.Name, err))
			continue
		}
		if left == 0 && !channel.Dialplan.waits() {
			continue // it has none
		}
		// Through the console, because ARI would wait until whatever the channel plays has ended.
		in := int(math.Max(1, math.Ceil(left-back.Seconds())))
		if _, err := console(ctx, fmt.Sprintf("dialplan set chanvar %s TIMEOUT(absolute) %d", channel.Name, in)); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
