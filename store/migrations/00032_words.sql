-- +goose Up

-- What a machine read in a recording: '' is no words, NULL is not read. They go wherever the recording goes.
ALTER TABLE recordings ADD COLUMN words TEXT;
ALTER TABLE recordings ADD COLUMN words_unsure INTEGER NOT NULL DEFAULT 0 CHECK (words_unsure IN (0, 1));

-- +goose Down
ALTER TABLE recordings DROP COLUMN words_unsure;
ALTER TABLE recordings DROP COLUMN words;
