package store

import (
	"encoding/json"

	"ringfence/screening"
	"ringfence/store/columns"
)

// keys are the keys of numbers as a JSON array.
func keys(numbers []screening.Number) (string, error) {
	all := make([]int64, len(numbers))
	for i, n := range numbers {
		all[i] = n.Key()
	}
	text, err := json.Marshal(all)
	return string(text), err
}

// numbersAsKeys reads numbers from a JSON array of their keys.
type numbersAsKeys struct{ into *[]screening.Number }

// Scan implements sql.Scanner.
func (n numbersAsKeys) Scan(src any) error {
	*n.into = nil
	if src == nil {
		return nil
	}
	var all []int64
	if err := columns.ScanJSON(&all).Scan(src); err != nil {
		return err
	}
	for _, key := range all {
		var one screening.Number
		if err := columns.ScanNumber(&one).Scan(key); err != nil {
			return err
		}
		*n.into = append(*n.into, one)
	}
	return nil
}
