package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/demo/testbed"
	"ringfence/screening"
)

// bankNumber is one of Ofcom's numbers for drama, like the others.
const bankNumber = "01214960777"

// holdReports is for how long a report can be taken back in the demonstration.
const holdReports = time.Second

// otherReporters are how many more households report a number until their reports are enough to turn the caller away. As all are new, and
// have joined by one invitation from one network, a moderator has to look at it first (sharing/evidence).
const otherReporters = 3

// community shows how the other household is protected from somebody who has never rung it.
func (d *demo) community(ctx context.Context) error {
	if err := d.other.telephone(ctx); err != nil {
		return err
	}
	link, err := d.hub.Command(ctx, "invite", "--note", "Leaflet in the library")
	if err != nil {
		return err
	}
	return all(
		func() error { return d.joins(ctx, link) },
		func() error { return d.other.joins(ctx, link) },
		func() error { return d.reports(ctx) },
		func() error { return d.publishes(ctx, "no numbers") },
		func() error { return d.other.looksUp(ctx, bankNumber, "One report is one opinion.") },
		func() error { return d.neighboursReport(ctx, link) },
		func() error { return d.publishes(ctx, "1 number") },
		func() error { return d.other.ringfence(ctx, "list", "update") },
		func() error {
			return d.other.looksUp(ctx, bankNumber, "All four households joined today with one leaflet: one person could be all of them.")
		},
		func() error { return d.confirms(ctx) },
		func() error { return d.publishes(ctx, "1 number") },
		func() error { return d.other.ringfence(ctx, "list", "update") },
		func() error { return d.other.turnedAway(ctx, "the “bank”", bankNumber) },
		func() error { return d.other.tellsWhy(ctx) },
	)
}

// joins has a household join the group.
func (h *house) joins(ctx context.Context, link string) error {
	said, err := h.testbed.Command(ctx, "group", "join", link, "--agree")
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(said, "\n")
	return h.shows("group join LINK", first)
}

// reports has the “bank” ring, and the household report it with key 3.
func (d *demo) reports(ctx context.Context) error {
	caller, household, err := d.announced(ctx, "the “bank”", bankNumber, "bank")
	if err != nil {
		return err
	}
	if err := sentAway(ctx, caller, household); err != nil {
		return err
	}
	if err := d.tell("for an hour, a second here, the household can take the report back; then the group gets this, and no more:"); err != nil {
		return err
	}
	var sent string
	err = until(ctx, func() (string, error) {
		sent, err = d.testbed.Command(ctx, "group", "sent")
		if !strings.Contains(sent, "{") {
			return "the report has not been sent to the group", err
		}
		return "", err
	})
	if err != nil {
		return err
	}
	return d.shows("group sent", sent)
}

// publishes has the hub publish its list.
func (d *demo) publishes(ctx context.Context, numbers string) error {
	said, err := d.hub.Command(ctx, "publish")
	if err != nil {
		return err
	}
	if !strings.Contains(said, ", "+numbers+", ") {
		return fmt.Errorf("%s were to be on the group's list: %s", numbers, said)
	}
	return d.tell("the group's hub publishes its list: it has %s", numbers)
}

// looksUp shows what would be done with a call, and why the list does not turn it away.
func (h *house) looksUp(ctx context.Context, number, why string) error {
	said, err := h.testbed.Command(ctx, "lookup", number)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(said, "\n")
	return h.shows("lookup "+number, first+" "+why)
}

// neighboursReport has more households report the same number.
func (d *demo) neighboursReport(ctx context.Context, link string) error {
	number, err := screening.ParseNumber(bankNumber, "GB")
	if err != nil {
		return err
	}
	for i := range otherReporters {
		dir := filepath.Join(d.dir, fmt.Sprintf("neighbour%d", i))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		if err := testbed.Neighbour(ctx, dir, link, number); err != nil {
			return err
		}
	}
	return d.tell("%d more households report the same number", otherReporters)
}

// confirms has the group's moderator look at the number on the hub's page, and confirm it.
func (d *demo) confirms(ctx context.Context) error {
	number, err := screening.ParseNumber(bankNumber, "GB")
	if err != nil {
		return err
	}
	if err := d.hub.Confirm(ctx, number); err != nil {
		return err
	}
	return d.tell("a moderator of the group knows this caller, and confirms the number with one click")
}

// tellsWhy shows why the last call was turned away.
func (h *house) tellsWhy(ctx context.Context) error {
	calls, err := h.allLogged(ctx, 1)
	if err != nil {
		return err
	}
	return h.tell("%s's log says why: %s", h.called, calls[0].Reasons[0].Text)
}
