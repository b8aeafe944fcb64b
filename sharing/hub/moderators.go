package hub

import (
	"context"
	"time"

	"ringfence/accounts"
	"ringfence/store/people"
)

// moderatorTables are the tables with the moderators' accounts. The addresses that they sign in from are not kept.
var moderatorTables = people.Tables{Accounts: "moderators", Whose: "moderator_id", Sessions: "sessions", Lasts: 14 * 24 * time.Hour}

// AddModerator adds a moderator, who has no password yet. The error is a people.Refusal for a bad name or address, or an address that
// somebody has already.
func (h *Hub) AddModerator(ctx context.Context, name, email string, by accounts.By) (m people.Person, err error) {
	err = h.Together(ctx, func(ctx context.Context) error {
		if m, err = h.People.Add(ctx, name, email); err != nil {
			return err
		}
		return h.LogAccount(ctx, accounts.Deed{Word: ModeratorAdded, About: m, By: by})
	})
	return m, err
}

// RemoveModerator deletes a moderator's account, and signs them out at once. What they have decided stays.
func (h *Hub) RemoveModerator(ctx context.Context, m people.Person, by accounts.By) error {
	return accounts.Do(ctx, h, accounts.Deed{Word: ModeratorRemoved, About: m, By: by}, func(ctx context.Context) error {
		return h.People.Remove(ctx, m.ID)
	})
}
