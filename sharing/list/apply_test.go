package list

import "iter"

// Apply makes new contents of old ones and a delta, both in the order of a list. Taking off what is not there changes nothing. An
// error of either ends the sequence.
func Apply(old iter.Seq2[Entry, error], changes iter.Seq2[Change, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for p, err := range merge(additions(old), changes) {
			switch {
			case err != nil:
				yield(Entry{}, err)
				return
			case p.right == nil:
				if !yield(p.left.Entry, nil) {
					return
				}
			case !p.right.Remove:
				if !yield(p.right.Entry, nil) {
					return
				}
			}
		}
	}
}
