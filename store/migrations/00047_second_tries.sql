-- +goose Up

-- How soon a stranger has to call again to ring, and for how long strangers may only leave a message after somebody was sent away; 0 is never.
ALTER TABLE households ADD COLUMN second_try_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE households ADD COLUMN hold_strangers_s INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE households DROP COLUMN hold_strangers_s;
ALTER TABLE households DROP COLUMN second_try_s;
