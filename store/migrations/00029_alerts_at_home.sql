-- +goose Up

-- Whether alerts may go to addresses in a home network: an owner's choice for a household. The ways that were set up before there was a choice
-- go on working, a Home Assistant's for instance.
ALTER TABLE households ADD COLUMN alerts_at_home INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notify_channels ADD COLUMN at_home INTEGER NOT NULL DEFAULT 0;
UPDATE notify_channels SET at_home = 1;

-- +goose Down
ALTER TABLE notify_channels DROP COLUMN at_home;
ALTER TABLE households DROP COLUMN alerts_at_home;
