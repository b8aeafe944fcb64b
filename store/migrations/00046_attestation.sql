-- +goose Up

-- What is done with callers of whom the network says something.
ALTER TABLE households ADD COLUMN if_forged TEXT NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN if_spam_name TEXT NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN if_attestation_a TEXT NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN if_attestation_b TEXT NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN if_attestation_c TEXT NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN if_attestation_none TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE households DROP COLUMN if_attestation_none;
ALTER TABLE households DROP COLUMN if_attestation_c;
ALTER TABLE households DROP COLUMN if_attestation_b;
ALTER TABLE households DROP COLUMN if_attestation_a;
ALTER TABLE households DROP COLUMN if_spam_name;
ALTER TABLE households DROP COLUMN if_forged;
