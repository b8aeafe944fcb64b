package backend

import (
	"slices"
	"testing"

	"ringfence/store"
	"ringfence/store/people"
)

// Whoever looks after messages, or takes everything away, may hear what was said, and is a carer or an owner as well.
func TestWhoMayDoWhat(t *testing.T) {
	for _, c := range []struct {
		role  store.Role
		hears bool
		may   []Permission
	}{
		{store.RoleViewer, false, []Permission{See}},
		{store.RoleViewer, true, []Permission{See, Hear}},
		{store.RoleCarer, false, []Permission{See, Change}},
		{store.RoleCarer, true, []Permission{See, Hear, Change, Tend}},
		{store.RoleOwner, false, []Permission{See, Change, Own}},
		{store.RoleOwner, true, []Permission{See, Hear, Change, Tend, Own, Take}},
		{"", true, nil},
	} {
		v := &Visitor{Person: people.Person{ID: 1}, Role: c.role, Hears: c.hears}
		for _, needs := range []Permission{See, Hear, Change, Tend, Own, Take} {
			if may := v.May(needs) == nil; may != slices.Contains(c.may, needs) {
				t.Errorf("%q, who hears: %v, has permission %d: %v", c.role, c.hears, needs, may)
			}
		}
	}
}
