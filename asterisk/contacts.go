package asterisk

import (
	"context"
	"crypto/md5" //nolint:gosec // Asterisk names a contact by it
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// contacts remembers where the registered telephones are, so that they can be rung before they register again: after a restart Asterisk
// knows nothing of them, and after a jump of its clock all registrations have run out.
type contacts struct {
	console func(ctx context.Context, command string) (string, error)
	ari     *ari
	file    string // where they are kept for the next start; failing to write it does no harm
	known   map[string]contact
}

// contact is a telephone's registration, with the fields that Asterisk has for it.
type contact struct {
	AOR    string  `json:"aor"`
	Short  string  `json:"short"` // the first digits of the hash in its name, as the console shows them
	Fields []field `json:"fields"`
}

type field struct {
	Attribute string `json:"attribute"`
	Value     string `json:"value"`
}

// contactsFile is the file's name, in the folder of the configuration.
const contactsFile = "contacts.json"

// registeredFor is how long a restored contact is valid: as long as a registration.
const registeredFor = 120 * time.Second

func newContacts(dir string, console func(context.Context, string) (string, error), a *ari) *contacts {
	c := &contacts{console: console, ari: a, file: filepath.Join(dir, contactsFile), known: map[string]contact{}}
	if text, err := os.ReadFile(c.file); err == nil {
		_ = json.Unmarshal(text, &c.known) // if it cannot be read, the telephones register again soon
	}
	return c
}

// look asks which telephones are registered.
func (c *contacts) look(ctx context.Context) (map[string]contact, error) {
	out, err := c.console(ctx, "pjsip show contacts")
	if err != nil {
		return nil, err
	}
	found := map[string]contact{}
	for aor, short := range registered(out) {
		was, known := c.known[aor]
		if known && was.Short == short {
			found[aor] = was
			continue
		}
		now, err := c.fields(ctx, aor, short)
		if errors.Is(err, errNotThere) {
			continue // it has gone, or belongs to a trunk, which does not register here
		}
		if err != nil {
			return nil, err
		}
		found[aor] = now
	}
	return found, nil
}

// listed is a telephone's contact in the console's list: its AOR, the first digits of its hash, and whether it has answered.
type listed struct{ aor, short, state string }

// telephonesIn reads the console's list of contacts: "Contact:  AOR/URI HASH STATE RTT", where the URI may be cut short.
func telephonesIn(list string) (found []listed) {
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		if len(words) < 4 || words[0] != "Contact:" || strings.HasPrefix(words[1], "<") {
			continue
		}
		aor, _, _ := strings.Cut(words[1], "/")
		if !strings.HasPrefix(aor, "trunk-") {
			found = append(found, listed{aor, words[len(words)-3], words[len(words)-2]})
		}
	}
	return found
}

// registered are the first digits of the hashes of those in the console's list, by AOR.
func registered(list string) map[string]string {
	found := map[string]string{}
	for _, t := range telephonesIn(list) {
		found[t.aor] = t.short
	}
	return found
}

// fields asks for a contact's fields. ARI names it by its telephone and a hash of its URI, and the console shows the whole URI only for
// one telephone at a time.
func (c *contacts) fields(ctx context.Context, aor, short string) (contact, error) {
	out, err := c.console(ctx, "pjsip show aor "+aor)
	if err != nil {
		return contact{}, err
	}
	for line := range strings.Lines(out) {
		name, uri, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) != "contact" {
			continue
		}
		sum := md5.Sum([]byte(strings.TrimSpace(uri))) //nolint:gosec // the same
		if hash := hex.EncodeToString(sum[:]); strings.HasPrefix(hash, short) {
			found := contact{AOR: aor, Short: short}
			err := c.ari.do(ctx, http.MethodGet, pathOf(aor+";@"+hash), nil, nil, &found.Fields)
			return found, err
		}
	}
	return contact{}, errNotThere
}

func pathOf(name string) string {
	return "/asterisk/config/dynamic/res_pjsip/contact/" + url.QueryEscape(name)
}

// replace takes over what look has found.
func (c *contacts) replace(found map[string]contact) {
	changed := len(found) != len(c.known)
	for aor, now := range found {
		changed = changed || c.known[aor].Short != now.Short
	}
	c.known = found
	if !changed {
		return
	}
	if text, err := json.Marshal(found); err == nil {
		_ = os.WriteFile(c.file, text, 0o600) // a disk that is full must not stop the telephone
	}
}

// restore registers the telephones again that Asterisk has forgotten, and has it ask them whether they are there. now is Asterisk's time. All of
// them come first, because asking takes far longer: a call that comes meanwhile should ring every one.
func (c *contacts) restore(ctx context.Context, now time.Time) error {
	var errs []error
	var back []string
	for aor, known := range c.known {
		var fields []field
		var uri string
		for _, f := range known.Fields {
			switch f.Attribute {
			case "expiration_time":
				f.Value = strconv.FormatInt(now.Add(registeredFor).Unix(), 10)
			case "uri":
				uri = f.Value
			}
			fields = append(fields, f)
		}
		sum := md5.Sum([]byte(uri)) //nolint:gosec // the same
		body := map[string][]field{"fields": fields}
		if err := c.ari.do(ctx, http.MethodPut, pathOf(aor+";@"+hex.EncodeToString(sum[:])), nil, body, nil); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", aor, err))
			continue
		}
		back = append(back, aor)
	}
	// Until it has answered, Asterisk thinks that it is away.
	for _, aor := range back {
		if _, err := c.console(ctx, "pjsip qualify "+aor); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, c.answered(ctx))...)
}

// answerTime is how long answered waits. A telephone answers within milliseconds, and one that is away never does.
const answerTime = time.Second

// answered waits until the registered telephones have said that they are there.
func (c *contacts) answered(ctx context.Context) error {
	for until := time.Now().Add(answerTime); len(c.known) > 0 && time.Now().Before(until); {
		list, err := c.console(ctx, "pjsip show contacts")
		awaited := func(t listed) bool { return t.state == "Unavail" || t.state == "Unknown" }
		if err != nil || !slices.ContainsFunc(telephonesIn(list), awaited) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}
