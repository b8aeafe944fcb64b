package group

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
	"ringfence/store/outbox"
)

// Client talks to hubs. Their answers are hostile input, and read within limits.
type Client struct {
	HTTP *http.Client // fetch.Client's Messages

	// OwnNetwork says that a hub may be in the home network, where there may be no https. HTTP has to allow that, too.
	OwnNetwork bool

	patience time.Duration // how long an answer may take; 0 is answerLimit
}

// Failure is why a hub could not be asked or did not answer as it should.
type Failure struct {
	Sentence string        // for people: what is wrong, and what to do
	Detail   string        // for operators, without a secret
	After    time.Duration // how long to wait before trying again; 0 if not known
}

func (f *Failure) Error() string { return f.Sentence }

// refused is a hub's reason for a report that it will never accept.
type refused struct{ why string }

func (r refused) Error() string { return r.why }

const (
	answerLimit    = 30 * time.Second
	mostOfAnswer   = 64 << 10
	mostOfManifest = 256 << 10 // as FORMAT.md says
	mostOfProblem  = 200       // letters of what a hub says is wrong
)

// meet asks what a group says about itself in its list's manifest. A group that has no list yet goes by its hub's name.
func (c Client) meet(ctx context.Context, l Link) (Offer, error) {
	u, err := url.Parse(l.URL)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{Link: l, Name: u.Host}
	a, err := c.ask(ctx, http.MethodGet, listAddress(l.URL)+list.ManifestFile, "", nil, mostOfManifest)
	if err != nil {
		return Offer{}, err
	}
	switch {
	case a.status == http.StatusNotFound:
		return o, nil
	case a.status != http.StatusOK:
		return Offer{}, a.failure()
	}
	m, err := list.Parse(a.body, list.DefaultLimits())
	if err != nil {
		return Offer{}, &Failure{Sentence: "What answers there is no group’s hub. Look whether the link is right.", Detail: err.Error()}
	}
	line := func(text string) string { return screening.CleanLine(text, 300) }
	o.Name, o.Publisher, o.Purpose, o.Contact = line(m.Name), line(m.Publisher), line(m.Purpose), line(m.Contact)
	return o, nil
}

// listAddress is where a hub has its list: the folder, with a slash at its end.
func listAddress(hub string) string { return hub + "/list/" }

// join gets a key for a household. listKey is the public key of the group's list, or "" if the hub does not say.
func (c Client) join(ctx context.Context, l Link) (key, listKey string, err error) {
	a, err := c.send(ctx, l.URL+"/v1/join", "", struct {
		Invite string `json:"invite"`
	}{l.Invite})
	if err != nil {
		return "", "", err
	}
	switch a.status {
	case http.StatusOK, http.StatusCreated:
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return "", "", &Failure{Sentence: "The group does not accept this invitation: it has been used up or withdrawn, or is too old. Ask the group for a new one.", Detail: a.detail()}
	case http.StatusTooManyRequests:
		return "", "", &Failure{Sentence: "The group takes no more households for now; it says: " + a.problem(), Detail: a.detail(), After: a.after}
	default:
		return "", "", a.failure()
	}
	var given struct {
		Key     string `json:"key"`
		ListKey string `json:"list_key"`
	}
	if err := json.Unmarshal(a.body, &given); err != nil || !isSecret(given.Key) {
		return "", "", &Failure{Sentence: "The group’s hub has not answered as a hub does. Look whether the link is right; if it is, tell the group.", Detail: "the answer to joining has no key in it"}
	}
	if _, err := list.ParseKey(given.ListKey); err != nil {
		given.ListKey = ""
	}
	return given.Key, given.ListKey, nil
}

// body is everything that is sent of a report.
type body struct {
	Number   screening.Number `json:"number"`
	Category string           `json:"category,omitempty"`
	Day      list.Day         `json:"day"`
	Kind     string           `json:"kind"`
}

// bodyOf is a report as it is sent.
func bodyOf(r outbox.GroupReport, kind string, now time.Time) (category, text string, err error) {
	b := body{Number: r.Number, Day: list.DayOf(now), Kind: kind}
	if kind == outbox.SaysFor {
		b.Category, b.Day = r.Report.Category, min(b.Day, list.DayOf(r.Report.At)) // hubs refuse a day in the future, which a clock that was ahead may have noted
	}
	raw, err := json.Marshal(b)
	return b.Category, string(raw), err
}

// Example is everything that would be sent of a report made now, here of a number that nobody has.
func Example(now time.Time) string {
	_, text, err := bodyOf(outbox.GroupReport{Number: "+442079460999", Report: &outbox.Report{Category: "tech-support", At: now}}, outbox.SaysFor, now)
	if err != nil {
		panic(err) // a fault of the program: everything here can be encoded
	}
	return text
}

// report sends a report. The error is refused for one that the hub will not take, or a Failure.
func (c Client) report(ctx context.Context, hub, key, text string) error {
	a, err := c.ask(ctx, http.MethodPost, hub+"/v1/reports", key, []byte(text), mostOfAnswer)
	if err != nil {
		return err
	}
	switch a.status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return nil
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return refused{a.problem()}
	default:
		return a.failure()
	}
}

func (c Client) leave(ctx context.Context, hub, key string) error {
	a, err := c.ask(ctx, http.MethodPost, hub+"/v1/leave", key, nil, mostOfAnswer)
	if err == nil && a.status >= http.StatusBadRequest {
		err = a.failure()
	}
	return err
}

func (c Client) send(ctx context.Context, address, key string, what any) (answer, error) {
	text, err := json.Marshal(what)
	if err != nil {
		return answer{}, err
	}
	return c.ask(ctx, http.MethodPost, address, key, text, mostOfAnswer)
}

// answer is a hub's answer.
type answer struct {
	status int
	after  time.Duration // Retry-After
	body   []byte
}

func (c Client) ask(ctx context.Context, method, address, key string, text []byte, most int64) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.patience, answerLimit))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(text))
	if err != nil {
		return a, err
	}
	r.Header.Set("User-Agent", "Ringfence") // and not which one, or on what machine
	r.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := c.HTTP.Do(r)
	if err != nil {
		return a, unreachable(err)
	}
	defer func() { _ = response.Body.Close() }() // read as far as is wanted
	a.status = response.StatusCode
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 && seconds < 1<<30 {
		a.after = time.Duration(seconds) * time.Second
	}
	a.body, err = io.ReadAll(io.LimitReader(response.Body, most+1))
	if err != nil {
		return a, unreachable(err)
	}
	if int64(len(a.body)) > most {
		return a, &Failure{Sentence: "The group’s hub has answered with far more than a hub does. If that goes on, tell the group.", Detail: fmt.Sprintf("more than %d bytes", most)}
	}
	return a, nil
}

func unreachable(err error) *Failure {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address
	}
	f := &Failure{Sentence: "The group’s hub cannot be reached.", Detail: err.Error()}
	var unknown *tls.CertificateVerificationError
	switch {
	case errors.Is(err, fetch.ErrPrivate):
		f.Sentence = "The group’s hub is at an address of a private network, and the settings of this machine allow none (allow_private, under lists, in ringfence.toml)."
	case errors.As(err, &unknown):
		f.Sentence = "The group’s hub cannot prove that it is the one of this address, so nothing was sent to it. If that goes on, tell the group."
	}
	return f
}

// failure explains an answer that is neither a success nor about a report.
func (a answer) failure() *Failure {
	f := &Failure{Detail: a.detail(), After: a.after}
	switch {
	case a.status == http.StatusUnauthorized:
		f.Sentence, f.After = "The group does not know this household any more. Leave it, and join again with a new invitation.", longest
	case a.status == http.StatusForbidden:
		f.Sentence, f.After = "The group takes no reports of this household any more. Ask the group if you think that is a mistake.", longest
	case a.status == http.StatusTooManyRequests:
		f.Sentence = "The group takes no more reports of this household for now. The rest is sent later."
	case a.status >= 300 && a.status < 400:
		f.Sentence = "The group’s hub has moved to another address. Ask the group for a new link."
	case a.status == http.StatusNotFound, a.status == http.StatusMethodNotAllowed, a.status == http.StatusGone:
		f.Sentence = "There is no group’s hub at that address any more. If that goes on, ask the group."
	default:
		f.Sentence = "The group’s hub has trouble of its own."
	}
	return f
}

// problem is the hub's own explanation, as a clause for people that says whose words they are.
func (a answer) problem() string {
	var said struct {
		Detail string `json:"detail"` // RFC 9457
	}
	if json.Unmarshal(a.body, &said) != nil || said.Detail == "" { // a hub may give no reason
		return "it gives no reason"
	}
	return "“" + screening.CleanLine(said.Detail, mostOfProblem) + "”"
}

func (a answer) detail() string {
	return fmt.Sprintf("status %d: %s", a.status, screening.CleanLine(string(a.body), mostOfProblem))
}
