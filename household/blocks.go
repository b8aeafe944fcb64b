package household

import (
	"context"
	"strings"

	"ringfence/screening"
)

// BlockNumber turns a caller's number away from now on. A contact's is refused: anybody can show a daughter's number.
func (a Admin) BlockNumber(ctx context.Context, n screening.Number, note string) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		who := a.national(n)
		if whose, never := screening.NeverBlocked(n, a.Region); never {
			return change{}, refuse("%s can't be blocked: it is %s.", who, whose)
		}
		if _, blocked, err := a.Store.ExactBlock(ctx, a.Household, n); err != nil || blocked {
			return change{sentence: who + " is blocked already."}, err
		}
		blocked, err := a.Store.BlockNumber(ctx, a.Household, n, note, false)
		if err != nil {
			return change{}, err
		}
		if !blocked {
			return change{}, refuse("%s belongs to a contact, and contacts always get through. To block it, remove it from the contact first.", who)
		}
		return change{
			word: BlockAdded, sentence: who + " is blocked: it won't ring any more.", after: who,
			undo: &undo{What: BlockAdded, Number: n},
		}, nil
	})
}

func (a Admin) undoBlock(ctx context.Context, u undo) (change, error) {
	_, err := a.Store.RemoveBlock(ctx, a.Household, strings.TrimPrefix(string(u.Number), "+"), false)
	return change{sentence: a.national(u.Number) + " isn't blocked any more."}, err
}
