-- +goose Up

-- Why it is not certain that a list has the numbers of unwanted callers, as its file was read: no heading says whose they are, for example. Such a list is not
-- published. '' is certain; NULL is not known, of a list that was imported before.
ALTER TABLE list_versions ADD COLUMN doubt TEXT;
UPDATE list_versions SET doubt = '' WHERE list_id IN (SELECT list_id FROM subscriptions WHERE kind <> 'file');

-- +goose Down
ALTER TABLE list_versions DROP COLUMN doubt;
