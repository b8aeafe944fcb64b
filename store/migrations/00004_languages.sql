-- +goose Up
-- In which language a contact is spoken to; '' is the household's.
ALTER TABLE contacts ADD COLUMN language TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE contacts DROP COLUMN language;
