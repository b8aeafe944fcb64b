package web

import (
	"context"
	"net/http"

	"ringfence/household"
	"ringfence/sharing/ready"
	"ringfence/sharing/subscribe"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// readyRow is a list that comes with Ringfence, as the page offers it.
type readyRow struct {
	ready.List
	Added bool
}

func readyRows(v *backend.Visitor, have []backend.List) (rows []readyRow, err error) {
	here, err := ready.For(v.Household.Region)
	for _, l := range here {
		row := readyRow{List: l}
		for _, one := range have {
			row.Added = row.Added || one.Subscription != nil && subscribe.ReadyID(*one.Subscription) == l.ID
		}
		rows = append(rows, row)
	}
	return rows, err
}

// addReady begins a subscription to a list that comes with Ringfence, and says what it does.
func (s subscriptionHandlers) addReady(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	choices := subscribe.Choices{MayTurnAway: r.PostFormValue("away") == "yes"}
	return s.subscribeOrTry(w, r, v, choices.MayTurnAway, func(ctx context.Context, a household.Admin, u *subscribe.Updater) (lists.Subscription, household.Done, error) {
		return a.AddReadyList(ctx, u, r.PostFormValue("ready"), choices)
	})
}
