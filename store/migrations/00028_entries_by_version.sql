-- +goose Up

-- The entries of a version stand together, in the order of their numbers. Where those of all lists stood between each other, a new
-- list of a million beside others of nine wrote nearly every page of the table anew, and to clear an old one away did so again.
CREATE TABLE entries_by_version (
    version_id  INTEGER NOT NULL, -- no foreign key: emptying an old version goes by it, in pieces
    number      INTEGER NOT NULL, -- a whole number, or the first digits of one
    is_prefix   INTEGER NOT NULL CHECK (is_prefix IN (0, 1)),
    confidence  REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    category    TEXT    NOT NULL DEFAULT '',
    note        TEXT    NOT NULL DEFAULT '',
    reporters   INTEGER NOT NULL DEFAULT 0, -- at least so many have reported it; 0 is not known
    first_day   INTEGER NOT NULL DEFAULT 0,
    last_day    INTEGER NOT NULL DEFAULT 0,
    expires_day INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (version_id, number, is_prefix)
) STRICT, WITHOUT ROWID;
INSERT INTO entries_by_version SELECT version_id, number, is_prefix, confidence, category, note, reporters, first_day, last_day, expires_day
    FROM list_entries ORDER BY version_id, number, is_prefix;
DROP TABLE list_entries;
ALTER TABLE entries_by_version RENAME TO list_entries;
-- There are few prefixes, and every call looks for those that its number begins with.
CREATE INDEX list_prefixes ON list_entries(number) WHERE is_prefix = 1;

-- +goose Down
CREATE TABLE entries_by_number (
    number      INTEGER NOT NULL,
    is_prefix   INTEGER NOT NULL CHECK (is_prefix IN (0, 1)),
    version_id  INTEGER NOT NULL,
    confidence  REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    category    TEXT    NOT NULL DEFAULT '',
    note        TEXT    NOT NULL DEFAULT '',
    reporters   INTEGER NOT NULL DEFAULT 0,
    first_day   INTEGER NOT NULL DEFAULT 0,
    last_day    INTEGER NOT NULL DEFAULT 0,
    expires_day INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (number, is_prefix, version_id)
) STRICT, WITHOUT ROWID;
INSERT INTO entries_by_number SELECT number, is_prefix, version_id, confidence, category, note, reporters, first_day, last_day, expires_day
    FROM list_entries ORDER BY number, is_prefix, version_id;
DROP TABLE list_entries;
ALTER TABLE entries_by_number RENAME TO list_entries;
