-- +goose Up

-- Whoever asks which calls go on need not look through all that are over.
CREATE INDEX calls_open ON calls(household_id) WHERE ended_ms IS NULL;

-- +goose Down
DROP INDEX calls_open;
