-- +goose Up

-- Whether somebody's alerts of messages have their words.
ALTER TABLE notify_channels ADD COLUMN words INTEGER NOT NULL DEFAULT 0 CHECK (words IN (0, 1));

-- +goose Down
ALTER TABLE notify_channels DROP COLUMN words;
