// Package metrics tells Prometheus how Ringfence is. Nearly everything is looked up when Prometheus asks, so that calls do not pay for it.
// Households and phones have their names from ringfence.toml; there is no number and no name of a person.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ringfence/config"
	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// Options are what metrics are made of.
type Options struct {
	Settings config.Settings
	Release  string
	Store    *store.Store
	Line     func(household string) backend.Line
	Log      *slog.Logger
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

// Timed measures how long look-ups in a memory take.
func (m *Metrics) Timed(memory ivr.Memory) ivr.Memory { return timedMemory{memory, m.lookups} }

// timedMemory measures how long a verdict's question to the database takes.
type timedMemory struct {
	ivr.Memory
	lookups prometheus.Observer
}

// Situation implements ivr.Memory.
func (t timedMemory) Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error) {
	begun := time.Now()
	house, known, err := t.Memory.Situation(ctx, household, number)
	t.lookups.Observe(time.Since(begun).Seconds())
	return house, known, err
}

// The metrics.
var (
	metricBuild = prometheus.NewDesc("ringfence_build_info", "Always 1; the labels say which Ringfence this is.", []string{"version", "goversion"}, nil)
	metricCalls = prometheus.NewDesc("ringfence_calls_total",
		"Calls that have ended since Ringfence started, by what was done with them and what became of them.", []string{"household", "action", "outcome"}, nil)
	metricOpen     = prometheus.NewDesc("ringfence_calls_in_progress", "Calls that go on now.", nil, nil)
	metricAsterisk = prometheus.NewDesc("ringfence_asterisk_connected", "1: Asterisk is there and connected.", nil, nil)
	metricTrunk    = prometheus.NewDesc("ringfence_trunk_up", "1: the trunk can be used. It is missing where that cannot be known.", []string{"household", "trunk"}, nil)
	metricPhone    = prometheus.NewDesc("ringfence_phone_up", "1: the telephone is there. It is missing where that cannot be known.", []string{"household", "phone"}, nil)
	metricSent     = prometheus.NewDesc("ringfence_notify_messages_total", "Messages to carers since Ringfence started, by what became of them.", []string{"result"}, nil)
	metricFailing  = prometheus.NewDesc("ringfence_notify_failing", "Ways of telling a carer that do not work now.", []string{"household"}, nil)
	metricWaiting  = prometheus.NewDesc("ringfence_notify_waiting", "Things that wait to be told.", []string{"household"}, nil)
	metricDatabase = prometheus.NewDesc("ringfence_database_bytes", "How large the database is, without its write-ahead log.", nil, nil)
	metricFree     = prometheus.NewDesc("ringfence_disk_free_bytes", "How much room is left on the disk of the data folder.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{metricBuild, metricCalls, metricOpen, metricAsterisk, metricTrunk, metricPhone, metricSent, metricFailing,
		metricWaiting, metricDatabase, metricFree} {
		to <- d
	}
}

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
	for _, result := range []struct {
		name  string
		count *atomic.Int64
	}{{"sent", &m.sent}, {"failed", &m.failed}} {
		to <- prometheus.MustNewConstMetric(metricSent, prometheus.CounterValue, float64(result.count.Load()), result.name)
	}
	m.collectLines(gauge)
	if err := errors.Join(m.collectCalls(ctx, to), m.collectTelling(ctx, gauge), m.collectRoom(gauge)); err != nil {
		m.Log.Error("some metrics cannot be told", "err", err)
	}
}

func (m *Metrics) collectLines(gauge func(*prometheus.Desc, float64, ...string)) {
	up := func(d *prometheus.Desc, p backend.Part, labels ...string) {
		switch {
		case !p.Known:
		case p.Up:
			gauge(d, 1, labels...)
		default:
			gauge(d, 0, labels...)
		}
	}
	for i, h := range m.Settings.Households {
		line := m.Line(h.Name)
		if i == 0 {
			up(metricAsterisk, line.Asterisk)
		}
		up(metricTrunk, line.Trunk, h.Name, line.Trunk.Name)
		for _, p := range line.Phones {
			up(metricPhone, p, h.Name, p.Name)
		}
	}
}

func (m *Metrics) collectCalls(ctx context.Context, to chan<- prometheus.Metric) error {
	open, err := m.Store.OpenChannels(ctx)
	if err != nil {
		return err
	}
	to <- prometheus.MustNewConstMetric(metricOpen, prometheus.GaugeValue, float64(len(open)))
	counts, err := m.calls.count(ctx, m.Settings.Households)
	for of, n := range counts {
		to <- prometheus.MustNewConstMetric(metricCalls, prometheus.CounterValue, float64(n), of.household, of.action, of.outcome)
	}
	return err
}

func (m *Metrics) collectTelling(ctx context.Context, gauge func(*prometheus.Desc, float64, ...string)) error {
	for _, h := range m.Settings.Households {
		channels, err := m.Store.Outbox.Channels(ctx, h.Name, 0)
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
		gauge(metricFailing, float64(failing), h.Name)
		gauge(metricWaiting, float64(waiting), h.Name)
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

// retryAfter is when it tries again if the address is taken.
const retryAfter = 30 * time.Second

// Serve answers until ctx ends. Whatever happens to it, calls go on.
func (m *Metrics) Serve(ctx context.Context) {
	handler, err := m.handler()
	if err != nil {
		m.Log.Error("no metrics are told; calls go on", "err", err)
		return
	}
	if _, err := m.calls.count(ctx, m.Settings.Households); err != nil && ctx.Err() == nil { // from here on
		m.Log.Error("calls are counted only from the first question on", "err", err)
	}
	for ctx.Err() == nil {
		if err := m.listen(ctx, handler); err != nil && ctx.Err() == nil {
			m.Log.Error("no metrics are told; calls go on, and it is tried again", "err", err, "again", retryAfter)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

func (m *Metrics) listen(ctx context.Context, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", m.Settings.Metrics.Listen)
	if err != nil {
		return fmt.Errorf("another program may have the address of metrics.listen, or it is not this machine's: %w", err)
	}
	m.Log.Info("metrics are told", "listen", listener.Addr())
	server := &http.Server{Handler: handler, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	return server.Serve(listener)
}
