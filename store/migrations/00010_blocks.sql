-- +goose Up

-- Who made a block: a person's name, 'telephone', 'command line', or '' where nobody knows.
ALTER TABLE blocks ADD COLUMN added_by TEXT NOT NULL DEFAULT '';

-- The callers that a household has reported as a nuisance. A report stays when it is withdrawn, for the record, and comes back
-- when the number is reported again.
CREATE TABLE reports (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    category     TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    reported_by  TEXT    NOT NULL DEFAULT '', -- as added_by
    withdrawn_at INTEGER,                     -- NULL: it stands
    PRIMARY KEY (household_id, number)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE reports;
ALTER TABLE blocks DROP COLUMN added_by;
