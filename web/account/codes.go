package account

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"ringfence/web/identity"
)

// Codes tries the codes of the second step.
type Codes struct {
	tries *identity.Tries
	log   *slog.Logger
}

// NewCodes makes a Codes that nobody has tried anything with.
func NewCodes(log *slog.Logger) *Codes { return &Codes{identity.NewTries(identity.CodeRate), log} }

// Keeper notes that a code has been used. It returns false if that code was used before, or is not one.
type Keeper interface {
	UseTOTPStep(ctx context.Context, person, step int64) (bool, error)
	UseRecoveryCode(ctx context.Context, person int64, code string) (bool, error)
}

// CodeTry is one try.
type CodeTry struct {
	Person   int64
	Secret   string // of the app
	Address  string // where the request came from
	Familiar bool   // the person has signed in from there before
	Code     string
	Recovery string // a recovery code in place of a code, or ""
	At       time.Time
}

// Try tries a code from an app, or a recovery code if one is given. wrong is the sentence for a wrong code, or "". may is false if there were too many
// tries.
func (c *Codes) Try(ctx context.Context, keep Keeper, t CodeTry) (wrong string, may bool, err error) {
	may, back := c.tries.Try(strconv.FormatInt(t.Person, 10), t.Address, t.Familiar, t.At)
	if !may {
		c.log.Warn("too many tries of codes; they are refused for a while", "person", t.Person)
		return "", false, nil
	}
	right := false
	if t.Recovery != "" {
		wrong = "That is no recovery code of yours, or it has been used. Each of them opens once."
		right, err = keep.UseRecoveryCode(ctx, t.Person, t.Recovery)
	} else {
		step, ok := identity.CheckTOTP(t.Code, t.Secret, t.At)
		if !ok {
			return "That code is not right, or too old. Please type the one that your app shows now.", true, nil
		}
		wrong = "That code has been used already. Please wait for the next one."
		right, err = keep.UseTOTPStep(ctx, t.Person, step)
	}
	if err != nil || !right {
		return wrong, true, err
	}
	back()
	return "", true, nil
}
