-- +goose Up

-- What a caller said goes from alerts as soon as it is sent, and with the call or the recording that it was said in.
UPDATE notify_outbox SET words = '' WHERE words <> '' AND (sent_at IS NOT NULL OR call_id IS NULL);

-- When a call is deleted, its alerts forget it before its recordings go, so the trigger of recordings finds none any more.
-- +goose StatementBegin
CREATE TRIGGER words_of_calls_go BEFORE DELETE ON calls BEGIN
    UPDATE notify_outbox SET words = '' WHERE call_id = OLD.id AND words <> '';
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER words_of_recordings_go AFTER DELETE ON recordings BEGIN
    UPDATE notify_outbox SET words = '' WHERE call_id = OLD.call_id AND words <> '';
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER words_of_recordings_go;
DROP TRIGGER words_of_calls_go;
