package household

import (
	"testing"

	"ringfence/screening"
	"ringfence/store"
)

// A machine decides only where an owner has chosen that; a carer may take that back, and choose everything else.
func TestOnlyAnOwnerLetsAMachineDecide(t *testing.T) {
	owner := admin(t)
	owner.Actor.Role = store.RoleOwner
	carer := owner
	carer.Actor.Role = store.RoleCarer
	set := func(a Admin, value string) error {
		_, err := a.SetOptions(t.Context(), "", map[string]string{"scam-words": value})
		return err
	}
	for _, value := range []string{"message", "turn-away"} {
		if err := set(carer, value); !refusedAs(err, NotAllowed) {
			t.Errorf("a carer chooses %s: %v", value, err)
		}
		if err := set(owner, value); err != nil {
			t.Errorf("an owner chooses %s: %v", value, err)
		}
		if err := set(carer, "watch"); err != nil || chosen(t, owner).ScamWords != screening.ScamWatch {
			t.Errorf("a carer takes it back: %v", err)
		}
	}
}
