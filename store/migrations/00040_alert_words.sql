-- +goose Up

-- What a caller said in an alert stands apart from the rest, so that it is sent only to somebody who may still hear it, and still wants that.
ALTER TABLE notify_outbox ADD COLUMN words TEXT NOT NULL DEFAULT '';

-- +goose Down
UPDATE notify_outbox SET text = text || ' ' || words WHERE words <> '';
ALTER TABLE notify_outbox DROP COLUMN words;
