package store

import (
	"context"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Finding is something in a household that somebody should look at.
type Finding struct {
	Household string
	What      FindingKind
	Count     int
	At        time.Time // of the latest; of unheard messages the earliest; of what does not work, since when
	Name      string    // of the list, or of whose alert it is
}

// FindingKind is what somebody should look at. The words are a contract.
type FindingKind string

// The kinds, the most urgent first.
const (
	FoundEmergency FindingKind = "emergency"    // an emergency number was dialled
	FoundUnheard   FindingKind = "message"      // nobody has heard a message
	FoundAlert     FindingKind = "alert"        // alerts cannot be delivered
	FoundScam      FindingKind = "scam"         // scam calls
	FoundListOld   FindingKind = "list-old"     // a list is out of date, or out of reach
	FoundListWaits FindingKind = "list-changes" // changes of a list wait for somebody
)

// FindingsSince says from when on something counts.
type FindingsSince struct {
	Scam      time.Time
	Emergency time.Time
	Unreached time.Time // a list that was reached since then is in reach
}

// Findings are what somebody should look at in all the households that a person belongs to. One query finds it, however many those are.
func (s *Store) Findings(ctx context.Context, person int64, since FindingsSince, now time.Time) ([]Finding, error) {
	return sqlite.Rows(ctx, s.read, func(f *Finding) []any {
		return []any{&f.Household, &f.What, &f.Count, columns.ScanTime(&f.At), &f.Name}
	}, `WITH mine AS MATERIALIZED (SELECT h.id, h.name FROM memberships m JOIN households h ON h.id = m.household_id WHERE m.person_id = ?1)
		SELECT h.name, 'emergency', count(*), max(e.at), '' FROM mine h JOIN emergencies e ON e.household_id = h.id AND e.at >= ?2 GROUP BY h.id
		UNION ALL
		SELECT h.name, 'message', count(*), min(c.at_ms) / 1000, '' FROM recordings r INDEXED BY unheard JOIN calls c ON c.id = r.call_id JOIN mine h ON h.id = c.household_id
			WHERE r.kind = 'message' AND r.heard_at IS NULL GROUP BY h.id
		UNION ALL
		SELECT h.name, 'alert', count(*), min(n.failing_since), p.name FROM notify_channels n JOIN mine h ON h.id = n.household_id JOIN people p ON p.id = n.person_id
			WHERE n.failing_since IS NOT NULL AND n.paused = 0 GROUP BY h.id, p.id
		UNION ALL
		SELECT h.name, 'scam', count(*), max(c.at_ms) / 1000, '' FROM mine h CROSS JOIN calls c ON c.household_id = h.id AND c.at_ms >= ?3 WHERE `+isScam+` GROUP BY h.id
		UNION ALL
		SELECT h.name, iif(v.valid_until > 0 AND v.valid_until <= ?5 OR o.failures > 0 AND max(o.checked_at, s.begun_at) < ?4, 'list-old', 'list-changes'), 1,
				iif(s.held_version IS NULL, max(o.checked_at, s.begun_at), s.held_at), l.name
			FROM mine h JOIN lists l ON l.household_id = h.id JOIN subscriptions s ON s.list_id = l.id JOIN list_sources o ON o.id = s.source_id
			LEFT JOIN list_versions v ON v.id = l.version_id
			WHERE v.valid_until > 0 AND v.valid_until <= ?5 OR o.failures > 0 AND max(o.checked_at, s.begun_at) < ?4 OR s.held_version IS NOT NULL`,
		person, since.Emergency.Unix(), since.Scam.UnixMilli(), since.Unreached.Unix(), now.Unix())
}

// PeopleOf are the names of the people of each household that a person belongs to.
func (s *Store) PeopleOf(ctx context.Context, person int64) (map[string][]string, error) {
	of := map[string][]string{}
	return of, sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var household, name string
		err := scan(&household, &name)
		of[household] = append(of[household], name)
		return err
	}, `SELECT h.name, p.name FROM memberships mine JOIN households h ON h.id = mine.household_id JOIN memberships m ON m.household_id = h.id
		JOIN people p ON p.id = m.person_id WHERE mine.person_id = ?`, person)
}

// SubscribedLists are the names of the lists to which any of a person's households is subscribed.
func (s *Store) SubscribedLists(ctx context.Context, person int64) ([]string, error) {
	return sqlite.Values[string](ctx, s.read, `SELECT DISTINCT l.name FROM memberships m JOIN lists l ON l.household_id = m.household_id
		JOIN subscriptions s ON s.list_id = l.id WHERE m.person_id = ? ORDER BY l.name`, person)
}
