package hub

import (
	"context"
	"database/sql"
	"time"

	"ringfence/store/codes"
)

// moderatorCodes are where the codes of moderators stand.
var moderatorCodes = codes.Tables{Accounts: "moderators", Recovery: "recovery_codes", Whose: "moderator_id"}

// SetTOTP switches codes by an app on, as codes.Tables.Set does, and returns recovery codes, which are shown once.
func (h *Hub) SetTOTP(ctx context.Context, id int64, secret string, step int64, by By) (recovery []string, err error) {
	err = h.account(ctx, id, CodesOn, by, func(tx *sql.Tx) (err error) {
		recovery, _, err = moderatorCodes.Set(ctx, tx, id, secret, step)
		return err
	})
	return recovery, err
}

// NewRecoveryCodes replaces a moderator's recovery codes by ten new ones.
func (h *Hub) NewRecoveryCodes(ctx context.Context, id int64, by By) (recovery []string, err error) {
	err = h.account(ctx, id, RecoveryMade, by, func(tx *sql.Tx) (err error) {
		recovery, err = moderatorCodes.Renew(ctx, tx, id)
		return err
	})
	return recovery, err
}

// RemoveTOTP switches codes by an app off, and forgets the recovery codes.
func (h *Hub) RemoveTOTP(ctx context.Context, id int64, by By) error {
	return h.account(ctx, id, CodesOff, by, func(tx *sql.Tx) error {
		_, err := moderatorCodes.Remove(ctx, tx, id)
		return err
	})
}

// UseTOTPStep takes a time step's code as used, once.
func (h *Hub) UseTOTPStep(ctx context.Context, id, step int64) (bool, error) {
	return moderatorCodes.UseStep(ctx, h.write, id, step)
}

// UseRecoveryCode takes a recovery code, once.
func (h *Hub) UseRecoveryCode(ctx context.Context, id int64, code string, now time.Time) (used bool, err error) {
	err = h.do(ctx, func(tx *sql.Tx) error {
		if used, err = moderatorCodes.UseRecovery(ctx, tx, id, code); err != nil || !used {
			return err
		}
		m, _, err := moderator(ctx, tx, id)
		if err != nil {
			return err
		}
		return note(ctx, tx, RecoveryUsed, m.Name, By{m.Name, now})
	})
	return used, err
}

// RecoveryCodesLeft counts a moderator's unused recovery codes.
func (h *Hub) RecoveryCodesLeft(ctx context.Context, id int64) (int, error) {
	return moderatorCodes.Left(ctx, h.read, id)
}
