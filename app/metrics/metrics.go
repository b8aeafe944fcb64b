// Package metrics serves Ringfence's metrics to Prometheus. Nearly everything is looked up when Prometheus asks, so that calls do not pay for it.
// Households and phones are named as in ringfence.toml; no number and no person's name is told. However many households there are, only some have metrics of
// their own (named), and the number of queries is the same.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ringfence/app/cell"
	"ringfence/app/webserver"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/screening"
)

// Options are what metrics are made of.
type Options struct {
	Cell    *cell.Cell
	Log     *slog.Logger
	Replica func() time.Time // until when it is complete; nil: there is none
}

// Metrics answers Prometheus.
type Metrics struct {
	Options
	calls *callCount
	named named

	lookups      prometheus.Histogram
	sent, failed atomic.Int64 // messages to carers
}

// New does not listen yet: Serve does.
func New(o Options) *Metrics {
	return &Metrics{
		Options: o, calls: newCallCount(o.Cell.Store, o.Cell.Now), named: named{most: o.Cell.Settings().Metrics.Households},
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

// Handler answers to GET and HEAD alone: Prometheus at /metrics, and whoever looks after the machine elsewhere. Calls are counted from now on.
func (m *Metrics) Handler(ctx context.Context) (http.Handler, error) {
	if err := m.calls.begin(ctx); err != nil && ctx.Err() == nil {
		m.Log.Error("calls are counted only from the first question on", "err", err)
	}
	registry := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{m, m.lookups, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	pages, err := m.Cell.Handler()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
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
	handler, err := m.Handler(ctx)
	var server *webserver.Server
	if err == nil {
		server, err = webserver.New(ctx, webserver.Options{
			What: "metrics", Web: config.Web{Listen: m.Cell.Settings().Metrics.Listen}, Handler: handler, Limits: limits, Log: m.Log,
		})
	}
	if err != nil {
		m.Log.Error("no metrics are served; calls go on", "err", err)
		return
	}
	server.Keep(ctx)
}
