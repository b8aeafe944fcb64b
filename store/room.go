package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

// MessageLimits is how many messages a household may have, and how long and large all of them may be together. Zero is no limit.
type MessageLimits struct {
	Count  int
	Length time.Duration
	Bytes  int64
}

// Need is what one more message takes at most.
type Need struct {
	Length time.Duration
	Bytes  int64
}

// LeastFree is how much of the disk messages leave free, because the log, the database and the machine itself need it.
const LeastFree = 100 << 20

// ErrDiskFull says that no message can be taken because the disk is nearly full.
var ErrDiskFull = errors.New("the disk with the recordings is nearly full, so no messages are taken: delete something from it, or use a larger one")

// FreeDisk is how many bytes a program may still write to the disk that a folder is on.
func FreeDisk(dir string) (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	if disk.Files > 0 && disk.Ffree == 0 { // no file can be made any more, however many bytes are left
		return 0, nil
	}
	return int64(disk.Bavail) * int64(disk.Bsize), nil //nolint:unconvert // Bsize has 32 bits on some machines
}

// IsReadOnly says whether nothing can be written on the disk of a folder. Linux makes it so when it finds errors on it (errors=remount-ro, ext4(5)).
func IsReadOnly(dir string) bool {
	var disk syscall.Statfs_t
	return syscall.Statfs(dir, &disk) == nil && disk.Flags&unix.ST_RDONLY != 0
}

// DiskTakes returns ErrDiskFull if the disk has no room for a message.
func (s *Store) DiskTakes(need Need) error {
	free, err := FreeDisk(s.recordings)
	if err != nil {
		return fmt.Errorf("how much room is on the disk cannot be told: %w", err)
	}
	if free-need.Bytes < s.leastFree {
		return ErrDiskFull
	}
	return nil
}

// MakeRoom makes room for one more message: if there is none it deletes the oldest that somebody has heard, and returns them. If that would not be
// enough it deletes nothing, and ok is false. If the disk is full the error is ErrDiskFull.
func (s *Store) MakeRoom(ctx context.Context, household string, limits MessageLimits, need Need) (gone []Message, ok bool, err error) {
	if err := s.DiskTakes(need); err != nil {
		return nil, false, err
	}
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, _ int64) error {
		messages, err := s.messages(ctx, tx, household)
		if err != nil {
			return err
		}
		if gone, ok, err = messagesToDelete(messages, limits, need); err != nil {
			return err
		}
		for _, m := range gone {
			if err := sqlite.Exec(ctx, tx, "DELETE FROM recordings"+ofHousehold, m.Call, household); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	for _, m := range gone {
		err = errors.Join(err, deleteFile(m.Path))
	}
	return gone, ok, err
}

// messagesToDelete picks the messages to delete, of those that Messages lists: the oldest that somebody has heard is the last.
func messagesToDelete(messages []Message, limits MessageLimits, need Need) (gone []Message, ok bool, err error) {
	room, err := roomLeft(messages, limits)
	for err == nil && !room.takes(need) {
		last := len(messages) - 1
		if last < 0 || !messages[last].Heard {
			return nil, false, nil
		}
		gone = append(gone, messages[last])
		messages = messages[:last]
		room, err = roomLeft(messages, limits)
	}
	return gone, err == nil, err
}

// RoomLeft is how much room there would be without the messages that somebody has heard. If any of the three is 0, callers can leave no more.
func (s *Store) RoomLeft(ctx context.Context, household string, limits MessageLimits) (MessageLimits, error) {
	messages, err := s.Messages(ctx, household)
	if err != nil {
		return MessageLimits{}, err
	}
	unheard := 0
	for unheard < len(messages) && !messages[unheard].Heard {
		unheard++
	}
	return roomLeft(messages[:unheard], limits)
}

// roomLeft is what messages leave of the limits, at least 0.
func roomLeft(messages []Message, limits MessageLimits) (MessageLimits, error) {
	if limits.Count == 0 {
		limits.Count = math.MaxInt
	}
	if limits.Length == 0 {
		limits.Length = math.MaxInt64
	}
	if limits.Bytes == 0 {
		limits.Bytes = math.MaxInt64
	}
	limits.Count -= len(messages)
	for _, m := range messages {
		size, err := datafolder.FileSize(m.Path)
		if err != nil {
			return MessageLimits{}, err
		}
		limits.Length -= m.Length
		limits.Bytes -= size
	}
	return MessageLimits{max(limits.Count, 0), max(limits.Length, 0), max(limits.Bytes, 0)}, nil
}

func (l MessageLimits) takes(need Need) bool {
	return l.Count > 0 && need.Length <= l.Length && need.Bytes <= l.Bytes
}
