package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// vanished finds legs that have gone without a BYE. Asterisk's own rtp_timeout goes by the wall clock, and hangs up on everybody who is talking
// when that is set forward (docs/asterisk.md).
type vanished struct {
	ari  *ari
	last map[string]received // by channel
}

// received is how many packets of sound a leg has sent, and since when that number has not changed.
type received struct {
	packets int
	since   time.Time
}

const (
	vanishedAfter       = 2 * time.Minute
	vanishedOnHoldAfter = 10 * time.Minute // a telephone may send nothing while it holds a call
)

// hangUp ends the legs that have sent nothing for too long, and returns their names.
func (v *vanished) hangUp(ctx context.Context) (gone []string, err error) {
	var channels []struct{ ID, Name, State string }
	if err := v.ari.do(ctx, http.MethodGet, "/channels", nil, nil, &channels); err != nil {
		return nil, err
	}
	now := map[string]received{}
	for _, channel := range channels {
		if channel.State != "Up" || !strings.HasPrefix(channel.Name, "PJSIP/") {
			continue
		}
		at := "/channels/" + url.PathEscape(channel.ID)
		var sound struct {
			Packets int `json:"rxcount"`
		}
		if err := v.ari.do(ctx, http.MethodGet, at+"/rtp_statistics", nil, nil, &sound); errors.Is(err, errNotThere) {
			continue
		} else if err != nil {
			return gone, err
		}
		was, known := v.last[channel.ID]
		if !known || was.packets != sound.Packets {
			was = received{sound.Packets, time.Now()}
		}
		now[channel.ID] = was
		if time.Since(was.since) < vanishedAfter || time.Since(was.since) < vanishedOnHoldAfter && v.onHold(ctx, at) {
			continue
		}
		if err := v.ari.do(ctx, http.MethodDelete, at, nil, nil, nil); err != nil && !errors.Is(err, errNotThere) {
			return gone, err
		}
		gone = append(gone, channel.Name)
	}
	v.last = now
	return gone, nil
}

func (v *vanished) onHold(ctx context.Context, at string) bool {
	var hold struct{ Value string }
	err := v.ari.do(ctx, http.MethodGet, at+"/variable", url.Values{"variable": {"CHANNEL(onhold)"}}, nil, &hold)
	return err == nil && hold.Value == "1"
}
