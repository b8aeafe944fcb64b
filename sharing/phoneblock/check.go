package phoneblock

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // it is what PhoneBlock knows numbers by
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"ringfence/screening"
	"ringfence/sharing/fetch"
)

// Info is PhoneBlock's answer about a number.
type Info struct {
	Votes       int    `json:"votes"`  // as of a Number
	Rating      string `json:"rating"` // likewise
	WhiteListed bool   `json:"whiteListed"`
	BlackListed bool   `json:"blackListed"` // on the personal block list of whoever the key belongs to
}

// leastVotes is how many votes a number needs before we warn of it. PhoneBlock's list begins with two votes, too.
const leastVotes = 2

// Spam says whether to warn of the number.
func (i Info) Spam() bool {
	return !i.WhiteListed && (i.BlackListed || i.Votes >= leastVotes && i.Rating != legitimate)
}

// ratings are PhoneBlock's ratings in words; it may have others.
var ratings = map[string]string{
	"C_PING": "rings once and hangs up", "D_POLL": "surveys", "E_ADVERTISING": "advertising", "F_GAMBLE": "gambling and prizes", "G_FRAUD": "fraud",
}

// String is a sentence for people.
func (i Info) String() string {
	switch {
	case !i.WhiteListed && i.BlackListed:
		return "PhoneBlock: on your own block list there"
	case i.WhiteListed || i.Votes <= 0 || i.Rating == legitimate:
		return "PhoneBlock knows nothing against this number"
	}
	text := fmt.Sprintf("PhoneBlock: %s", screening.Counted(i.Votes, "vote", "votes"))
	if what := ratings[i.Rating]; what != "" {
		text += ", " + what
	}
	return text
}

// CheckURL is the address for asking a server about a number, with the SHA-1 of the number including its plus sign. There are so few telephone numbers that
// whoever tries them all finds this one.
func CheckURL(server string, n screening.Number) string {
	sum := sha1.Sum([]byte(n)) //nolint:gosec // as above
	return server + "phoneblock/api/check?format=json&sha1=" + strings.ToUpper(hex.EncodeToString(sum[:]))
}

// maxInfo is how large an answer may be, in bytes. They have about 300.
const maxInfo = 16 << 10

// Fetcher gets what is at an address. A [fetch.Client] is one.
type Fetcher interface {
	Get(ctx context.Context, r fetch.Request, to io.Writer) (fetch.Answer, error)
}

// Check asks a server about a number, within a time.
func Check(ctx context.Context, from Fetcher, server, key string, n screening.Number, within time.Duration) (i Info, err error) {
	var text bytes.Buffer
	if _, err := from.Get(ctx, fetch.Request{URL: CheckURL(server, n), Bearer: key, Most: maxInfo, Time: within}, &text); err != nil {
		return i, err
	}
	if err := json.Unmarshal(text.Bytes(), &i); err != nil {
		return Info{}, fmt.Errorf("%w: it does not say what is known of a number", ErrNotInfo)
	}
	return i, nil
}
