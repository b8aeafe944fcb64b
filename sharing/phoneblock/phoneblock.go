// Package phoneblock reads what PhoneBlock (phoneblock.net, or another server with its program) knows of callers: its blocklist, which a subscribed household
// fetches once and then keeps up to date with what has changed. All that PhoneBlock learns of the household is its internet address, and the key that
// PhoneBlock gives to whoever registers.
package phoneblock

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ringfence/screening"
	"ringfence/sharing/evidence"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

// Limits of a blocklist. PhoneBlock's has some ten thousand numbers of about 70 bytes.
const (
	MaxSize    = 32 << 20 // bytes
	MaxNumbers = 500_000
)

var (
	// ErrTooLarge says that a blocklist is larger than any could be.
	ErrTooLarge = fmt.Errorf("the blocklist is larger than %d MB or has more than %d numbers, which PhoneBlock's has not", MaxSize>>20, MaxNumbers)
	// ErrNotBlocklist says that the answer is not a blocklist.
	ErrNotBlocklist = errors.New("this is not a blocklist of PhoneBlock's")
	// ErrNotInfo says that the answer is not an Info.
	ErrNotInfo = errors.New("this is not an answer of PhoneBlock's")
)

// Number is what PhoneBlock says of a number.
type Number struct {
	Phone  string `json:"phone"`        // E.164 with its plus sign
	Rating string `json:"rating"`       // what most say of it, such as G_FRAUD
	Votes  int    `json:"votes"`        // votes for it minus votes against; with 0 or less it is no longer on the list
	Last   int64  `json:"lastActivity"` // when somebody last said something of it, in milliseconds since 1970; 0 if not known
}

// Off says whether a number is to be taken off the list.
func (n Number) Off() bool { return n.Votes <= 0 || n.Rating == legitimate }

// legitimate is the rating of a number that most people find nothing wrong with.
const legitimate = "A_LEGITIMATE"

// maxVotes is how many votes count. More would not raise the confidence noticeably.
const maxVotes = 200

// Entry is a number as a list has it. Its Digits are not set if Phone is not a number. Each vote counts as one household's report on the day of the last
// one, because PhoneBlock gives no other day.
func (n Number) Entry(now time.Time) lists.Entry {
	at := now
	if n.Last > 0 {
		at = time.UnixMilli(n.Last)
	}
	reports := make([]evidence.Report, min(max(n.Votes, 0), maxVotes))
	for i := range reports {
		reports[i] = evidence.Report{At: at, Spam: true}
	}
	e := lists.Entry{Digits: n.Digits(), Confidence: list.Rounded(evidence.Confidence(now, reports)), Category: category(n.Rating),
		Note: "PhoneBlock: " + screening.Counted(n.Votes, "vote", "votes"), Reporters: max(n.Votes, 0)}
	if n.Last > 0 {
		e.Last = int32(min(list.DayOf(at), list.DayOf(now)))
	}
	return e
}

// Digits are the number's digits as an entry has them; "" if it is not in the form in which PhoneBlock sends numbers.
func (n Number) Digits() string {
	digits, plus := strings.CutPrefix(n.Phone, "+")
	if !plus || (list.Entry{Digits: digits}).CheckDigits() != nil {
		return ""
	}
	return digits
}

// categories are ours for PhoneBlock's ratings. G_FRAUD may be any kind.
var categories = map[string]string{
	"B_MISSED": "silent", "C_PING": "silent", "D_POLL": "survey", "C_POLL": "survey", "E_ADVERTISING": "sales", "F_GAMBLE": "prize",
}

func category(rating string) string { return cmp.Or(categories[rating], store.CategoryOther) }

// Read reads a blocklist as it comes in, {"numbers":[…],"version":42}, and calls take with each number. An error from take ends the reading and is returned. The
// other errors are ErrTooLarge and ErrNotBlocklist, and those of from.
func Read(from io.Reader, take func(Number) error) (version int64, err error) {
	d := jsontext.NewDecoder(from)
	wrong := func(err error) error {
		var syntax *jsontext.SyntacticError
		if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: it is no JSON, or not whole", ErrNotBlocklist)
		}
		return err
	}
	if token, err := d.ReadToken(); err != nil {
		return 0, wrong(err)
	} else if token.Kind() != '{' {
		return 0, fmt.Errorf("%w: it does not begin with {", ErrNotBlocklist)
	}
	found := false
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return 0, wrong(err)
		}
		switch name.String() {
		case "numbers":
			found = true
			err = readNumbers(d, take)
		case "version":
			if err = json.UnmarshalDecode(d, &version); err == nil && version < 0 {
				err = fmt.Errorf("%w: its version is %d", ErrNotBlocklist, version)
			}
		default:
			err = d.SkipValue()
		}
		if err != nil {
			return 0, notJSON(wrong(err))
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return 0, wrong(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("%w: something follows behind its end", ErrNotBlocklist)
	}
	if !found {
		return 0, fmt.Errorf("%w: it has no numbers", ErrNotBlocklist)
	}
	return version, nil
}

// notJSON turns an error about a value of the wrong kind into ErrNotBlocklist.
func notJSON(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return fmt.Errorf("%w: %s is of another kind than expected", ErrNotBlocklist, semantic.JSONPointer)
	}
	return err
}

func readNumbers(d *jsontext.Decoder, take func(Number) error) error {
	if token, err := d.ReadToken(); err != nil {
		return err
	} else if token.Kind() != '[' {
		return fmt.Errorf("%w: its numbers are no array", ErrNotBlocklist)
	}
	for count := 1; d.PeekKind() != ']'; count++ {
		var n Number
		if err := json.UnmarshalDecode(d, &n); err != nil {
			return err
		}
		if count > MaxNumbers {
			return ErrTooLarge
		}
		if err := take(n); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}
