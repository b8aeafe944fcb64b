package addressbook

import (
	"context"

	"ringfence/screening"
	"ringfence/store"
)

// Of reads what a household has already. own is its line's number, "" if it is not known.
func Of(ctx context.Context, db *store.Store, household, region string, own screening.Number) (Household, error) {
	h := Household{Region: region, Own: own}
	var err error
	if h.Contacts, err = db.Contacts(ctx, household); err != nil {
		return Household{}, err
	}
	blocks, err := db.Blocks(ctx, household)
	for _, b := range blocks {
		h.Blocks = append(h.Blocks, b.Block)
	}
	return h, err
}
