-- +goose Up

-- What a household is called on pages, and what stands in ringfence.toml for all: '' and 0 are that. The name in
-- ringfence.toml stays the household's key.
ALTER TABLE households ADD COLUMN title       TEXT    NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN region      TEXT    NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN keep_days   INTEGER NOT NULL DEFAULT 0 CHECK (keep_days >= 0);
ALTER TABLE households ADD COLUMN finished_at INTEGER NOT NULL DEFAULT 0; -- when it was set up in the browser; 0: not yet

-- +goose Down
ALTER TABLE households DROP COLUMN finished_at;
ALTER TABLE households DROP COLUMN keep_days;
ALTER TABLE households DROP COLUMN region;
ALTER TABLE households DROP COLUMN title;
