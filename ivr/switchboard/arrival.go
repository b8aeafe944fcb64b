package switchboard

import (
	"strconv"
	"strings"
	"time"

	"ringfence/ivr"
	"ringfence/screening"
)

// arrival reads what the dialplan hands over with a call: "incoming", or "crowded" where it is one of too many, the household, the presentation, when an
// emergency number was last dialled, and then the identity headers, which may hold commas and anything else.
func (l *leg) arrival(e *event) ivr.Arrival {
	a := ivr.Arrival{
		Channel: l.id, At: time.Now(), Leg: l, Household: argument(e.Args, 1), Crowded: argument(e.Args, 0) == "crowded",
		Identity: screening.Identity{
			Number: e.Channel.Caller.Number, Name: e.Channel.Caller.Name, Presentation: argument(e.Args, 2),
		},
	}
	if seconds, err := strconv.ParseInt(argument(e.Args, 3), 10, 64); err == nil && seconds > 0 {
		a.Emergency = time.Unix(seconds, 0)
	}
	if len(e.Args) > 4 {
		a.Identity.Forged = forged(strings.Join(e.Args[4:], ","))
	}
	return a
}

func argument(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

// forged tells whether the network has checked the number that the caller shows, and found it false: the parameter
// verstat of P-Asserted-Identity or From, 3GPP TS 24.229 section 7.2A.20. Its absence says nothing.
func forged(headers string) bool {
	return strings.Contains(strings.ToLower(headers), "verstat=tn-validation-failed")
}
