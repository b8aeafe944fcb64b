package screening

import (
	"slices"
	"strings"
)

// MayLookupSpam says whether somebody outside the house may be asked about a caller, given Decide's verdict. Asking tells them that the number rings
// here. So it is only done for a stranger who is about to be screened, who is no contact, on no list, not blocked and not rung by the household,
// and whose number is not known to be somebody else's.
func MayLookupSpam(call Call, house Household, known Knowledge, verdict Verdict) bool {
	caller := call.Caller
	switch {
	case verdict.Action != Screen || verdict.Help():
		return false
	case caller.Presentation != Allowed || !strings.HasPrefix(string(caller.Number), "+"):
		return false
	case caller.Forged || caller.Number == house.Number || caller.Number == house.CarerNumber || slices.Contains(house.Telecare, caller.Number):
		return false
	case known.Contact != nil || known.Block != nil || !known.Dialled.IsZero():
		return false
	}
	if _, never := NeverBlocked(caller.Number, house.Region); never {
		return false
	}
	return !slices.ContainsFunc(known.Entries, func(e Entry) bool { return e.Counts(call.At) })
}
