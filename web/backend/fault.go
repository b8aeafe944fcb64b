package backend

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"ringfence/accounts"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store/people"
)

// Fault is an error for people: what is wrong, and what to do about it.
type Fault struct {
	Status   int // of HTTP
	Sentence string
}

func (f Fault) Error() string { return f.Sentence }

// Refuse says what is wrong with what somebody has typed or sent.
func Refuse(format string, args ...any) error {
	return RefuseAs(http.StatusUnprocessableEntity, fmt.Sprintf(format, args...))
}

// RefuseAs is a fault with its status.
func RefuseAs(status int, sentence string) error { return Fault{Status: status, Sentence: sentence} }

// The faults that any page may have.
var (
	ErrSignIn   = errors.New("nobody has signed in")
	ErrNotFound = RefuseAs(http.StatusNotFound, "There is no such page. It may have been removed, or the address has a mistake in it.")
	ErrLookOnly = RefuseAs(http.StatusForbidden, "You can see this household, but not change anything. Ask its owner if you need to.")
	errNotHeard = RefuseAs(http.StatusForbidden, "You may not hear this household's recordings. Ask its owner if you need to.")
	errNotOwner = RefuseAs(http.StatusForbidden, "Only an owner of this household can do that.")
)

// Because is a refusal with what an error says, if that was written for people. A technical error stays what it is: whoever asked gets a plain
// sentence, and the log the details.
func Because(err error) error {
	if household.IsTechnical(err) {
		return err
	}
	return Refuse("%s", screening.Sentence(err))
}

// AsFault turns a refusal of household, or of accounts, into a fault, and returns every other error as it is.
func AsFault(err error) error {
	var refusal *household.Refusal
	if !errors.As(err, &refusal) {
		return accountFault(err)
	}
	status := map[household.Kind]int{
		household.Unfit: http.StatusUnprocessableEntity, household.Conflict: http.StatusConflict,
		household.Gone: http.StatusNotFound, household.NotSure: http.StatusConflict,
		household.NotAllowed: http.StatusForbidden,
	}[refusal.Kind]
	return RefuseAs(status, refusal.Sentence)
}

// accountFault is AsFault for refusals at sign-in. Too many tries must not reveal whether there is such an account.
func accountFault(err error) error {
	var refusal people.Refusal
	switch {
	case errors.Is(err, accounts.ErrTooMany):
		return RefuseAs(http.StatusTooManyRequests, "There have been too many tries. Please wait some minutes and try again, or use a device on which you have signed in before.")
	case errors.Is(err, people.ErrLinkOver):
		return RefuseAs(http.StatusGone, string(people.ErrLinkOver))
	case errors.As(err, &refusal):
		return Refuse("%s", screening.Sentence(refusal))
	}
	return err
}

// RefusedAs says whether household has refused something for a reason of this kind.
func RefusedAs(err error, kind household.Kind) bool {
	var refusal *household.Refusal
	return errors.As(err, &refusal) && refusal.Kind == kind
}

// RefusalOf is the sentence of a refusal, to be shown in the form that somebody has filled in, and whether they can confirm that they are sure; err
// is any other error.
func RefusalOf(failed error) (sentence string, notSure bool, err error) {
	var refusal *household.Refusal
	if !errors.As(failed, &refusal) || refusal.Kind == household.Gone {
		return "", false, failed
	}
	return refusal.Sentence, refusal.Kind == household.NotSure, nil
}

// PathID is a number in an address; anything else there is a page that does not exist.
func PathID(r *http.Request, place string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(place), 10, 64)
	if err != nil {
		return 0, ErrNotFound
	}
	return id, nil
}

// PathNumber is the telephone number in an address, as the household's line reads it.
func PathNumber(r *http.Request, line screening.Line) (screening.Number, error) {
	n, err := line.ParseNumber(r.PathValue("number"))
	if err != nil {
		return "", ErrNotFound
	}
	return n, nil
}
