package household

import (
	"context"
	"errors"
	"strings"

	"ringfence/store"
)

// Viewers read the audit log as well, so none of its sentences has a pass code itself.

// AddPassCode gives somebody a pass code, and returns it; with the code "" one is made.
func (a Admin) AddPassCode(ctx context.Context, name, code string) (added string, done Done, err error) {
	done, err = a.do(ctx, func(ctx context.Context) (c change, err error) {
		added, c, err = a.addPassCode(ctx, strings.TrimSpace(name), code)
		return c, err
	})
	return added, done, err
}

func (a Admin) addPassCode(ctx context.Context, name, code string) (string, change, error) {
	added, err := a.Store.AddPassCode(ctx, a.Household, name, code)
	var unfit *store.UnfitContactError
	if errors.As(err, &unfit) {
		return "", change{}, because(Unfit, err)
	}
	return added, change{
		word: PassCodeAdded, sentence: name + " has a pass code.", after: "a pass code", undo: &undo{What: PassCodeAdded, Name: name, Code: added},
	}, err
}

// RemovePassCode removes somebody's pass code.
func (a Admin) RemovePassCode(ctx context.Context, name string) (Done, error) {
	return a.do(ctx, func(ctx context.Context) (change, error) {
		return a.removePassCode(ctx, strings.TrimSpace(name))
	})
}

func (a Admin) removePassCode(ctx context.Context, name string) (change, error) {
	all, err := a.Store.PassCodes(ctx, a.Household)
	if err != nil {
		return change{}, err
	}
	for _, p := range all {
		if strings.EqualFold(p.Name, name) {
			_, err := a.Store.WithdrawPassCode(ctx, a.Household, p.Name)
			return change{
				word: PassCodeRemoved, sentence: p.Name + " has no pass code any more.", before: "a pass code",
				undo: &undo{What: PassCodeRemoved, Name: p.Name, Code: p.Code},
			}, err
		}
	}
	return change{}, refuseAs(Gone, "%s has no pass code.", name)
}

func (a Admin) undoPassCodeAdded(ctx context.Context, u undo) (change, error) {
	return a.removePassCode(ctx, u.Name)
}

func (a Admin) undoPassCodeRemoved(ctx context.Context, u undo) (change, error) {
	_, c, err := a.addPassCode(ctx, u.Name, u.Code)
	return c, err
}
