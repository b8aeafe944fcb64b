package export

import (
	"errors"
	"os"

	"ringfence/store"
)

// ErrNoRoom says that the rest of the disk is for calls.
var ErrNoRoom = errors.New("the disk is nearly full, so nothing can be exported: delete something from it, or use a larger one")

// careful writes to a file, and stops before the disk is full.
type careful struct {
	file      *os.File
	folder    string
	leastFree int64 // what has to stay free, in bytes
	written   int64
	looked    int64 // written, when the disk was last looked at
}

// lookEach is after how many bytes the disk is looked at again.
const lookEach = 4 << 20

func (c *careful) Write(piece []byte) (int, error) {
	if c.written-c.looked >= lookEach {
		if err := room(c.folder, c.leastFree); err != nil {
			return 0, err
		}
		c.looked = c.written
	}
	n, err := c.file.Write(piece)
	c.written += int64(n)
	return n, err
}

// room is an error where the disk has no room for more.
func room(folder string, leastFree int64) error {
	free, err := store.FreeDisk(folder)
	if err == nil && free < leastFree {
		err = ErrNoRoom
	}
	return err
}
