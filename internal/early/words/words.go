// Package words takes zxcvbn's lists of words before zxcvbn makes dictionaries of them: in every process as soon as that starts, which took half of all
// that a command costs, and 6 MB.
//
// Go initialises packages in the order of their import paths (go.dev/ref/spec#Package_initialization), each after what it imports. So this is in a module
// of its own, whose path comes before github.com.
package words

import "github.com/trustelem/zxcvbn/frequency"

// Lists are the lists by their names, the commonest word of each first.
var Lists = frequency.FrequencyLists

func init() { frequency.FrequencyLists = nil }
