package lists

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

const (
	// batch is how many entries go in between two breaths: a call that has to be logged waits for one batch at most.
	batch = 500
	// together is how many go in with one statement: one for each takes almost twice as long.
	together = 50
	// tidying is after how many batches the import looks whether it has to make a checkpoint.
	tidying = 20
)

// fill puts entries into a version that nobody sees yet, and returns how many there are. All of them are read, and sorted,
// before the writer is taken: where the list comes from may be slow, and calls wait for the writer.
func (l *Lists) fill(ctx context.Context, version int64, entries iter.Seq2[Entry, error]) (count int, err error) {
	sorted := &sorter{dir: l.folder, most: runEntries}
	defer func() { err = errors.Join(err, sorted.close()) }()
	_, err = inBatches(entries, func(part []Entry) error {
		for _, e := range part {
			full, err := sorted.add(e)
			if err != nil {
				return err
			}
			if full {
				if err := l.relaxed.Do(ctx, func(tx *sql.Tx) error { return touch(ctx, tx, version) }); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return l.putAll(ctx, version, sorted.all())
}

// putAll writes entries, which come in their order and each once. Checkpoints are made between two batches, so that
// none has to be made by a call, or while one waits.
func (l *Lists) putAll(ctx context.Context, version int64, entries iter.Seq2[Entry, error]) (count int, err error) {
	p := putter{lists: l, version: version}
	if err := p.prepare(ctx); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	batches := 0
	return inBatches(entries, func(part []Entry) error {
		if err := p.put(ctx, part); err != nil {
			return err
		}
		if batches++; batches%tidying == 0 {
			return l.checkpoint(ctx)
		}
		return nil
	})
}

// inBatches hands entries on, a batch at a time, and counts them. take works beside what makes the entries, on a second
// core where there is one, and keeps no batch. The first error of either ends both.
func inBatches(entries iter.Seq2[Entry, error], take func([]Entry) error) (count int, err error) {
	const batches = 3 // one is filled, one waits, one is taken
	full, free := make(chan []Entry, 1), make(chan []Entry, batches)
	for range batches {
		free <- make([]Entry, 0, batch)
	}
	taken := make(chan error, 1)
	go func() {
		var err error
		for part := range full {
			if err != nil {
				continue
			}
			if err = take(part); err != nil {
				close(free) // whoever waits for one is told so
			} else {
				free <- part[:0]
			}
		}
		taken <- err
	}()
	defer func() { // also where the entries panic, which is for whoever has them read
		close(full)
		if fault := <-taken; fault != nil {
			count, err = 0, errors.Join(err, fault)
		}
	}()
	part := <-free
	for e, fault := range entries {
		if fault != nil {
			return 0, fault
		}
		count++
		if part = append(part, e); len(part) < batch {
			continue
		}
		full <- part
		var going bool
		if part, going = <-free; !going {
			return 0, nil
		}
	}
	if len(part) > 0 {
		full <- part
	}
	return count, nil
}

// putter writes entries of one version.
type putter struct {
	lists     *Lists
	version   int64
	many, one *sql.Stmt
	args      []any
}

func (p *putter) prepare(ctx context.Context) (err error) {
	// The version stands in the statement: it is the same for all.
	row := fmt.Sprintf("(%d%s)", p.version, strings.Repeat(", ?", 1+strings.Count(entryColumns, ",")))
	insert := "INSERT INTO list_entries (version_id, " + entryColumns + ") VALUES " + row //nolint:gosec // constants and a number of ours
	if p.one, err = p.lists.relaxed.PrepareContext(ctx, insert); err != nil {
		return err
	}
	p.many, err = p.lists.relaxed.PrepareContext(ctx, insert+strings.Repeat(", "+row, together-1))
	return err
}

func (p *putter) close() (err error) {
	for _, statement := range []*sql.Stmt{p.one, p.many} {
		if statement != nil {
			err = errors.Join(err, statement.Close())
		}
	}
	return err
}

// put writes one batch, and that the import is still at work.
func (p *putter) put(ctx context.Context, part []Entry) error {
	return p.lists.relaxed.Do(ctx, func(tx *sql.Tx) error {
		if err := touch(ctx, tx, p.version); err != nil {
			return err
		}
		many, one := tx.StmtContext(ctx, p.many), tx.StmtContext(ctx, p.one)
		rest := part
		for ; len(rest) >= together; rest = rest[together:] {
			if err := p.insert(ctx, many, rest[:together]); err != nil {
				return err
			}
		}
		for i := range rest {
			if err := p.insert(ctx, one, rest[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *putter) insert(ctx context.Context, statement *sql.Stmt, rows []Entry) error {
	p.args = p.args[:0]
	for _, e := range rows {
		key, err := columns.Key(e.Digits, e.Prefix)
		if err != nil {
			return err
		}
		p.args = append(p.args, key, e.Prefix, e.Confidence, e.Category, e.Note, e.Reporters, e.First, e.Last, e.Expires)
	}
	_, err := statement.ExecContext(sqlite.Quick(ctx), p.args...)
	return err
}
