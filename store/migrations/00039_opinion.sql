-- +goose Up

-- How the words sound to a language model of the owner's own, '' where it does not warn or was not asked, and why in its words. They go wherever the
-- words go.
ALTER TABLE recordings ADD COLUMN opinion TEXT NOT NULL DEFAULT '';
ALTER TABLE recordings ADD COLUMN opinion_sentence TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE recordings DROP COLUMN opinion_sentence;
ALTER TABLE recordings DROP COLUMN opinion;
