package api

import (
	"errors"
	"net/http"

	"ringfence/screening"
	"ringfence/store/lists"
	"ringfence/web/backend"
)

// listsAPI is for lists of scam numbers.
type listsAPI struct{ *API }

// shownChanges is how many numbers of each kind the changes of a list name.
const shownChanges = 100

// listEntryJSON is a number of a list.
type listEntryJSON struct {
	Number     string  `json:"number"`
	Prefix     bool    `json:"prefix"`
	Confidence float64 `json:"confidence"`
	Category   string  `json:"category"`
	Note       string  `json:"note"`
}

func toListEntry(e lists.Entry) listEntryJSON {
	return listEntryJSON{Number: string(screening.NumberOf(e.Digits)), Prefix: e.Prefix, Confidence: e.Confidence, Category: e.Category, Note: e.Note}
}

var errNothingHeld = backend.RefuseAs(http.StatusNotFound, "No changes of this list wait for anybody.")

// heldChanges are new contents of a list that wait for somebody to look at them.
func (a listsAPI) heldChanges(r *http.Request, v *backend.Visitor) (any, error) {
	sub, err := a.Store.Lists.Subscription(r.Context(), v.Household.Name, r.PathValue("list"))
	if errors.Is(err, lists.ErrNoSubscription) {
		return nil, errNothingHeld
	}
	if err != nil {
		return nil, err
	}
	changes, err := a.Store.Lists.HeldDifferences(r.Context(), sub, shownChanges)
	if errors.Is(err, lists.ErrNotHeld) {
		return nil, errNothingHeld
	}
	return struct {
		Version int64           `json:"version"`
		Added   int             `json:"added"`
		Changed int             `json:"changed"`
		Removed int             `json:"removed"`
		Entries int             `json:"entries"`
		New     []listEntryJSON `json:"new"`
		Off     []listEntryJSON `json:"off"`
	}{sub.Held.Version, changes.Added, changes.Changed, changes.Removed, changes.Entries, list(changes.New, toListEntry), list(changes.Off, toListEntry)}, err
}

// acceptChanges puts them in force: those of the version that somebody has looked at.
func (a listsAPI) acceptChanges(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Version int64 `json:"version"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	_, err := a.Admin(v).AcceptListChanges(r.Context(), r.PathValue("list"), sent.Version)
	return nil, err
}
