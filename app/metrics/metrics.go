// Package metrics serves Ringfence's metrics to Prometheus. Nearly everything is looked up when Prometheus asks, so that calls do not pay for it.
// Households and phones are named as in ringfence.toml; no number and no person's name is told.
package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ringfence/app/webserver"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// Options are what metrics are made of.
type Options struct {
	Settings   config.Settings
	Households func() []string // by name; there may be others each time
	Release    string
	Store      *store.Store
	Line       func(household string) backend.Line
	Log        *slog.Logger
}

// Metrics answers Prometheus.
type Metrics struct {
	Options
	calls *callCount

	lookups      prometheus.Histogram
	sent, failed atomic.Int64 // messages to carers
}

// New does not listen yet: Serve does.
func New(o Options) *Metrics {
	return &Metrics{
		Options: o, calls: newCallCount(o.Store, time.Now),
		lookups: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "ringfence_lookup_seconds",
			Help:    "How long it took to look up what is known of a caller, which is nearly all of a verdict's time.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .5, 1, 5},
		}),
	}
}

// OnMessage counts a message to a carer.
func (m *Metrics) OnMessage(sent bool) {
	if sent {
		m.sent.Add(1)
	} else {
		m.failed.Add(1)
	}
}

// Timed measures how long the look-ups that verdicts are made from take.
func (m *Metrics) Timed(households ivr.Households) ivr.Households {
	return timed{households, m.lookups}
}

type timed struct {
	ivr.Households
	lookups prometheus.Observer
}

// Situation implements ivr.Households.
func (t timed) Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error) {
	begun := time.Now()
	house, known, err := t.Households.Situation(ctx, household, number)
	t.lookups.Observe(time.Since(begun).Seconds())
	return house, known, err
}

// The metrics.
var (
	metricBuild = prometheus.NewDesc("ringfence_build_info", "Always 1; the labels say which Ringfence this is.", []string{"version", "goversion"}, nil)
	metricCalls = prometheus.NewDesc("ringfence_calls_total",
		"Calls that have ended since Ringfence started, by what was done with them and how they ended.", []string{"household", "action", "outcome"}, nil)
	metricOpen     = prometheus.NewDesc("ringfence_calls_in_progress", "Calls that go on now.", nil, nil)
	metricAsterisk = prometheus.NewDesc("ringfence_asterisk_connected", "1: Asterisk is there and connected.", nil, nil)
	metricTrunk    = prometheus.NewDesc("ringfence_trunk_up", "1: the trunk can be used. It is missing where that cannot be known.", []string{"household", "trunk"}, nil)
	metricPhone    = prometheus.NewDesc("ringfence_phone_up", "1: the phone is connected. It is missing if that is not known.", []string{"household", "phone"}, nil)
	metricSent     = prometheus.NewDesc("ringfence_notify_messages_total", "Messages to carers since Ringfence started, by result.", []string{"result"}, nil)
	metricFailing  = prometheus.NewDesc("ringfence_notify_failing", "Ways of telling a carer that do not work now.", []string{"household"}, nil)
	metricWaiting  = prometheus.NewDesc("ringfence_notify_waiting", "Things that wait to be told.", []string{"household"}, nil)
	metricDatabase = prometheus.NewDesc("ringfence_database_bytes", "How large the database is, without its write-ahead log.", nil, nil)
	metricFree     = prometheus.NewDesc("ringfence_disk_free_bytes", "How much room is left on the disk of the data folder.", nil, nil)
)

// Describe implements prometheus.Collector. It names none, because Collect leaves out what it cannot find.
func (*Metrics) Describe(chan<- *prometheus.Desc) {}

// collectLimit is how long the database may take.
const collectLimit = 5 * time.Second

// Collect implements prometheus.Collector. What cannot be found is left out, and logged.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectLimit)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(metricBuild, 1, m.Release, runtime.Version())
	for result, count := range map[string]*atomic.Int64{"sent": &m.sent, "failed": &m.failed} {
		to <- prometheus.MustNewConstMetric(metricSent, prometheus.CounterValue, float64(count.Load()), result)
	}
	m.collectLines(gauge)
	if err := errors.Join(m.collectCalls(ctx, to), m.collectAlerts(ctx, gauge), m.collectRoom(gauge)); err != nil {
		m.Log.Error("some metrics cannot be told", "err", err)
	}
}

func (m *Metrics) collectLines(gauge func(*prometheus.Desc, float64, ...string)) {
	up := func(d *prometheus.Desc, p backend.Part, labels ...string) {
		if p.Known {
			gauge(d, map[bool]float64{true: 1}[p.Up], labels...)
		}
	}
	for i, household := range m.Households() {
		line := m.Line(household)
		if i == 0 {
			up(metricAsterisk, line.Asterisk)
		}
		up(metricTrunk, line.Trunk, household, line.Trunk.Name)
		for _, p := range line.Phones {
			up(metricPhone, p, household, p.Name)
		}
	}
}

func (m *Metrics) collectCalls(ctx context.Context, to chan<- prometheus.Metric) error {
	open, err := m.Store.OpenChannels(ctx)
	if err != nil {
		return err
	}
	to <- prometheus.MustNewConstMetric(metricOpen, prometheus.GaugeValue, float64(len(open)))
	counts, err := m.calls.count(ctx, m.Households())
	for of, n := range counts {
		to <- prometheus.MustNewConstMetric(metricCalls, prometheus.CounterValue, float64(n), of.household, of.action, of.outcome)
	}
	return err
}

func (m *Metrics) collectAlerts(ctx context.Context, gauge func(*prometheus.Desc, float64, ...string)) error {
	for _, household := range m.Households() {
		channels, err := m.Store.Outbox.Channels(ctx, household, 0)
		if err != nil {
			return err
		}
		failing, waiting := 0, 0
		for _, c := range channels {
			waiting += c.Waiting
			if !c.Failing.IsZero() {
				failing++
			}
		}
		gauge(metricFailing, float64(failing), household)
		gauge(metricWaiting, float64(waiting), household)
	}
	return nil
}

func (m *Metrics) collectRoom(gauge func(*prometheus.Desc, float64, ...string)) error {
	info, err := os.Stat(m.Settings.Database())
	if err == nil {
		gauge(metricDatabase, float64(info.Size()))
	}
	free, freeErr := store.FreeDisk(m.Settings.Data)
	if freeErr == nil {
		gauge(metricFree, float64(free))
	}
	return errors.Join(err, freeErr)
}

// handler answers at /metrics, to GET and HEAD alone.
func (m *Metrics) handler() (http.Handler, error) {
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{m, m.lookups, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(m.Log.Handler(), slog.LevelError), ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 2,
	}))
	return mux, nil
}

// limits suit a program on the same network that asks for a page of text.
var limits = webserver.Limits{
	Header: 10 * time.Second, Request: 10 * time.Second, Answer: 30 * time.Second, Idle: 2 * time.Minute, Stop: time.Second, Retry: 30 * time.Second,
}

// Serve answers until ctx ends. Whatever happens to it, calls go on.
func (m *Metrics) Serve(ctx context.Context) {
	handler, err := m.handler()
	var server *webserver.Server
	if err == nil {
		server, err = webserver.New(ctx, webserver.Options{
			What: "metrics", Web: config.Web{Listen: m.Settings.Metrics.Listen}, Handler: handler, Limits: limits, Log: m.Log,
		})
	}
	if err != nil {
		m.Log.Error("no metrics are served; calls go on", "err", err)
		return
	}
	if _, err := m.calls.count(ctx, m.Households()); err != nil && ctx.Err() == nil { // from here on
		m.Log.Error("calls are counted only from the first question on", "err", err)
	}
	server.Keep(ctx)
}
