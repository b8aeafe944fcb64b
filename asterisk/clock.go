package asterisk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// clock notices when the wall clock that Asterisk goes by was set. Asterisk counts registrations and deadlines by it (measured on
// Asterisk 22.10: set forward, every registration has run out; set back, TIMEOUT(absolute) fires that much later).
type clock struct {
	ari   *ari
	began time.Time     // by the monotonic clock
	ahead time.Duration // of what has passed since then, by Asterisk's clock; 0 before the first look
	seen  bool
}

// jumpLeast is what is taken for a jump: a clock that is put right bit by bit (adjtime) goes wrong by less from look to look.
const jumpLeast = 3 * time.Second

// look asks Asterisk for its time, and tells by how much its clock was set since the last look, beyond what time has passed.
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
	// Both in time since c.began: by the wall clocks, without this process's own monotonic reading.
	ahead := now.Sub(c.began.Round(0)) - (before+after)/2
	jump = ahead - c.ahead
	if !c.seen || jump.Abs() < jumpLeast+(after-before) {
		jump = 0
	}
	c.ahead, c.seen = ahead, true
	return now, jump, nil
}

// keepDeadlines brings the deadlines of all channels forward that a clock put back has put off.
func keepDeadlines(ctx context.Context, a *ari, console func(context.Context, string) (string, error), back time.Duration) error {
	var channels []struct {
		ID, Name string
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
		if left == 0 {
			continue // it has none
		}
		// By the console, for through ARI it would wait until what the channel plays has ended.
		in := int(math.Max(1, math.Ceil(left-back.Seconds())))
		if _, err := console(ctx, fmt.Sprintf("dialplan set chanvar %s TIMEOUT(absolute) %d", channel.Name, in)); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
