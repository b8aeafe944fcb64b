package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ringfence/app/cell"
	"ringfence/app/doctor"
	"ringfence/app/ivrstore"
	"ringfence/app/metrics"
	"ringfence/app/recognition"
	"ringfence/app/replica"
	"ringfence/app/webserver"
	"ringfence/calllog"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/ivr/switchboard"
	"ringfence/screening"
	"ringfence/sharing/booksync"
	"ringfence/sharing/group"
	"ringfence/sharing/inquiry"
	"ringfence/sharing/subscribe"
	"ringfence/speech/script"
	"ringfence/store"
	"ringfence/web"
	"ringfence/web/backend"
)

// Options are what a Service is made of.
type Options struct {
	Settings config.Settings
	// HoldReports is for how long a report can be taken back before it is sent to a group; 0 is the usual time.
	HoldReports time.Duration
	Out         io.Writer // where the address of the first run is written
	// Door is where the set-up is reached in the home network in the first hour; "": nowhere.
	Door string
	// Program is this program's own file, which has the process of the built-in speech recognition; "": it has none.
	Program string
	Log     *slog.Logger

	homesLost bool        // the database has just taken the place of a damaged one, and may lack the latest lines and households
	setUp     *firstSetUp // nil: the program has begun with a household
}

// idleConnections to ARI are kept open. Go keeps two by default, and the ARI library has no setting of its own: with
// more calls at a time each request would begin with a new connection.
const idleConnections = 32

// gcPercent lets the heap grow to five times what is in use before it is collected. With Go's 100 a busy line would collect many times a second.
const gcPercent = 400

// Service is everything that serve runs.
type Service struct {
	Options
	current   *config.Current // settings, whose households change meanwhile; those of Options are from the start
	adopting  sync.Mutex      // one after another
	Telephony *Telephony
	db        *store.Store
	log       *slog.Logger    // ends the application on an error that says that the database is damaged
	ended     context.Context // its cause says why Serve is to start the application again
	end       context.CancelCauseFunc
	queue     *store.WriteBehind
	board     *switchboard.Switchboard
	screener  *ivr.Screener
	regions   *regions
	metrics   *metrics.Metrics // nil: nobody asks for them
	machine   atomic.Pointer[[]doctor.Finding]
	lists     *subscribe.Updater
	books     *booksync.Updater
	groups    group.Groups
	speech    recognition.Recogniser
	sounds    ivrstore.Sounds
	replica   *replica.Keeper // nil: there is none
	// Used by the pages alone.
	households households
	restart    restart
	limits     webserver.Limits
	// Used by the signs of life alone.
	situations situations
	signs      signs
}

// New wires everything together. Nothing happens until Run.
func New(ctx context.Context, o Options, db *store.Store) (*Service, error) {
	s := o.Settings
	password, err := s.ARIPassword()
	if err != nil {
		return nil, err
	}
	ended, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	log := slog.New(lateHandler{Handler: o.Log.Handler(), onError: func(err error) {
		if store.Unusable(err) {
			cancel(err)
		}
	}})
	debug.SetGCPercent(gcPercent)
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = idleConnections
	}
	changes := &broadcast{}
	current := config.NewCurrent(s)
	regions := newRegions(current, db, log)
	board := newSwitchboard(current, password, regions.wayOut, changes.notify, func() { regions.old.Store(true) }, log)
	regions.asterisk = board
	sounds := ivrstore.Sounds{Store: db, Folder: filepath.Join(s.AsteriskFolder(), "sounds")}
	if err := sounds.PublishAll(ctx, s.HouseholdNames()); err != nil {
		log.Error("a household's own words could not be brought to Asterisk; the usual ones are played", "err", err)
	}
	queue, err := db.WriteBehind(ctx, log, changes.notify)
	if err != nil {
		return nil, err
	}
	calls := ivrstore.Store{Store: db, Queue: queue, Sounds: sounds, Lines: regions.lines}
	screener := &ivr.Screener{
		Telephones: board, Households: calls, CallLog: queue, OpenCalls: calls, Callers: calls, Recordings: calls, Mailbox: calls, Choices: calls,
		Carers: calls, Sounds: sounds, Lines: regions.lines, Log: log, Now: time.Now, Judge: judge, SecondOpinion: recognition.SecondOpinion(s.Speech, log),
		SpamLookup: &inquiry.Asker{Store: db, Fetch: inquirer(s.Lists), Log: log, Now: time.Now},
	}
	telephony := &Telephony{
		current: current, screener: screener, board: board, changes: changes, log: log, now: time.Now, testCallsEnd: ctx,
		registered: map[string]backend.Part{}, tests: map[string]web.TestCall{},
	}
	updater := NewUpdater(s, db, func(household string) screening.Household {
		return regions.lines.Of(household).Complete(screening.Household{})
	}, log)
	made := &Service{
		Options: o, current: current, db: db, log: log, ended: ended, end: cancel, queue: queue, board: board, screener: screener, regions: regions, Telephony: telephony, lists: updater,
		books: NewBookSync(current.Settings, db, regions.lines.Of, log), households: households{current, regions.lines, sounds}, restart: restart{s.Data, cancel}, limits: webserver.UsualLimits,
		groups: NewGroups(s, db, o.HoldReports, regions.house), situations: db, signs: usualSigns,
		sounds: sounds, speech: recognition.New(s.Speech, o.Program, log),
	}
	if s.Speech.Reader != config.SpeechNone {
		readWith(made.speech, screener, changes.notify)
	}
	if s.Metrics.Listen != "" {
		made.measure()
	}
	return made, nil
}

// measure has metrics, and how the machine is, told to whoever looks after it.
func (s *Service) measure() {
	whole := &cell.Cell{
		Settings: s.current.Settings, Release: Release, Store: s.db, Line: s.Telephony.Line, Machine: s.found, Rescued: s.rescued,
		Stalled: s.queue.Stalled, Failed: func(what string, err error) { s.log.Error(what, "err", err) }, Now: time.Now, Started: time.Now(),
	}
	s.metrics = metrics.New(metrics.Options{Cell: whole, Log: s.log})
	s.screener.OnRefused, s.screener.Households = whole.OnRefused, s.metrics.Timed(s.screener.Households)
}

// follow has what goes wrong with the replica said, where there is one.
func (s *Service) follow(keeper *replica.Keeper) {
	if s.Settings.Replica.Folder == "" {
		return
	}
	s.replica = keeper
	if s.metrics != nil {
		s.metrics.Replica = func() time.Time { return keeper.Status().Complete }
	}
}

// readWith has what callers say read.
func readWith(speech recognition.Recogniser, screener *ivr.Screener, changed func()) {
	screener.Speech, screener.MessageSpeech, screener.ExpectWords = speech, speech.Patient(), speech.Expect
	screener.Interim, screener.OnSaying, screener.SoundsRecorded = speech, changed, script.Recorded
}

// judge says what a caller's words sound like.
func judge(words string) (level calllog.ScriptLevel, reasons string) {
	reading := script.Read(words)
	if reading.Level == script.None {
		return "", ""
	}
	return calllog.ScriptLevel(reading.Level), strings.Join(reading.Reasons, " ")
}
