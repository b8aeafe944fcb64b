package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Event is something that people can choose to be alerted to. The words are a contract: added, never renamed.
type Event string

// The events.
const (
	EventMessageLeft Event = "message-left"      // a caller left a message
	EventTurnedAway  Event = "turned-away"       // a scam caller, or one whom the household has blocked, was turned away
	EventSentAway    Event = "sent-away"         // the household itself sent a scam caller away
	EventLetThrough  Event = "let-through"       // the household let an unknown caller through
	EventEmergency   Event = "emergency-dialled" // an emergency number was dialled from the house
	EventLine        Event = "line"              // the line has been down for minutes, or is back
	EventDiskFull    Event = "disk-full"
	EventMessages    Event = "messages"   // there is no room for messages, or one will be deleted unheard
	EventLists       Event = "lists"      // a list of scam numbers grows stale
	EventPassCode    Event = "pass-codes" // a pass code was used, or somebody guesses them
	EventWeek        Event = "week"       // the week's summary
	EventScamWords   Event = "scam-words" // what a caller said sounds like a scam
	EventStranger    Event = "stranger"   // an unknown caller has said who they are, and waits: while the call goes on (see StrangerAlert)
)

// Events lists them, in the order in which a page offers them.
func Events() []Event {
	return []Event{EventStranger, EventEmergency, EventLine, EventMessageLeft, EventScamWords, EventSentAway, EventTurnedAway, EventLetThrough, EventPassCode,
		EventMessages, EventDiskFull, EventLists, EventWeek}
}

// Channel is a way in which one person gets the alerts of one household. Its address is a secret, and no part of it: see ChannelAddress.
type Channel struct {
	ID        int64
	Household string
	Person    int64
	Name      string // in words, without a secret: "E-mail to anna@example.org"
	Service   string // of notify.Services
	Choices
	Paused  bool
	Made    time.Time
	Sent    time.Time // the last message; zero: none yet
	Waiting int       // how many alerts wait to be sent

	Failures  int       // in a row
	Failing   time.Time // since when; zero: the last message was sent
	LastError string    // a plain sentence
	Next      time.Time // when it is tried again; zero unless it is failing
}

// Choices are what somebody wants to be alerted to, and when.
type Choices struct {
	Events     []Event
	QuietFrom  int    // minutes since midnight
	QuietTo    int    // equal to QuietFrom: there are no quiet hours
	BreakQuiet bool   // urgent alerts are sent in quiet hours, too
	Digest     int    // minutes since midnight; -1: each alert at once
	Zone       string // of these times, such as "Europe/London"; "" is the household's
	Words      bool   // alerts have what callers say, in messages and when they ring; it leaves the house then
}

// Errors of channels.
var (
	ErrNoChannel = errors.New("there is no such alert any more")
	ErrNotMember = errors.New("only members of the household can get alerts about it")
	ErrNoEvent   = errors.New("there is no event")
	ErrNoZone    = errors.New("there is no time zone")
)

func (c Choices) check() (events string, err error) {
	for _, e := range c.Events {
		if !slices.Contains(Events(), e) {
			return "", fmt.Errorf("%w %q", ErrNoEvent, e)
		}
	}
	if _, err := time.LoadLocation(c.Zone); err != nil {
		return "", fmt.Errorf("%w “%s”: write it like Europe/London", ErrNoZone, screening.CleanLine(c.Zone, 40))
	}
	text, err := json.Marshal(append([]Event{}, c.Events...))
	return string(text), err
}

// AddChannel makes a channel. address is a secret. The error is ErrNotMember where the person is no member of the household, and
// ErrNoEvent or ErrNoZone if there is none that was chosen.
func (o *Outbox) AddChannel(ctx context.Context, household string, person int64, name, service, address string, c Choices) (id int64, err error) {
	events, err := c.check()
	if err != nil {
		return 0, err
	}
	err = o.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := sqlite.OneValue[int64](ctx, tx, ErrNotMember,
			"SELECT h.id FROM households h JOIN memberships m ON m.household_id = h.id AND m.person_id = ? WHERE h.name = ?", person, household)
		if err != nil {
			return err
		}
		id, err = sqlite.Insert(ctx, tx, `INSERT INTO notify_channels (household_id, person_id, name, service, address, events, quiet_from, quiet_to,
			break_quiet, digest_at, zone, words, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			home, person, columns.Bounded(name), service, address, events, c.QuietFrom, c.QuietTo, c.BreakQuiet, c.Digest, c.Zone, c.Words, time.Now().Unix())
		return err
	})
	return id, err
}

// changeChannel runs a statement that changes a person's channel; the error is ErrNoChannel if there is none. ends says that the strangers whom it has been
// alerted to are told no further, as it no longer gets that, or gets it elsewhere, where no receipt holds.
func (o *Outbox) changeChannel(ctx context.Context, household string, person, id int64, ends bool, statement string, values ...any) error {
	return o.write.Do(ctx, func(tx *sql.Tx) error {
		err := sqlite.Change(ctx, tx, ErrNoChannel, statement+" WHERE id = ? AND person_id = ? AND "+columns.ByName, append(values, id, person, household)...)
		if err != nil || !ends {
			return err
		}
		return sqlite.Exec(ctx, tx, "UPDATE stranger_alerts SET over = 1, receipt = '' WHERE channel_id = ? AND over = 0", id)
	})
}

// ChangeChannel changes what a channel alerts to, and when. Alerts that wait are sent by the new times. The errors are ErrNoChannel, ErrNoEvent and
// ErrNoZone.
func (o *Outbox) ChangeChannel(ctx context.Context, household string, person, id int64, c Choices) error {
	events, err := c.check()
	if err != nil {
		return err
	}
	return o.changeChannel(ctx, household, person, id, !slices.Contains(c.Events, EventStranger),
		"UPDATE notify_channels SET events = ?, quiet_from = ?, quiet_to = ?, break_quiet = ?, digest_at = ?, zone = ?, words = ?",
		events, c.QuietFrom, c.QuietTo, c.BreakQuiet, c.Digest, c.Zone, c.Words)
}

// ReplaceChannelAddress gives a channel another address, of the same or another service. Alerts that wait are sent there at once. Unless the
// owner allows it (store.Store.SetAlertsAtHome), the new address can't be in a home network, even if the old one was.
func (o *Outbox) ReplaceChannelAddress(ctx context.Context, household string, person, id int64, name, service, address string) error {
	return o.changeChannel(ctx, household, person, id, true, `UPDATE notify_channels SET name = ?, service = ?, address = ?, at_home = 0,
		failures = 0, failing_since = NULL, last_error = '', next_try = NULL`, columns.Bounded(name), service, address)
}

// PauseChannel pauses a channel, or resumes it. There are no alerts for what happens meanwhile; those that waited before are sent later.
func (o *Outbox) PauseChannel(ctx context.Context, household string, person, id int64, paused bool) error {
	return o.changeChannel(ctx, household, person, id, paused, "UPDATE notify_channels SET paused = ?", paused)
}

// RemoveChannel deletes a channel, with its address and the alerts that wait.
func (o *Outbox) RemoveChannel(ctx context.Context, household string, person, id int64) error {
	return o.changeChannel(ctx, household, person, id, false, "DELETE FROM notify_channels")
}

// WantsWords says whether any alert of a household's has the words of messages.
func (o *Outbox) WantsWords(ctx context.Context, household string) (bool, error) {
	return sqlite.Value[bool](ctx, o.read, `SELECT EXISTS (SELECT 1 FROM notify_channels n JOIN households h ON h.id = n.household_id
		WHERE h.name = ? AND n.words AND NOT n.paused)`, household)
}

const channelsQuery = `SELECT n.id, h.name, n.person_id, n.name, service, events, quiet_from, quiet_to, break_quiet, digest_at, zone, n.words, paused, made_at,
	sent_at, failures, failing_since, last_error, next_try,
	(SELECT count(*) FROM notify_outbox o WHERE o.channel_id = n.id AND o.sent_at IS NULL)
	FROM notify_channels n JOIN households h ON h.id = n.household_id`

// Channels lists a person's channels for a household; with person 0, those of all its people.
func (o *Outbox) Channels(ctx context.Context, household string, person int64) ([]Channel, error) {
	return sqlite.Rows(ctx, o.read, (*Channel).fields, channelsQuery+" WHERE h.name = ?1 AND (?2 = 0 OR n.person_id = ?2) ORDER BY n.person_id, n.id", household, person)
}

// AllChannels lists those of all households.
func (o *Outbox) AllChannels(ctx context.Context) ([]Channel, error) {
	return sqlite.Rows(ctx, o.read, (*Channel).fields, channelsQuery+" ORDER BY h.name, n.person_id, n.id")
}

// Channel finds one of a person's channels; the error is ErrNoChannel if they have no such channel.
func (o *Outbox) Channel(ctx context.Context, household string, person, id int64) (Channel, error) {
	return sqlite.One(ctx, o.read, ErrNoChannel, (*Channel).fields,
		channelsQuery+" WHERE h.name = ? AND n.person_id = ? AND n.id = ?", household, person, id)
}

func (c *Channel) fields() []any {
	return []any{
		&c.ID, &c.Household, &c.Person, &c.Name, &c.Service, columns.ScanJSON(&c.Events), &c.QuietFrom, &c.QuietTo, &c.BreakQuiet, &c.Digest,
		&c.Zone, &c.Words, &c.Paused, columns.ScanTime(&c.Made), columns.ScanTime(&c.Sent), &c.Failures, columns.ScanTime(&c.Failing), &c.LastError,
		columns.ScanTime(&c.Next), &c.Waiting,
	}
}

// ChannelAddress is where a channel's messages go, and whether that may be in a home network; "" where there is no such channel. It is a secret,
// only for sending.
func (o *Outbox) ChannelAddress(ctx context.Context, id int64) (address string, atHome bool, err error) {
	address, _, err = sqlite.Row(ctx, o.read, func(address *string) []any { return []any{address, &atHome} },
		`SELECT address, at_home OR alerts_at_home FROM notify_channels n JOIN households h ON h.id = n.household_id WHERE n.id = ?`, id)
	return address, atHome, err
}
