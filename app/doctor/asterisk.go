package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ringfence/asterisk"
)

// Errors of ask.
var (
	errNotThere = errors.New("Asterisk does not know it")
	errSilent   = errors.New("Asterisk does not answer")
	errStranger = errors.New("something else answers in Asterisk's place")
	errPassword = errors.New("Asterisk refuses the password")
)

// unexpected is an answer of Asterisk's that it should not give.
type unexpected string

func (u unexpected) Error() string { return "Asterisk answers " + string(u) }

// ask asks ARI for something and reads its answer.
func (d *Doctor) ask(ctx context.Context, path string, into any) error {
	password, err := d.settings.ARIPassword()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.settings.Asterisk.ARI+"/ari"+path, nil)
	if err != nil {
		return err
	}
	request.SetBasicAuth(d.settings.Asterisk.ARIUser, password)
	answer, err := d.http.Do(request)
	if err != nil {
		return errSilent
	}
	defer func() { _ = answer.Body.Close() }() // read below, as far as it matters
	switch {
	case !strings.HasPrefix(answer.Header.Get("Server"), "Asterisk"):
		return errStranger
	case answer.StatusCode == http.StatusOK:
		return json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(into)
	case answer.StatusCode == http.StatusUnauthorized:
		return errPassword
	case answer.StatusCode == http.StatusNotFound:
		return errNotThere
	default:
		return unexpected(answer.Status)
	}
}

// info asks which Asterisk it is, and since when it runs.
func (d *Doctor) info(ctx context.Context) (version, since string, err error) {
	var info struct {
		System struct {
			Version string `json:"version"`
		} `json:"system"`
		Status struct {
			Startup string `json:"startup_time"`
		} `json:"status"`
	}
	err = d.ask(ctx, "/asterisk/info", &info)
	return info.System.Version, info.Status.Startup, err
}

// failsAsking is the finding for what ask could not do.
func (d *Doctor) failsAsking(f Finding, err error) Finding {
	at := d.settings.Asterisk.ARI
	switch {
	case errors.Is(err, errSilent):
		return f.fails("Asterisk doesn't answer at "+at+": start it. If it doesn't stay up, its log says why (`"+d.log(asteriskService)+"`)", d.restart(asteriskService))
	case errors.Is(err, errStranger):
		return f.fails("another program answers at "+at+", where Asterisk should: stop that program, or write another port at ari under [asterisk] in ringfence.toml", "sudo ss -ltnp")
	case errors.Is(err, errPassword):
		return f.fails("Asterisk refuses Ringfence's password: it has not read its configuration since that was written", d.restart(asteriskService))
	default:
		return f.fails(err.Error(), d.settings.ConfigCommand())
	}
}

// ARI looks whether Asterisk is running.
func (d *Doctor) ARI(ctx context.Context) Finding {
	f := Finding{Check: "asterisk", Part: "Asterisk is running", State: OK}
	_, since, err := d.info(ctx)
	switch {
	case err != nil && d.fetching(ctx):
		return f.skips("it starts once it has been fetched")
	case err != nil:
		return d.failsAsking(f, err)
	}
	f.Text = "since " + since
	if at, err := time.Parse(startupTime, since); err == nil {
		f.Text = "since " + at.Local().Format("2 January at 15:04")
	}
	return f
}

// startupTime is the form of ARI's startup_time (ast_json_timeval in Asterisk's main/json.c).
const startupTime = "2006-01-02T15:04:05.000-0700"

// sip tries the socket that phones and line talk to: Asterisk keeps running without it.
func (d *Doctor) sip(ctx context.Context) Finding {
	f := Finding{Check: "sip", Part: "calls can arrive", State: OK, Text: "at " + d.settings.Asterisk.SIP}
	err := d.settings.Asterisk.CheckSIP(ctx)
	stranger, found := d.stranger("udp", d.settings.Asterisk.SIPServer())
	switch {
	case errors.As(err, new(asterisk.NoAddress)):
		return f.fails(err.Error(), "ip -brief address")
	case found:
		return f.fails(fmt.Sprintf("another program on this machine has UDP port %s: %s. Stop it, and calls work within seconds", d.settings.Asterisk.SIPServer(), stranger.Name), stranger.Stop)
	case err == nil:
		return f
	case errors.As(err, new(asterisk.Taken)):
		return f.fails(err.Error(), "sudo ss -lunp")
	case d.fetching(ctx):
		return d.notAsked(f, err)
	default:
		return f.fails(err.Error(), d.restart(asteriskService))
	}
}

// stranger is the program that has a port of Asterisk's, where that can be seen and is not the Asterisk that has ARI's.
func (d *Doctor) stranger(network, address string) (asterisk.Holder, bool) {
	has, found := asterisk.HolderOf(network, address)
	if !found {
		return has, false
	}
	ari, found := asterisk.HolderOf("tcp", d.settings.Asterisk.ARI)
	return has, found && has.PID != ari.PID
}

// Application looks whether the application is connected.
func (d *Doctor) Application(ctx context.Context) Finding {
	f := Finding{Check: "application", Part: "calls are screened", State: OK, Text: "Ringfence is connected to Asterisk"}
	var app struct{}
	err := d.ask(ctx, "/applications/"+url.PathEscape(d.settings.Asterisk.App), &app)
	switch {
	case err == nil:
		return f
	case errors.Is(err, errNotThere):
		return f.fails("Ringfence isn't connected to Asterisk, so every call rings: start it. If it doesn't stay up, its log says why (`"+d.log(applicationService)+"`)", d.restart(applicationService))
	default:
		return d.notAsked(f, err)
	}
}

// notAsked is the finding of something about which Asterisk cannot be asked, as another finding says.
func (d *Doctor) notAsked(f Finding, err error) Finding {
	if errors.As(err, new(unexpected)) {
		return d.failsAsking(f, err)
	}
	return f.skips("it can't be checked without Asterisk")
}
