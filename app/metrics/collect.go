package metrics

import (
	"context"
	"errors"
	"os"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ringfence/app/cell"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/web/backend"
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("ringfence_"+name, help, labels, nil)
}

// The metrics of the machine.
var (
	metricBuild      = desc("build_info", "Always 1; the labels say which Ringfence this is.", "version", "goversion")
	metricAsterisk   = desc("asterisk_connected", "1: Asterisk is there and connected.")
	metricHouseholds = desc("households", "How many households there are.")
	metricEnded      = desc("calls_ended_total", "Calls of all households that have ended since Ringfence started, by what was done with them and how they ended.", "action", "outcome")
	metricOpen       = desc("calls_in_progress", "Calls that go on now.")
	metricLimit      = desc("calls_limit", "How many calls at a time all households together take from anybody. Callers whom a household knows still get through above that.")
	metricFullest    = desc("calls_limit_used_ratio", "Calls in progress as a part of the limit on them: of the cell, and of the household that has used most of its own. 1 is all of it.", "of")
	metricRefused    = desc("calls_refused_total", "Calls that heard the engaged tone since Ringfence started, because more came than are taken.")
	metricTrunks     = desc("trunks", "How many trunks work (up), don't work (down), or can't be checked (unknown).", "state")
	metricPhones     = desc("phones", "How many phones are connected (up), aren't (down), or can't be checked (unknown).", "state")
	metricNoPhone    = desc("households_without_phone", "Households none of whose phones is connected.")
	metricSent       = desc("notify_messages_total", "Messages to carers since Ringfence started, by result.", "result")
	metricLists      = desc("lists", "Shared lists that are subscribed to, by whether the last download worked (ok) or not (failing). One that several households have counts once.", "state")
	metricListAge    = desc("lists_oldest_seconds", "How long ago the list was checked whose last check is longest ago.")
	metricBackupAge  = desc("backup_age_seconds", "How old the newest daily backup is.")
	metricBehind     = desc("replica_behind_seconds", "How far behind the replica is. It is missing as long as it has not been complete since Ringfence started.")
	metricDatabase   = desc("database_bytes", "How large the database is, without its write-ahead log.")
	metricFree       = desc("disk_free_bytes", "How much room is left on the disk of the data folder.")
)

// The metrics of those households that have their own.
var (
	metricCalls     = desc("calls_total", "Calls that have ended since Ringfence started, by household, what was done with them and how they ended.", "household", "action", "outcome")
	metricOpenThere = desc("household_calls_in_progress", "Calls of a household that go on now.", "household")
	metricTrunk     = desc("trunk_up", "1: the trunk can be used. It is missing where that cannot be known.", "household", "trunk")
	metricPhone     = desc("phone_up", "1: the phone is connected. It is missing if that is not known.", "household", "phone")
	metricFailing   = desc("notify_failing", "Ways of telling a carer that do not work now.", "household")
	metricWaiting   = desc("notify_waiting", "Things that wait to be told.", "household")
)

// Describe implements prometheus.Collector. It names none, because Collect leaves out what it cannot find.
func (*Metrics) Describe(chan<- *prometheus.Desc) {}

// collectLimit is how long the database may take.
const collectLimit = 5 * time.Second

// sink takes metrics.
type sink chan<- prometheus.Metric

func (to sink) gauge(d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func (to sink) counter(d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
}

func (to sink) tally(d *prometheus.Desc, t cell.Tally) {
	to.gauge(d, float64(t.Up), "up")
	to.gauge(d, float64(t.Down), "down")
	to.gauge(d, float64(t.Unknown), "unknown")
}

func (to sink) up(d *prometheus.Desc, p backend.Part, labels ...string) {
	if p.Known {
		to.gauge(d, map[bool]float64{true: 1}[p.Up], labels...)
	}
}

// Collect implements prometheus.Collector. What cannot be found is left out, and logged.
func (m *Metrics) Collect(channel chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectLimit)
	defer cancel()
	to := sink(channel)
	state := m.Cell.Look(ctx)
	chosen := m.named.choose(state.Households)
	to.gauge(metricBuild, 1, m.Cell.Release, runtime.Version())
	to.counter(metricSent, float64(m.sent.Load()), "sent")
	to.counter(metricSent, float64(m.failed.Load()), "failed")
	m.collectMachine(to, state)
	collectHouseholds(to, state, chosen)
	if err := errors.Join(m.collectEnded(ctx, to, chosen), m.collectDisk(to)); err != nil {
		m.Log.Error("some metrics cannot be told", "err", err)
	}
}

func (m *Metrics) collectMachine(to sink, s cell.State) {
	to.up(metricAsterisk, s.Asterisk)
	to.gauge(metricHouseholds, float64(len(s.Households)))
	to.tally(metricTrunks, s.Trunks)
	to.tally(metricPhones, s.Phones)
	to.gauge(metricNoPhone, float64(len(s.NoPhone)))
	to.gauge(metricLimit, float64(s.Limits.All))
	to.counter(metricRefused, float64(m.Cell.Refused()))
	if s.Calls != nil {
		to.gauge(metricOpen, float64(s.CallsNow()))
		to.gauge(metricFullest, s.Cell().Share(), "cell")
		to.gauge(metricFullest, s.Fullest().Share(), "household")
	}
	if f := s.Lists; f != nil {
		to.gauge(metricLists, float64(f.Lists-f.Failing), "ok")
		to.gauge(metricLists, float64(f.Failing), "failing")
		if !f.Oldest.IsZero() {
			to.gauge(metricListAge, m.Cell.Now().Sub(f.Oldest).Seconds())
		}
	}
}

// collectHouseholds has the metrics of those that were chosen, and the sums of the others where there are some.
func collectHouseholds(to sink, s cell.State, chosen map[string]bool) {
	calls, failing, waiting := map[string]int{}, map[string]int{}, map[string]int{}
	for _, household := range s.Households {
		as := label(chosen, household)
		calls[as] += s.Calls[household]
		failing[as] += s.Backlogs[household].Failing
		waiting[as] += s.Backlogs[household].Waiting
		if !chosen[household] {
			continue
		}
		line := s.Lines[household]
		to.up(metricTrunk, line.Trunk, household, line.Trunk.Name)
		for _, p := range line.Phones {
			to.up(metricPhone, p, household, p.Name)
		}
	}
	for as := range calls {
		if s.Calls != nil {
			to.gauge(metricOpenThere, float64(calls[as]), as)
		}
		if s.Backlogs != nil {
			to.gauge(metricFailing, float64(failing[as]), as)
			to.gauge(metricWaiting, float64(waiting[as]), as)
		}
	}
}

func (m *Metrics) collectEnded(ctx context.Context, to sink, chosen map[string]bool) error {
	counts, err := m.calls.count(ctx, chosen)
	for of, n := range counts {
		if of.household == "" {
			to.counter(metricEnded, float64(n), of.action, of.outcome)
		} else {
			to.counter(metricCalls, float64(n), of.household, of.action, of.outcome)
		}
	}
	return err
}

func (m *Metrics) collectDisk(to sink) error {
	settings := m.Cell.Settings()
	info, err := os.Stat(settings.Database())
	if err == nil {
		to.gauge(metricDatabase, float64(info.Size()))
	}
	free, freeErr := store.FreeDisk(settings.Data)
	if freeErr == nil {
		to.gauge(metricFree, float64(free))
	}
	now := m.Cell.Now()
	copies, copyErr := backups.ListDaily(settings.Data, now)
	if copyErr == nil && len(copies) > 0 {
		to.gauge(metricBackupAge, now.Sub(copies[0].Made).Seconds())
	}
	if m.Replica != nil {
		if until := m.Replica(); !until.IsZero() {
			to.gauge(metricBehind, now.Sub(until).Seconds())
		}
	}
	return errors.Join(err, freeErr, copyErr)
}
