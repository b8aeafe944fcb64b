-- +goose Up

-- PhoneBlock may be asked of callers whom nobody in the house knows. An owner has chosen so.
ALTER TABLE subscriptions ADD COLUMN asks INTEGER NOT NULL DEFAULT 0 CHECK (asks IN (0, 1) AND (asks = 0 OR kind = 'phoneblock'));

-- What was asked within a day, so that nothing is asked twice in one, nor too much. Of the number there is only a mark, which cannot
-- be turned back into it without the key; and after the day there is nothing.
CREATE TABLE inquiries (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    mark         BLOB    NOT NULL,
    at           INTEGER NOT NULL, -- seconds
    said         TEXT    NOT NULL DEFAULT '', -- the answer, for people; '': there was none
    spam         INTEGER NOT NULL DEFAULT 0 CHECK (spam IN (0, 1)),
    PRIMARY KEY (household_id, mark)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE inquiries;
ALTER TABLE subscriptions DROP COLUMN asks;
