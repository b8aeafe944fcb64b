package subscribe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
	"ringfence/store/lists"
)

const (
	manifestTime = time.Minute
	partTime     = time.Minute // plus what it takes at leastRate
	leastRate    = 16 << 10    // bytes a second
	mostTime     = 2 * time.Hour
	roomLeft     = 100 << 20 // bytes of the disk that lists leave free, for the log of calls
)

// manifest downloads a list's manifest and verifies it. have is the present state, for asking whether there is a newer one; if not, the answer is
// Unchanged.
func (u *Updater) manifest(ctx context.Context, s Source, have lists.State) (list.Manifest, fetch.Answer, error) {
	m, answer, err := u.manifestOnce(ctx, s, have)
	if !errors.Is(err, list.ErrSignature) {
		return m, answer, err
	}
	// While a list is being published, its signature belongs to another manifest for a moment.
	select {
	case <-ctx.Done():
		return m, answer, ctx.Err()
	case <-time.After(u.Again):
		return u.manifestOnce(ctx, s, lists.State{})
	}
}

func (u *Updater) manifestOnce(ctx context.Context, s Source, have lists.State) (m list.Manifest, answer fetch.Answer, err error) {
	var text bytes.Buffer
	r := fetch.Request{Most: list.MaxManifest, Time: manifestTime}
	if have.Serial != 0 {
		r.ETag, r.Modified = have.ETag, have.Modified
	}
	if answer, err = u.get(ctx, s, list.ManifestFile, r, &text); err != nil || answer.Unchanged {
		return m, answer, err
	}
	if err := noManifest(text.Bytes(), s.URL, answer.Elsewhere); err != nil {
		return m, answer, err
	}
	if s.Key == "" {
		m, err = list.Parse(text.Bytes(), u.Limits)
		return m, answer, err
	}
	key, err := list.ParseKey(s.Key)
	if err != nil {
		return m, answer, err
	}
	var signature bytes.Buffer
	if _, err := u.get(ctx, s, list.SignatureFile, fetch.Request{Most: list.MaxSignature, Time: manifestTime}, &signature); err != nil {
		var status *fetch.StatusError
		if errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone) {
			err = ErrNoSignature
		}
		return m, answer, err
	}
	m, err = list.Open(text.Bytes(), signature.Bytes(), key, u.Limits)
	return m, answer, err
}

func (u *Updater) get(ctx context.Context, s Source, file string, r fetch.Request, to io.Writer) (fetch.Answer, error) {
	address, err := s.file(file)
	if err != nil {
		return fetch.Answer{}, err
	}
	r.URL = address
	return u.Fetch.Get(ctx, r, to)
}

// takeUp downloads a part and puts it in force.
func (u *Updater) takeUp(ctx context.Context, m list.Manifest, p list.Part, what lists.Update) (done Outcome, err error) {
	done = Outcome{Serial: m.Serial, Full: p.From == 0}
	file, err := u.part(ctx, Source{URL: what.Sub.URL, Key: what.Sub.Key}, p)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	r := &reading{guard: guard(what.Sub.Region), now: what.At, done: &done}
	if p.From == 0 {
		done.Counts, err = u.Store.Lists.ApplyFull(ctx, what, r.entries(m.Full(ctx, file, p, u.Limits)))
	} else {
		done.Counts, err = u.Store.Lists.ApplyChanges(ctx, what, r.changes(m.Delta(ctx, file, p, u.Limits)))
	}
	return done, err
}

// part downloads a part into a file without a name, and verifies that it is the one in the manifest.
func (u *Updater) part(ctx context.Context, s Source, p list.Part) (file *os.File, err error) {
	if err := u.room(p.Size + 2*p.Unpacked); err != nil {
		return nil, err
	}
	return u.nameless(func(file io.Writer) error {
		hash := sha256.New()
		r := fetch.Request{Most: p.Size, Time: min(partTime+time.Duration(p.Size/leastRate)*time.Second, mostTime)}
		answer, err := u.get(ctx, s, p.File, r, io.MultiWriter(file, hash))
		if err != nil {
			return err
		}
		if sum := hex.EncodeToString(hash.Sum(nil)); answer.Size != p.Size || sum != p.SHA256 {
			return fmt.Errorf("%w: %s has %d bytes and the sha256 %s", list.ErrPart, p.File, answer.Size, sum)
		}
		return nil
	})
}

// nameless makes a file of which nothing is left, whatever happens, and returns it at its beginning once fill has written it.
func (u *Updater) nameless(fill func(io.Writer) error) (*os.File, error) {
	file, err := os.CreateTemp(u.Folder, "list-*")
	if err != nil {
		return nil, err
	}
	if err = os.Remove(file.Name()); err == nil {
		err = fill(file)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// room returns ErrRoom if the disk would be too full. In the store an entry takes less room than its line, but for a while there are the old entries too, and the
// new ones are also in the write-ahead log.
func (u *Updater) room(need int64) error {
	free, err := u.Free(u.Folder)
	if err != nil {
		return err
	}
	if free < need+roomLeft {
		return fmt.Errorf("%w: it needs %d MB", ErrRoom, (need+roomLeft)>>20)
	}
	return nil
}

// guard keeps off a list what it may turn away nowhere in a region. A household's own alarm centre no list turns away (screening.Decide).
func guard(region string) *list.Guard { return list.NewGuard(nil, screening.Household{Region: region}) }

// reading converts a list's entries for the store, without those that may be on no list, and without those that no longer count.
type reading struct {
	guard *list.Guard
	now   time.Time
	done  *Outcome
}

func (r *reading) takes(e list.Entry) bool {
	if e.Expired(r.now) {
		return false
	}
	why := r.guard.Refuse(e)
	if why == nil {
		return true
	}
	number := string(e.Number())
	if e.Prefix {
		number += "*"
	}
	r.refuse(list.Refusal{Number: number, Why: why.Error()})
	return false
}

func (r *reading) refuse(one list.Refusal) {
	if r.done.Refused++; r.done.Refused <= shownRefusals {
		r.done.Refusals = append(r.done.Refusals, one)
	}
}

func (r *reading) entries(from iter.Seq2[list.Entry, error]) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for e, err := range from {
			if err == nil && !r.takes(e) {
				continue
			}
			if !yield(e.Stored(), err) {
				return
			}
		}
	}
}

// changes converts a delta. An entry that may not be on a list now may have been there before, so it is removed.
func (r *reading) changes(from iter.Seq2[list.Change, error]) iter.Seq2[lists.Change, error] {
	return func(yield func(lists.Change, error) bool) {
		for c, err := range from {
			if !yield(lists.Change{Entry: c.Stored(), Remove: err == nil && (c.Remove || !r.takes(c.Entry))}, err) {
				return
			}
		}
	}
}
