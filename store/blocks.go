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

// Block is one of a household's own blocks, with what became of it.
type Block struct {
	screening.Block
	Added time.Time
	By    string // who made it: a person's name, ByTelephone or ByCommand; "" where nobody knows
	Hits  Hits   // the calls that it has turned away
}

// ErrNoBlock says that a block is not there, or not any more.
var ErrNoBlock = errors.New("this block is not there any more")

// AddBlock makes a block, or changes the note and farewell of one that is there. Its digits are E.164 without the plus
// sign, or its first digits where Prefix is set. A contact with exactly that number is refused: one of the two was a
// mistake. by is who wants it, as in a Block.
func (s *Store) AddBlock(ctx context.Context, household string, b screening.Block, by string) error {
	if err := b.Check(); err != nil {
		return err
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		return newBlock(ctx, tx, home, Block{Block: b, Added: time.Now(), By: by})
	})
}

// RestoreBlock brings a block back that was removed, as it was; where it has been made again meanwhile, nothing changes.
func (s *Store) RestoreBlock(ctx context.Context, household string, b Block) error {
	if err := b.Check(); err != nil {
		return err
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		key, err := columns.Key(b.Digits, b.Prefix)
		if err != nil {
			return err
		}
		var there bool
		err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM blocks WHERE household_id = ? AND is_prefix = ? AND digits = ?)",
			home, b.Prefix, key).Scan(&there)
		if err != nil || there {
			return err
		}
		return newBlock(ctx, tx, home, b)
	})
}

// newBlock makes a block that is on no contact's number.
func newBlock(ctx context.Context, tx *sql.Tx, home int64, b Block) error {
	if !b.Prefix {
		var name string
		err := tx.QueryRowContext(ctx, `SELECT c.name FROM contact_numbers n JOIN contacts c ON c.id = n.contact_id
			WHERE n.household_id = ? AND n.number = ?`, home, screening.NumberOf(b.Digits).Key()).Scan(&name)
		if err == nil {
			return fmt.Errorf("that is the number of the contact %s, who always rings: remove the contact first", name)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return insertBlock(ctx, tx, home, b)
}

func insertBlock(ctx context.Context, tx *sql.Tx, home int64, b Block) error {
	key, err := columns.Key(b.Digits, b.Prefix)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO blocks (household_id, digits, is_prefix, note, farewell, added_at, added_by) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET note = excluded.note, farewell = excluded.farewell`,
		home, key, b.Prefix, b.Note, b.Farewell, b.Added.Unix(), b.By)
	return err
}

// BlockNumber blocks a caller whom the household has sent away by telephone. A contact is not blocked, and the answer is
// false: anybody can show a daughter's number, and one key pressed in a hurry must not keep her out. With evenContact the
// number is blocked all the same, and is no contact any more.
func (s *Store) BlockNumber(ctx context.Context, household string, n screening.Number, note string, evenContact bool) (blocked bool, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if !evenContact {
			if contact, err := isContact(ctx, tx, home, n); err != nil || contact {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM contact_numbers WHERE household_id = ? AND number = ?", home, n.Key()); err != nil {
			return err
		}
		if err := dropEmptyContacts(ctx, tx, home); err != nil {
			return err
		}
		blocked = true
		return insertBlock(ctx, tx, home, Block{Block: screening.Block{Digits: n.Digits(), Note: note}, Added: time.Now(), By: ByTelephone})
	})
	return blocked && err == nil, err
}

func isContact(ctx context.Context, tx *sql.Tx, home int64, n screening.Number) (contact bool, err error) {
	err = tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM contact_numbers WHERE household_id = ? AND number = ?)", home, n.Key()).Scan(&contact)
	return contact, err
}

// EditBlock changes the note and the farewell of a block, and returns it as it was before.
func (s *Store) EditBlock(ctx context.Context, household string, id int64, note string, farewell screening.Farewell) (before Block, err error) {
	if err := (screening.Block{Note: note, Farewell: farewell}).Check(); err != nil {
		return Block{}, err
	}
	err = s.do(ctx, func(tx *sql.Tx) error {
		if before, err = blockByID(ctx, tx, household, id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE blocks SET note = ?, farewell = ? WHERE id = ?", note, farewell, id)
		return err
	})
	return before, err
}

// RemoveBlock lifts a block. It returns false where there is none.
func (s *Store) RemoveBlock(ctx context.Context, household, digits string, prefix bool) (bool, error) {
	key, err := columns.Key(digits, prefix)
	if err != nil {
		return false, err
	}
	return sqlite.Changes(ctx, s.write, `DELETE FROM blocks WHERE digits = ? AND is_prefix = ? AND household_id = (SELECT id FROM households WHERE name = ?)`,
		key, prefix, household)
}

// RemoveBlockByID lifts a block, and returns it for RestoreBlock. The error of one that is not there is ErrNoBlock.
func (s *Store) RemoveBlockByID(ctx context.Context, household string, id int64) (gone Block, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		if gone, err = blockByID(ctx, tx, household, id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM blocks WHERE id = ?", id)
		return err
	})
	return gone, err
}

const blockColumns = `SELECT b.id, b.digits, b.is_prefix, b.note, b.farewell, b.added_at, b.added_by FROM households h JOIN blocks b ON b.household_id = h.id `

func scanBlock(scan func(...any) error) (b Block, err error) {
	var key, added int64
	err = scan(&b.ID, &key, &b.Prefix, &b.Note, &b.Farewell, &added, &b.By)
	b.Digits, b.Added = columns.Digits(key, b.Prefix), time.Unix(added, 0)
	return b, err
}

// blockByID reads a block without its hits.
func blockByID(ctx context.Context, q sqlite.Querier, household string, id int64) (Block, error) {
	b, err := scanBlock(q.QueryRowContext(ctx, blockColumns+"WHERE h.name = ? AND b.id = ?", household, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoBlock
	}
	return b, err
}

// BlockByID returns one of a household's blocks, without its hits. The error of one that is not there is ErrNoBlock.
func (s *Store) BlockByID(ctx context.Context, household string, id int64) (Block, error) {
	return blockByID(ctx, s.read, household, id)
}

// BlockOf returns the household's block on exactly these digits, without its hits; false where there is none.
func (s *Store) BlockOf(ctx context.Context, household, digits string, prefix bool) (Block, bool, error) {
	key, err := columns.Key(digits, prefix)
	if err != nil {
		return Block{}, false, err
	}
	b, err := scanBlock(s.read.QueryRowContext(ctx, blockColumns+"WHERE h.name = ? AND b.is_prefix = ? AND b.digits = ?", household, prefix, key).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Block{}, false, nil
	}
	return b, err == nil, err
}

// Blocks lists a household's own blocks, the oldest first.
func (s *Store) Blocks(ctx context.Context, household string) (blocks []Block, err error) {
	blocks, err = sqlite.All(ctx, s.read, scanBlock, blockColumns+"WHERE h.name = ? ORDER BY b.id", household)
	if err != nil || len(blocks) == 0 {
		return blocks, err
	}
	return blocks, s.blockHits(ctx, household, blocks)
}

// BlockedNumbers are the numbers that a household has blocked exactly; what a block on a beginning covers is not in it.
func (s *Store) BlockedNumbers(ctx context.Context, household string) (map[screening.Number]bool, error) {
	blocked := map[screening.Number]bool{}
	err := sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var key int64
		err := scan(&key)
		blocked[screening.NumberFromKey(key)] = true
		return err
	}, "SELECT b.digits FROM households h JOIN blocks b ON b.household_id = h.id WHERE h.name = ? AND b.is_prefix = 0", household)
	return blocked, err
}
