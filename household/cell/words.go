package cell

import "ringfence/household"

// What the audit log calls deeds about lines and households. They are a contract: added, never renamed.
const (
	HouseholdAdded     household.Word = "household-added"
	HouseholdChanged   household.Word = "household-changed"
	HouseholdRemoved   household.Word = "household-removed"
	TrunkAdded         household.Word = "trunk-added"
	TrunkChanged       household.Word = "trunk-changed"
	TrunkRemoved       household.Word = "trunk-removed"
	HouseholdsImported household.Word = "households-imported"
)
