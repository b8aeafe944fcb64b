-- +goose Up

-- What is done with callers from some countries (screening.Countries): '' for no rules.
ALTER TABLE households ADD COLUMN countries TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE households DROP COLUMN countries;
