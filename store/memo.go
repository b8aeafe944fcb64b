package store

import (
	"context"
	"sync"

	"ringfence/store/sqlite"
)

// Memo keeps what was found in the database until something changes there, so that whoever looks every few seconds asks for nothing while nothing
// happens. The zero Memo knows nothing yet.
type Memo[T any] struct {
	mu    sync.Mutex
	known bool
	at    int64
	found T
}

// Look returns what look finds, or has found. What it returns is shared: nobody may change it.
func (m *Memo[T]) Look(ctx context.Context, s *Store, look func(ctx context.Context) (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// Asked first: what changes while look reads is found the next time.
	at, err := s.version(ctx)
	if err == nil && m.known && at == m.at {
		return m.found, nil
	}
	if err == nil {
		m.found, err = look(ctx)
	}
	m.known, m.at = err == nil, at
	return m.found, err
}

// looked has what the running program looks at every few seconds.
type looked struct {
	guards, smartHomes Memo[[]string]
	regions            Memo[map[string]string]
	messages           Memo[[]MessageCount]
}

// version changes with everything that is written, by any process: the connection that is asked writes nothing of its own
// (sqlite.org/pragma.html#pragma_data_version).
func (s *Store) version(ctx context.Context) (int64, error) {
	return sqlite.Value[int64](ctx, s.tidy, "PRAGMA data_version")
}
