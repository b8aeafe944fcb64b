package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// About is what a household is called, where its line is, and for how long its calls are kept.
type About struct {
	Household string    // its name in ringfence.toml
	Title     string    // what people call it: "Mum's house"; "" for none
	Region    string    // of its line, as chosen by people; "" is that of ringfence.toml
	KeepDays  int       // for how many days calls and recordings are kept; 0 is keep_days of ringfence.toml
	Finished  time.Time // when its first run was finished in the browser; the zero time: not yet
	// AlertsAtHome: alerts may go to addresses in a home network. It is an owner's to choose.
	AlertsAtHome bool
}

// Called is what pages call the household.
func (a About) Called() string {
	if a.Title != "" {
		return a.Title
	}
	return a.Household
}

// About tells about a household.
func (s *Store) About(ctx context.Context, household string) (About, error) {
	a := About{Household: household}
	var finished int64
	err := s.read.QueryRowContext(ctx, "SELECT title, region, keep_days, finished_at, alerts_at_home FROM households WHERE name = ?", household).
		Scan(&a.Title, &a.Region, &a.KeepDays, &finished, &a.AlertsAtHome)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w: %s", columns.ErrNoHousehold, household)
	}
	a.Finished = columns.Time(finished)
	return a, err
}

// SetAlertsAtHome says whether new alerts may go to addresses in a home network. Those that could go there until now go on.
func (s *Store) SetAlertsAtHome(ctx context.Context, household string, allowed bool) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		if !allowed {
			_, err := tx.ExecContext(ctx, `UPDATE notify_channels SET at_home = 1
				WHERE household_id = (SELECT id FROM households WHERE name = ? AND alerts_at_home)`, household)
			if err != nil {
				return err
			}
		}
		return changeHousehold(ctx, tx, household, "UPDATE households SET alerts_at_home = ? WHERE name = ?", allowed)
	})
}

// FinishSetUp remembers that a household has been set up in the browser. The first time counts.
func (s *Store) FinishSetUp(ctx context.Context, household string, at time.Time) error {
	return s.change(ctx, household, "UPDATE households SET finished_at = iif(finished_at = 0, ?, finished_at) WHERE name = ?", at.Unix())
}

// Regions are the regions that people have chosen, by household; of those that have chosen none there is no entry.
func (s *Store) Regions(ctx context.Context) (map[string]string, error) {
	return regions(ctx, s.read)
}

// RegionsIn does so with a database that the program does not open otherwise. It changes nothing in it, and where there is no
// database yet, or one from before regions could be chosen, none has been.
func RegionsIn(ctx context.Context, path string) (chosen map[string]string, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	db, err := sqlite.Readers(path, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var there int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM pragma_table_info('households') WHERE name = 'region'").Scan(&there)
	if err != nil {
		return nil, explain(path, err)
	}
	if there == 0 {
		return nil, nil
	}
	chosen, err = regions(ctx, db)
	if err != nil {
		return nil, explain(path, err)
	}
	return chosen, nil
}

func regions(ctx context.Context, from sqlite.Querier) (chosen map[string]string, err error) {
	chosen = map[string]string{}
	err = sqlite.Each(ctx, from, func(scan func(...any) error) error {
		var name, region string
		if err := scan(&name, &region); err != nil {
			return err
		}
		chosen[name] = region
		return nil
	}, "SELECT name, region FROM households WHERE region <> ''")
	return chosen, err
}
