package hub

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"aead.dev/minisign"

	"ringfence/screening"
	"ringfence/sharing/evidence"
	"ringfence/sharing/list"
)

// errEnough says that whoever reads wants no more.
var errEnough = errors.New("enough")

// Publish makes the list of this moment, signed, in a folder that any web server can serve, as list.Publish does. protected are the
// group's own numbers; those that moderators protect are added. Reports are taken meanwhile. It holds the reports of one number in
// memory, and what moderators have decided.
func (h *Hub) Publish(ctx context.Context, dir string, key minisign.PrivateKey, protected *list.Protected, now time.Time) (list.Published, error) {
	all, err := standing(ctx, h.read)
	if err != nil {
		return list.Published{}, err
	}
	g := h.group
	m := list.Manifest{
		Name: g.Name, Publisher: g.Publisher, Purpose: g.Purpose, Region: g.Region, Licence: g.Licence, Contact: g.Contact, Appeals: g.Appeals,
		Made: now, ValidUntil: now.Add(g.Valid),
	}
	entries := steady(h.entries(ctx, all, now), before(ctx, dir, key))
	// The serial is the time in milliseconds, in which no hub publishes twice, or the next one where that is more: so it never goes back, even where a hub goes on from a copy
	// of some days ago, whose list households have left behind. What they would refuse as a rollback protects nobody.
	return list.Publish(ctx, dir, key, m, entries, list.Options{Protected: all.protected(protected), Least: now.UnixMilli()})
}

// before are the entries of the list that is in the folder; none where there is no list, or none that can be read.
func before(ctx context.Context, dir string, key minisign.PrivateKey) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		public, _ := key.Public().(minisign.PublicKey)
		m, err := list.OpenDir(dir, public, list.DefaultLimits())
		if err != nil {
			return // list.Publish says what is wrong with it
		}
		part := m.Part(0)
		file, err := os.Open(filepath.Join(dir, part.File))
		if err != nil {
			return
		}
		defer func() { _ = file.Close() }() // only read
		for e, err := range m.Full(ctx, file, part, list.DefaultLimits()) {
			if !yield(e, err) {
				return
			}
		}
	}
}

// enoughMoved is by how much a confidence has to differ from the one that was published before it is published anew. All of them fall a
// little every day, and without this every household would get a good part of the list again every day.
const enoughMoved = 0.05

// steady leaves an entry's confidence as it was published, where it has moved little and neither across the threshold that households
// have where they have chosen none, nor across what only warns. Both sequences are in the order of a list.
func steady(fresh, published iter.Seq2[list.Entry, error]) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		next, stop := iter.Pull2(published)
		defer stop()
		old, err, more := next()
		for e, wrong := range fresh {
			for more && err == nil && order(subjectIn(old)) < order(subjectIn(e)) {
				old, err, more = next()
			}
			if more && err == nil && subjectIn(old) == subjectIn(e) && math.Abs(old.Confidence-e.Confidence) < enoughMoved &&
				(old.Confidence >= screening.DefaultThreshold) == (e.Confidence >= screening.DefaultThreshold) &&
				(old.Confidence > evidence.WarnAtMost) == (e.Confidence > evidence.WarnAtMost) {
				e.Confidence = old.Confidence
			}
			if !yield(e, wrong) {
				return
			}
		}
	}
}

// entries are those of the list, in its order: what reports alone make, and among it that about which something was decided.
func (h *Hub) entries(ctx context.Context, all decisions, now time.Time) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		decided, special, err := h.decidedEntries(ctx, all, now)
		if err != nil {
			yield(list.Entry{}, err)
			return
		}
		for one, err := range h.ledger(ctx, h.group.Reporters, 0) {
			if err != nil {
				yield(list.Entry{}, err)
				return
			}
			for len(decided) > 0 && order(subjectIn(decided[0])) < 2*one.number {
				if !yield(decided[0], nil) {
					return
				}
				decided = decided[1:]
			}
			subject := subjectOf(one.number, false)
			if special[subject] {
				continue
			}
			if s := h.group.weigh(subject, newest(one.all), Decision{}, now); s.Listed && !yield(s.entry(), nil) {
				return
			}
		}
		for _, e := range decided {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func subjectIn(e list.Entry) Subject { return Subject{e.Digits, e.Prefix} }

// decidedEntries are the entries about which something was decided, in order, and all subjects that were looked at for them.
func (h *Hub) decidedEntries(ctx context.Context, all decisions, now time.Time) (entries []list.Entry, special map[Subject]bool, err error) {
	from := all.sources()
	special = all.special(from)
	for s := range special {
		stands, err := h.stand(ctx, h.read, s, all, from, now)
		if err != nil {
			return nil, nil, err
		}
		if stands.Listed {
			entries = append(entries, stands.entry())
		}
	}
	slices.SortFunc(entries, func(a, b list.Entry) int { return cmp.Compare(order(subjectIn(a)), order(subjectIn(b))) })
	return entries, special, nil
}
