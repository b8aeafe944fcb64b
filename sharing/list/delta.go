package list

import (
	"fmt"
	"iter"
)

// diff is the delta that makes of old what fresh is.
func diff(old, fresh iter.Seq2[Entry, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for p, err := range merge(old, additions(fresh)) {
			var c Change
			switch {
			case err != nil:
			case p.right == nil:
				c = Change{Entry{Digits: p.left.Digits, Prefix: p.left.Prefix}, true}
			case p.left != nil && *p.left == p.right.Entry:
				continue
			default:
				c = *p.right
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// compose is the delta that does what first and then second do.
func compose(first, second iter.Seq2[Change, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for p, err := range mergeBy(first, second, func(c Change) Entry { return c.Entry }) {
			var c Change
			switch {
			case err != nil:
			case p.right != nil:
				c = *p.right
			default:
				c = *p.left
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// additions are entries as changes.
func additions(entries iter.Seq2[Entry, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for e, err := range entries {
			if !yield(Change{Entry: e}, err) {
				return
			}
		}
	}
}

// pair is what two sequences have of one number; nil where one has nothing.
type pair[Left any] struct {
	left  *Left
	right *Change
}

func merge(left iter.Seq2[Entry, error], right iter.Seq2[Change, error]) iter.Seq2[pair[Entry], error] {
	return mergeBy(left, right, func(e Entry) Entry { return e })
}

// mergeBy goes through two sequences side by side in the order of their numbers.
func mergeBy[Left any](left iter.Seq2[Left, error], right iter.Seq2[Change, error], entry func(Left) Entry) iter.Seq2[pair[Left], error] {
	return func(yield func(pair[Left], error) bool) {
		l, stopLeft := ahead(left, entry)
		defer stopLeft()
		r, stopRight := ahead(right, func(c Change) Entry { return c.Entry })
		defer stopRight()
		for l.next != nil || r.next != nil {
			var p pair[Left]
			order := 0
			switch {
			case r.next == nil:
				order = -1
			case l.next == nil:
				order = 1
			default:
				order = compare(entry(*l.next), r.next.Entry)
			}
			if order <= 0 {
				p.left = l.step()
			}
			if order >= 0 {
				p.right = r.step()
			}
			if l.err == nil && r.err == nil && !yield(p, nil) {
				return
			}
			if l.err != nil || r.err != nil {
				break
			}
		}
		for _, err := range []error{l.err, r.err} {
			if err != nil {
				yield(pair[Left]{}, err)
				return
			}
		}
	}
}

// lookahead is a sequence whose next element is known.
type lookahead[T any] struct {
	pull  func() (T, error, bool)
	entry func(T) Entry
	next  *T // nil: there is none
	err   error
}

func ahead[T any](from iter.Seq2[T, error], entry func(T) Entry) (l *lookahead[T], stop func()) {
	pull, stop := iter.Pull2(from)
	l = &lookahead[T]{pull: pull, entry: entry}
	l.step()
	return l, stop
}

// step goes one element on, and gives the one that was next.
func (l *lookahead[T]) step() *T {
	was := l.next
	t, err, more := l.pull()
	l.next, l.err = nil, err
	if !more || err != nil {
		return was
	}
	if was != nil {
		if a, b := l.entry(*was), l.entry(t); compare(a, b) >= 0 {
			l.err = fmt.Errorf("+%s comes after +%s, which is out of order", b.Digits, a.Digits)
			return was
		}
	}
	l.next = &t
	return was
}
