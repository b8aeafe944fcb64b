package list

import (
	"cmp"
	"fmt"
	"iter"
)

// diff is the delta that turns old into fresh.
func diff(old, fresh iter.Seq2[Entry, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for p, err := range merge(additions(old), additions(fresh)) {
			var c Change
			switch {
			case err != nil:
			case p.right == nil:
				c = Change{Entry{Digits: p.left.Digits, Prefix: p.left.Prefix}, true}
			case p.left != nil && *p.left == *p.right:
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

// compose is the delta that does what first does, and then second.
func compose(first, second iter.Seq2[Change, error]) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for p, err := range merge(first, second) {
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

// pair is what two sequences have about one number; nil if one has nothing.
type pair struct{ left, right *Change }

// merge goes through two sequences side by side, in the order of their numbers.
func merge(left, right iter.Seq2[Change, error]) iter.Seq2[pair, error] {
	return func(yield func(pair, error) bool) {
		l, stopLeft := ahead(left)
		defer stopLeft()
		r, stopRight := ahead(right)
		defer stopRight()
		for l.err == nil && r.err == nil && (l.next != nil || r.next != nil) {
			var p pair
			order := 0
			switch {
			case r.next == nil:
				order = -1
			case l.next == nil:
				order = 1
			default:
				order = compare(l.next.Entry, r.next.Entry)
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
		}
		if err := cmp.Or(l.err, r.err); err != nil {
			yield(pair{}, err)
		}
	}
}

// lookahead is a sequence whose next element is known.
type lookahead struct {
	pull func() (Change, error, bool)
	next *Change // nil: there is none
	err  error
}

func ahead(from iter.Seq2[Change, error]) (l *lookahead, stop func()) {
	pull, stop := iter.Pull2(from)
	l = &lookahead{pull: pull}
	l.step()
	return l, stop
}

// step moves on by one element, and returns the one that was next.
func (l *lookahead) step() *Change {
	was := l.next
	c, err, more := l.pull()
	l.next, l.err = nil, err
	if !more || err != nil {
		return was
	}
	if was != nil && compare(was.Entry, c.Entry) >= 0 {
		l.err = fmt.Errorf("+%s comes after +%s, which is out of order", c.Digits, was.Digits)
		return was
	}
	l.next = &c
	return was
}
