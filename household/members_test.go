package household

import (
	"testing"

	"ringfence/store"
)

// Pages call roles what sentences call them.
func TestRoleName(t *testing.T) {
	t.Parallel()
	for role, want := range map[store.Role]string{store.RoleOwner: "Owner", store.RoleCarer: "Carer", store.RoleViewer: "Viewer"} {
		if got := RoleName(role); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
