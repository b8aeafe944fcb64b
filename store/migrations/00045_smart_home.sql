-- What a smart home is shown of a household over MQTT (off, calls or words), and whether it may change the mode and press keys. Nothing, as before.

-- +goose Up
ALTER TABLE households ADD COLUMN smart_home TEXT NOT NULL DEFAULT 'off';
ALTER TABLE households ADD COLUMN smart_home_keys INTEGER NOT NULL DEFAULT 0 CHECK (smart_home_keys IN (0, 1));

-- +goose Down
ALTER TABLE households DROP COLUMN smart_home_keys;
ALTER TABLE households DROP COLUMN smart_home;
