package household

import (
	"context"
	"errors"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/export"
)

// Export makes an export of all that is kept of the household, for an owner who may hear its recordings: it has them all. It is logged before anybody gets
// it, and has to be closed.
func (a Admin) Export(ctx context.Context) (*export.Export, Done, error) {
	e, err := export.Make(ctx, a.Store, a.Household, a.Now)
	switch {
	case errors.Is(err, store.ErrLogWaits):
		return nil, Done{}, errLogWaits
	case errors.Is(err, store.ErrOneSnapshot):
		return nil, Done{}, refuseAs(Conflict, "An export is being made. Try again in a minute.")
	case errors.Is(err, export.ErrNoRoom):
		return nil, Done{}, refuseAs(Conflict, "%s", screening.Sentence(export.ErrNoRoom))
	case err != nil:
		return nil, Done{}, err
	}
	done, err := a.log(ctx, Exported, "Somebody exported everything that is kept about this household: "+screening.Counted(e.Calls, "call", "calls")+" and "+
		screening.Counted(e.Recordings, "recording", "recordings")+".")
	if err != nil {
		return nil, done, errors.Join(err, e.Close())
	}
	return e, done, nil
}
