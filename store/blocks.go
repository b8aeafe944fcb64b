package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Block is one of a household's own blocks.
type Block struct {
	screening.Block
	Added time.Time
	By    string // who made it: a person's name, ByTelephone or ByCommand; "" where that is not known
	Hits  Hits   // the calls that it has turned away
}

// ErrNoBlock says that there is no such block, or not any more.
var ErrNoBlock = errors.New("this block is not there any more")

// AddBlock makes a block, or changes the note and farewell of an existing one. Its digits are those of E.164 without the plus sign; with
// Prefix set, the first of them. The number of a contact is refused: one of the two was a mistake. by is Block.By.
func (s *Store) AddBlock(ctx context.Context, household string, b screening.Block, by string) error {
	if err := b.Check(); err != nil {
		return err
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		return newBlock(ctx, tx, home, Block{Block: b, Added: time.Now(), By: by})
	})
}

// RestoreBlock restores a removed block; if it has been made again meanwhile, nothing changes.
func (s *Store) RestoreBlock(ctx context.Context, household string, b Block) error {
	if err := b.Check(); err != nil {
		return err
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if _, exists, err := blockOf(ctx, tx, household, b.Digits, b.Prefix); err != nil || exists {
			return err
		}
		return newBlock(ctx, tx, home, b)
	})
}

// newBlock makes a block, unless the number is a contact's.
func newBlock(ctx context.Context, tx *sql.Tx, home int64, b Block) error {
	if !b.Prefix {
		name, err := sqlite.Value[string](ctx, tx, `SELECT c.name FROM contact_numbers n JOIN contacts c ON c.id = n.contact_id
			WHERE n.household_id = ? AND n.number = ?`, home, screening.NumberOf(b.Digits).Key())
		if err == nil && name != "" {
			err = fmt.Errorf("that is the number of the contact %s, who always rings: remove the contact first", name)
		}
		if err != nil {
			return err
		}
	}
	key, err := columns.Key(b.Digits, b.Prefix)
	if err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, `INSERT INTO blocks (household_id, digits, is_prefix, note, farewell, added_at, added_by) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET note = excluded.note, farewell = excluded.farewell`,
		home, key, b.Prefix, b.Note, b.Farewell, b.Added.Unix(), b.By)
}

// EditBlock changes the note and the farewell of a block, and returns it as it was before.
func (s *Store) EditBlock(ctx context.Context, household string, id int64, note string, farewell screening.Farewell) (before Block, err error) {
	if err := (screening.Block{Note: note, Farewell: farewell}).Check(); err != nil {
		return Block{}, err
	}
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if before, err = blockByID(ctx, tx, household, id); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "UPDATE blocks SET note = ?, farewell = ? WHERE id = ?", note, farewell, id)
	})
	return before, err
}

// RemoveBlockByID lifts a block, and returns it for RestoreBlock. The error of one that is not there is ErrNoBlock.
func (s *Store) RemoveBlockByID(ctx context.Context, household string, id int64) (gone Block, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if gone, err = blockByID(ctx, tx, household, id); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "DELETE FROM blocks WHERE id = ?", id)
	})
	return gone, err
}

const blocksQuery = `SELECT b.id, b.is_prefix, b.digits, b.note, b.farewell, b.added_at, b.added_by FROM households h JOIN blocks b ON b.household_id = h.id `

// fields are in the order of blocksQuery: is_prefix comes before the digits, because they are read by it.
func (b *Block) fields() []any {
	return []any{&b.ID, &b.Prefix, columns.ScanDigits(&b.Digits, &b.Prefix), &b.Note, &b.Farewell, columns.ScanTime(&b.Added), &b.By}
}

// blockByID reads a block without its hits.
func blockByID(ctx context.Context, q sqlite.Querier, household string, id int64) (Block, error) {
	return sqlite.One(ctx, q, ErrNoBlock, (*Block).fields, blocksQuery+"WHERE h.name = ? AND b.id = ?", household, id)
}

// BlockByID returns one of a household's blocks, without its hits. The error of one that is not there is ErrNoBlock.
func (s *Store) BlockByID(ctx context.Context, household string, id int64) (Block, error) {
	return blockByID(ctx, s.read, household, id)
}

// BlockOf returns the household's block on exactly these digits, without its hits; false if there is none.
func (s *Store) BlockOf(ctx context.Context, household, digits string, prefix bool) (Block, bool, error) {
	return blockOf(ctx, s.read, household, digits, prefix)
}

func blockOf(ctx context.Context, q sqlite.Querier, household, digits string, prefix bool) (Block, bool, error) {
	key, err := columns.Key(digits, prefix)
	if err != nil {
		return Block{}, false, err
	}
	return sqlite.Row(ctx, q, (*Block).fields, blocksQuery+"WHERE h.name = ? AND b.is_prefix = ? AND b.digits = ?", household, prefix, key)
}

// Blocks lists a household's own blocks, the oldest first.
func (s *Store) Blocks(ctx context.Context, household string) (blocks []Block, err error) {
	blocks, err = sqlite.Rows(ctx, s.read, (*Block).fields, blocksQuery+"WHERE h.name = ? ORDER BY b.id", household)
	if err != nil || len(blocks) == 0 {
		return blocks, err
	}
	return blocks, s.blockHits(ctx, household, blocks)
}

// BlockedNumbers are the whole numbers that a household has blocked, without those that begin with a blocked prefix.
func (s *Store) BlockedNumbers(ctx context.Context, household string) (map[screening.Number]bool, error) {
	blocked := map[screening.Number]bool{}
	err := sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var number screening.Number
		err := scan(columns.ScanNumber(&number))
		blocked[number] = true
		return err
	}, "SELECT b.digits FROM households h JOIN blocks b ON b.household_id = h.id WHERE h.name = ? AND b.is_prefix = 0", household)
	return blocked, err
}

// blockHits counts the calls that each block has turned away. The log doesn't say which block did, so it is the one that Store.found picks of
// those that existed then: the exact one, else the longest prefix.
func (s *Store) blockHits(ctx context.Context, household string, blocks []Block) error {
	type place struct {
		digits string
		prefix bool
	}
	at := map[place]int{}
	for i, b := range blocks {
		at[place{b.Digits, b.Prefix}] = i
	}
	find := func(digits string, international bool, moment time.Time) *Block {
		if i, found := at[place{digits, false}]; found && !blocks[i].Added.After(moment) {
			return &blocks[i]
		}
		for n := len(digits); n > 0 && international; n-- {
			if i, found := at[place{digits[:n], true}]; found && !blocks[i].Added.After(moment) {
				return &blocks[i]
			}
		}
		return nil
	}
	return sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var number screening.Number
		var moment time.Time
		err := scan(columns.ScanNumber(&number), columns.ScanMilliseconds(&moment))
		if b := find(number.Digits(), number.Key() > 0, moment); b != nil {
			b.Hits.add(moment)
		}
		return err
	}, `SELECT c.number, c.at_ms FROM households h JOIN calls c ON c.household_id = h.id
		WHERE h.name = ? AND c.action = 'turn-away' AND c.number IS NOT NULL AND c.reasons ->> '$[0].code' = 'block'`, household)
}
