-- +goose Up

-- What is done with callers whose words sound like a scam, whether a phone's display shows a caller's words, and whether the month's report has them.
ALTER TABLE households ADD COLUMN scam_words TEXT NOT NULL DEFAULT 'warn';
ALTER TABLE households ADD COLUMN display_words INTEGER NOT NULL DEFAULT 1 CHECK (display_words IN (0, 1));
ALTER TABLE households ADD COLUMN report_words INTEGER NOT NULL DEFAULT 0 CHECK (report_words IN (0, 1));

-- +goose Down
ALTER TABLE households DROP COLUMN report_words;
ALTER TABLE households DROP COLUMN display_words;
ALTER TABLE households DROP COLUMN scam_words;
