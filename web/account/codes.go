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

// NewCodes makes it ready; nobody has tried anything.
func NewCodes(log *slog.Logger) *Codes { return &Codes{identity.NewTries(identity.CodeRate), log} }

// Keeper is where codes are taken as used, once: false says that this one was before, or is none.
type Keeper interface {
	UseTOTPStep(ctx context.Context, person, step int64) (bool, error)
	UseRecoveryCode(ctx context.Context, person int64, code string) (bool, error)
}

// CodeTry is one try.
type CodeTry struct {
	Person   int64
	Secret   string // of the app
	Address  string // from where
	Familiar bool   // the person has signed in from there before
	Code     string
	Recovery string // in place of a code; "" where there is none
	At       time.Time
}

// Try tries a code of an app, or a recovery code where one is given. wrong is what to tell, "" where all is well. may is false where there
// were too many tries.
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
