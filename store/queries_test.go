package store_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/app/cell"
	"ringfence/app/doctor"
	"ringfence/app/metrics"
	"ringfence/calllog"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/rescue"
	"ringfence/store/storetest"
	"ringfence/web/backend"
)

// What Prometheus and the machine's own page ask of the database does not grow with the households.
func TestMetricsAskAsMuchForManyHouseholds(t *testing.T) {
	t.Parallel()
	asked := map[int]map[string]int64{}
	for _, households := range []int{1, 200} {
		asked[households] = asks(t, households)
	}
	for _, path := range []string{"/metrics", "/", "/health"} {
		if one, many := asked[1][path], asked[200][path]; one != many || one == 0 || one > 12 {
			t.Errorf("%s: %d queries for one household, %d for 200", path, one, many)
		}
	}
}

// asks is how many queries each page takes with so many households, which have a call in progress each, and one that is over.
func asks(t *testing.T, households int) map[string]int64 {
	t.Helper()
	data := t.TempDir()
	path := filepath.Join(data, "ringfence.db")
	no := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	no(storetest.Ready(t.Context(), path, store.Open))
	db, err := store.Open(t.Context(), path)
	no(err)
	t.Cleanup(func() { no(db.Close()) })
	settings := config.Defaults()
	settings.Data = data
	settings.Trunks = []config.Trunk{{Name: "line"}}
	for i := range households {
		settings.Households = append(settings.Households, config.Household{Name: fmt.Sprintf("house-%d", i), Trunk: "line", Phones: make([]config.Phone, 2)})
	}
	m, err := metrics.New(metrics.Options{Log: slog.New(slog.DiscardHandler), Cell: &cell.Cell{
		Settings: func() config.Settings { return settings }, Store: db, Now: time.Now,
		Line:    func(string) backend.Line { return backend.Line{Trunk: backend.Part{Name: "line"}} },
		Machine: func() []doctor.Finding { return nil }, Stalled: func() bool { return false },
		Rescued: func() (rescue.Report, bool) { return rescue.Report{}, false },
		Failed:  func(what string, err error) { t.Error(what, err) },
	}}).Handler(t.Context())
	no(err)
	for i, h := range settings.Households {
		no(db.EnsureHousehold(t.Context(), h.Name))
		for _, outcome := range []calllog.Outcome{"", calllog.Talked} {
			_, err := db.CallArrived(t.Context(), h.Name, fmt.Sprint(i, outcome), time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, outcome)
			no(err)
		}
	}
	var n atomic.Int64
	no(db.OnSelect(t.Context(), func() { n.Add(1) }))
	queries := map[string]int64{}
	for _, page := range []string{"/metrics", "/", "/health"} {
		n.Store(0)
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, page, nil)
		r.Host = "127.0.0.1:9464"
		m.ServeHTTP(w, r)
		queries[page] = n.Load()
	}
	return queries
}
