-- +goose Up

-- A subscription may be to a plain file of numbers at an address, or to a list that comes with Ringfence. Only the check of kind has
-- to change, which takes another table.
CREATE TABLE subscriptions_new (
    list_id    INTEGER PRIMARY KEY REFERENCES lists(id) ON DELETE CASCADE,
    url        TEXT    NOT NULL, -- of the folder, or of the file
    public_key TEXT    NOT NULL, -- '': it is not signed
    only_warns INTEGER NOT NULL CHECK (only_warns IN (0, 1)), -- not signed, and the owner has not said otherwise
    period_s   INTEGER NOT NULL CHECK (period_s > 0),
    made_by    TEXT    NOT NULL DEFAULT '', -- as added_by of blocks
    serial      INTEGER NOT NULL DEFAULT 0, -- 0: there are none yet; of a file, how often its numbers have changed
    made_at     INTEGER NOT NULL DEFAULT 0,
    valid_until INTEGER NOT NULL DEFAULT 0,
    title       TEXT    NOT NULL DEFAULT '',
    publisher   TEXT    NOT NULL DEFAULT '',
    purpose     TEXT    NOT NULL DEFAULT '',
    licence     TEXT    NOT NULL DEFAULT '',
    contact     TEXT    NOT NULL DEFAULT '',
    appeals     TEXT    NOT NULL DEFAULT '',
    etag     TEXT NOT NULL DEFAULT '',
    modified TEXT NOT NULL DEFAULT '',
    begun_at   INTEGER NOT NULL,
    checked_at INTEGER NOT NULL DEFAULT 0, -- the last time that went well
    changed_at INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    failures   INTEGER NOT NULL DEFAULT 0, -- in a row
    error      TEXT    NOT NULL DEFAULT '', -- the last of them
    told       INTEGER NOT NULL DEFAULT 0,  -- how much the carers have been told of its growing stale
    kind TEXT NOT NULL DEFAULT 'list' CHECK (kind IN ('list', 'phoneblock', 'file', 'ready')),
    api_key TEXT NOT NULL DEFAULT '' CHECK ((kind = 'phoneblock') = (api_key <> '')),
    asks INTEGER NOT NULL DEFAULT 0 CHECK (asks IN (0, 1) AND (asks = 0 OR kind = 'phoneblock')),
    chosen_column TEXT NOT NULL DEFAULT '', -- of a file: the heading or position that somebody has chosen; '': it was certain
    hash          TEXT NOT NULL DEFAULT '', -- of a file: the SHA-256 of what is in force
    -- Contents that differ so much that somebody has to look at them first.
    held_version INTEGER,                   -- of list_versions
    held_hash    TEXT NOT NULL DEFAULT '',
    held_at      INTEGER NOT NULL DEFAULT 0 -- when they came
) STRICT;
INSERT INTO subscriptions_new (list_id, url, public_key, only_warns, period_s, made_by, serial, made_at, valid_until, title, publisher,
        purpose, licence, contact, appeals, etag, modified, begun_at, checked_at, changed_at, next_at, failures, error, told, kind, api_key, asks)
    SELECT list_id, url, public_key, only_warns, period_s, made_by, serial, made_at, valid_until, title, publisher,
        purpose, licence, contact, appeals, etag, modified, begun_at, checked_at, changed_at, next_at, failures, error, told, kind, api_key, asks
    FROM subscriptions;
DROP TABLE subscriptions;
ALTER TABLE subscriptions_new RENAME TO subscriptions;
CREATE INDEX subscriptions_due ON subscriptions(next_at);

-- +goose Down
-- What there is of such a list stays, as one that was imported.
DELETE FROM subscriptions WHERE kind IN ('file', 'ready');
DELETE FROM lists WHERE version_id IS NULL AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = lists.id)
    AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list_id = lists.id);
ALTER TABLE subscriptions DROP COLUMN chosen_column;
ALTER TABLE subscriptions DROP COLUMN hash;
ALTER TABLE subscriptions DROP COLUMN held_version;
ALTER TABLE subscriptions DROP COLUMN held_hash;
ALTER TABLE subscriptions DROP COLUMN held_at;
