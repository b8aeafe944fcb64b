-- +goose Up

-- Whether somebody's alerts of messages have their words.
ALTER TABLE notify_channels ADD COLUMN words INTEGER NOT NULL DEFAULT 0 CHECK (words IN (0, 1));

-- The words of a message go with it, from alerts as well.
-- +goose StatementBegin
CREATE TRIGGER alerts_of_messages_go AFTER DELETE ON recordings WHEN OLD.kind = 'message' BEGIN
    DELETE FROM notify_outbox WHERE call_id = OLD.call_id AND event = 'message-left';
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER alerts_of_messages_go;
ALTER TABLE notify_channels DROP COLUMN words;
