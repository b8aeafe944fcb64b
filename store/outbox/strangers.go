package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// StrangerAlert is what a channel was last sent about a stranger on the line.
type StrangerAlert struct {
	Channel   int64
	Household string
	Call      int64
	At        time.Time // of the call
	Receipt   string    // of notify.Process.Deliver
	Shown     string    // a hash of what it says
	Over      bool      // nothing more is sent
}

// StrangerChannel is a channel of somebody who wants to know of strangers while they are on the line.
type StrangerChannel struct {
	Channel
	GetsWords bool // what callers say is in its alerts
}

// ChannelsForStrangers lists the channels that want EventStranger and can be sent something, without those that are paused.
func (o *Outbox) ChannelsForStrangers(ctx context.Context) (all []StrangerChannel, err error) {
	channels, err := sqlite.Rows(ctx, o.read, (*Channel).fields, channelsQuery+` WHERE NOT paused AND n.address <> ''
		AND EXISTS (SELECT 1 FROM json_each(n.events) WHERE value = ?) ORDER BY n.id`, EventStranger)
	if err != nil || len(channels) == 0 {
		return nil, err
	}
	ids := make([]int64, len(channels))
	for i, c := range channels {
		ids[i] = c.ID
	}
	these, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	get, err := sqlite.Values[int64](ctx, o.read, "SELECT n.id FROM notify_channels n WHERE n.id IN (SELECT value FROM json_each(?)) AND "+getsWords, string(these))
	for _, c := range channels {
		all = append(all, StrangerChannel{c, slices.Contains(get, c.ID)})
	}
	return all, err
}

// StrangerAlerts lists those of which more may have to be sent.
func (o *Outbox) StrangerAlerts(ctx context.Context) ([]StrangerAlert, error) {
	return sqlite.Rows(ctx, o.read, func(a *StrangerAlert) []any {
		return []any{&a.Channel, &a.Household, &a.Call, columns.ScanMilliseconds(&a.At), &a.Receipt, &a.Shown, &a.Over}
	}, `SELECT a.channel_id, h.name, a.call_id, c.at_ms, a.receipt, a.shown, a.over FROM stranger_alerts a JOIN notify_channels n ON n.id = a.channel_id
		JOIN households h ON h.id = n.household_id JOIN calls c ON c.id = a.call_id WHERE a.over = 0 ORDER BY a.call_id, a.channel_id`)
}

// KeepStrangerAlert notes what a channel was sent. A call or channel that has been deleted meanwhile has none.
func (o *Outbox) KeepStrangerAlert(ctx context.Context, a StrangerAlert) error {
	return sqlite.Exec(ctx, o.write, `INSERT INTO stranger_alerts (channel_id, call_id, receipt, shown, over)
		SELECT n.id, c.id, ?, ?, ? FROM notify_channels n JOIN calls c ON c.household_id = n.household_id WHERE n.id = ? AND c.id = ?
		ON CONFLICT DO UPDATE SET receipt = excluded.receipt, shown = excluded.shown, over = excluded.over`,
		a.Receipt, a.Shown, a.Over, a.Channel, a.Call)
}

// WasAlerted says whether a channel has been sent anything about a call while its stranger was on the line.
func (o *Outbox) WasAlerted(ctx context.Context, channel, call int64) (bool, error) {
	return sqlite.Value[bool](ctx, o.read, "SELECT EXISTS (SELECT 1 FROM stranger_alerts WHERE channel_id = ? AND call_id = ?)", channel, call)
}

// eventChannelGone is the one event that nobody chooses.
const eventChannelGone Event = "channel-gone"

// ChannelGone notes that a channel's address will never accept a message again, and why, and forgets the address. The person's other channels for the household alert
// them to that, whatever else they are for: text says it.
func (o *Outbox) ChannelGone(ctx context.Context, id int64, at time.Time, sentence, text string) error {
	return o.write.Do(ctx, func(tx *sql.Tx) error {
		if err := sqlite.Exec(ctx, tx, `INSERT INTO notify_outbox (channel_id, source, event, at, text, urgent)
			SELECT n.id, 'channel ' || gone.id || ' gone ' || ?1, ?4, ?1, ?2, 0 FROM notify_channels gone JOIN notify_channels n USING (household_id, person_id)
			WHERE gone.id = ?3 AND gone.address <> '' AND n.id <> gone.id AND n.address <> '' AND NOT n.paused ON CONFLICT DO NOTHING`, at.Unix(), columns.BoundedTo(text, maxText), id, eventChannelGone); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, `UPDATE notify_channels SET address = '', failures = failures + 1, failing_since = coalesce(failing_since, ?),
			last_error = ?, next_try = NULL WHERE id = ?;
			UPDATE stranger_alerts SET over = 1, receipt = '' WHERE channel_id = ? AND over = 0`, at.Unix(), sentence, id, id)
	})
}

// PushKeys are the keys for the push services of browsers. Those that create makes are kept where there are none yet.
func (o *Outbox) PushKeys(ctx context.Context, create func() (public, private string, err error)) (public, private string, err error) {
	read := func(q sqlite.Querier) (found bool, err error) {
		_, found, err = sqlite.Row(ctx, q, func(*struct{}) []any { return []any{&public, &private} }, "SELECT public, private FROM push_keys")
		return found, err
	}
	if found, err := read(o.read); found || err != nil {
		return public, private, err
	}
	err = o.write.Do(ctx, func(tx *sql.Tx) error {
		if found, err := read(tx); found || err != nil {
			return err
		}
		if public, private, err = create(); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "INSERT INTO push_keys (id, public, private) VALUES (1, ?, ?)", public, private)
	})
	return public, private, err
}

// HasAddress says whether one of a person's channels for a household goes to an address.
func (o *Outbox) HasAddress(ctx context.Context, household string, person int64, address string) (bool, error) {
	return sqlite.Value[bool](ctx, o.read, `SELECT EXISTS (SELECT 1 FROM notify_channels n JOIN households h ON h.id = n.household_id
		WHERE h.name = ? AND n.person_id = ? AND n.address = ?)`, household, person, address)
}
