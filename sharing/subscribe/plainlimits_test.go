package subscribe

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// All refusals are counted, although only a thousand are kept.
func TestRefusalsOfAPlainFileAreCounted(t *testing.T) {
	lines := strings.Builder{}
	for i := range 1200 {
		fmt.Fprintf(&lines, "020 79%d\n0161 496 0%03d\n0121 496 0%03d\n", i%10, i%1000, i%1000)
	}
	w, h := newWeb(t, lines.String()), newHome(t)
	h.follow(w.URL+"/scams.csv", Choices{})
	done, err := h.updateOf("scams")
	if err != nil || done.Refused != 1200 || len(done.Refusals) > 1000 {
		t.Errorf("%d refused, %d kept: %v", done.Refused, len(done.Refusals), err)
	}
}

// Where the disk is nearly full, no file is downloaded, and one that is larger than there is room for is given up.
func TestNoRoomForAPlainFile(t *testing.T) {
	w, h := followed(t)
	w.has(strings.Repeat("# a remark\n", 200_000) + numbers(100, 105))
	for _, test := range []struct {
		free int64
		says string
	}{
		{roomLeft + 1<<20, "the disk has too little room"}, // a third of that is too little for any
		{roomLeft + 4<<20, "the disk has too little room"}, // the file has 2.2 MB
		{roomLeft + 1000<<20, ""},
	} {
		free, says := test.free, test.says
		h.u.Free = func(folder string) (int64, error) {
			if folder != h.u.Folder {
				t.Errorf("the room in %s was asked for", folder)
			}
			return free, nil
		}
		asked := w.askedTimes()
		_, err := h.updateOf("scams")
		if free < roomLeft+3<<20 && w.askedTimes() != asked {
			t.Errorf("%d MB free: it was asked for all the same", free>>20)
		}
		if says == "" && err != nil || says != "" && (!errors.Is(err, ErrRoom) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%d MB free: %v", free>>20, err)
		}
		if sub := h.sub("scams"); sub.Entries == 0 {
			t.Errorf("%d MB free: the list is empty", free>>20)
		}
	}
	h.u.Free = func(string) (int64, error) { return 0, errors.New("no disk") }
	if _, err := h.updateOf("scams"); err == nil {
		t.Error("a disk that can't be asked")
	}
}
