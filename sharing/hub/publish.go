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

// errEnough ends the reading when nobody wants more.
var errEnough = errors.New("enough")

// Publish makes the present list, signed, in a folder that any web server can serve, like list.Publish. protected are the group's own numbers; those that
// moderators protect are added. Reports are accepted meanwhile. In memory it holds one number's reports, and the moderators' decisions.
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
	// The serial is the time in milliseconds (no hub publishes twice in one), or the next serial if that is higher. So it never goes back, even if the hub
	// is restored from a backup with an older list: households would refuse that as a rollback, and be protected by nothing new.
	return list.Publish(ctx, dir, key, m, entries, list.Options{Protected: all.protected(protected), Least: now.UnixMilli()})
}

// before are the entries of the list in the folder; none if there is no list, or it cannot be read.
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

// enoughMoved is by how much a confidence has to differ from the published one to be published again. They all fall a little every day, and without this
// every household would get a good part of the list again every day.
const enoughMoved = 0.05

// steady keeps an entry's published confidence if it has moved only a little, and neither across the usual threshold of households nor across the limit of
// what only warns. Both sequences are in the order of a list.
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

// entries are the list's entries, in order: those from reports alone, merged with those about which something was decided.
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

// decidedEntries are the entries about which something was decided, in order. special are all subjects that were looked at for them.
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
