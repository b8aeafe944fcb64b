package subscribe

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"

	"ringfence/screening"
	"ringfence/sharing/filekind"
)

// Servers answer "200 OK" and send a page to sign in, an error message, or a few words in place of the file. Such an answer is named for what it is: "541 lines
// refused" would tell nobody what to do.

// ErrNotList says that what a server has sent is no list.
var ErrNotList = errors.New("the server sends no list")

var (
	signIn    = regexp.MustCompile(`(?i)type\s*=\s*["']?password|captive|log ?in|sign ?in|anmelden|connexion`)
	xmlError  = regexp.MustCompile(`(?is)^\s*(<\?xml[^>]*\?>)?\s*<error>.*?<(?:code|message)>\s*([^<]{1,80})`)
	textError = regexp.MustCompile(`(?i)^\W*(error\b|not found|(error )?[45][0-9]{2}\b|forbidden|access denied|unauthori[sz]ed|bad gateway|service (temporarily )?unavailable|internal server error|too many requests|rate limit|gone\b|moved (permanently|temporarily)|temporarily|please wait|maintenance)`)
	digits    = regexp.MustCompile(`[0-9][0-9 ().-]{5,}[0-9]`)
)

// noList says what an answer is that certainly is no list; nil if it may be one. head is its beginning, whole says that it is all of it, address is what was
// asked for, and elsewhere the server that answered if it was another.
func noList(head []byte, whole bool, address, elsewhere string) error {
	text := strings.TrimPrefix(string(head), "\ufeff")
	switch kind := filekind.Of(head); {
	case whole && strings.TrimSpace(text) == "":
		return fmt.Errorf("%w: the file is empty", ErrNotList)
	case kind == filekind.WebPage:
		return webPage(text, address, elsewhere)
	case kind == filekind.GitLFS:
		return fmt.Errorf("%w: this is %s. Use the address from which a browser downloads the file itself", ErrNotList, filekind.GitLFS.Title())
	case strings.HasPrefix(text, "/annex/objects/") || strings.Contains(text[:min(len(text), 200)], ".git/annex/objects/"):
		return fmt.Errorf("%w: this is a pointer of git-annex, which only names the file", ErrNotList)
	}
	if said := errorMessage(text, whole); said != "" {
		return fmt.Errorf("%w: it sends an error message (“%s”)", ErrNotList, screening.CleanLine(said, 80))
	}
	return nil
}

// noManifest says what an answer is that certainly is no manifest; nil if it may be one.
func noManifest(text []byte, address, elsewhere string) error {
	if err := noList(text[:min(len(text), filekind.Beginning)], len(text) <= filekind.Beginning, address, elsewhere); err != nil {
		return err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))), []byte("{")) {
		return fmt.Errorf("%w: what it sends is no manifest of a published list", ErrNotList)
	}
	return nil
}

func webPage(text, address, elsewhere string) error {
	from := ""
	if elsewhere != "" {
		from = " of " + screening.CleanLine(elsewhere, 80)
	}
	u, err := url.Parse(address)
	switch {
	case err == nil && strings.Contains(u.Path, "/blob/"): // the page that GitHub, GitLab and Gitea have around a file
		return fmt.Errorf("%w: this is the web page around the file. Open it, choose “Raw”, and use that address", ErrNotList)
	case signIn.MatchString(text):
		return fmt.Errorf("%w: this is a web page%s, which may want somebody to sign in. Open the address in a browser to see it", ErrNotList, from)
	default:
		return fmt.Errorf("%w: this is a web page%s. Open the address in a browser to see it, and use that of the file itself", ErrNotList, from)
	}
}

// errorMessage is what an answer says that is nothing but an error; "" if it is something else.
func errorMessage(text string, whole bool) string {
	if found := xmlError.FindStringSubmatch(text); found != nil {
		return found[2]
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case !whole || len(trimmed) > 4<<10:
		return ""
	case strings.HasPrefix(trimmed, "{"):
		return jsonError([]byte(trimmed))
	case strings.Count(trimmed, "\n") < 3 && textError.MatchString(trimmed) && !digits.MatchString(trimmed):
		return trimmed
	}
	return ""
}

// jsonError is the message of an object that has one, and nothing that could be a list.
func jsonError(text []byte) string {
	var members map[string]any
	if json.Unmarshal(bytes.TrimSpace(text), &members) != nil {
		return ""
	}
	for name, value := range members {
		if all, isArray := value.([]any); isArray && len(all) > 0 && name != "errors" {
			return ""
		}
	}
	for _, name := range []string{"message", "error", "error_description", "detail", "title", "errors", "status"} {
		switch value := members[name].(type) {
		case string:
			if value != "" {
				return value
			}
		case map[string]any:
			if said, isText := value["message"].(string); isText {
				return said
			}
		case []any:
			if len(value) > 0 {
				return fmt.Sprint(value[0])
			}
		}
	}
	return ""
}
