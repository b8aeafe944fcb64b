-- +goose Up

-- What a published list says of a number beside what callers are told. Days are counted from 1 January 1970, in UTC; 0 is not
-- known, and of expires_day never: from that day on the entry counts no more.
ALTER TABLE list_entries ADD COLUMN reporters INTEGER NOT NULL DEFAULT 0; -- at least so many have reported it; 0 is not known
ALTER TABLE list_entries ADD COLUMN first_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE list_entries ADD COLUMN last_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE list_entries ADD COLUMN expires_day INTEGER NOT NULL DEFAULT 0;

-- A list that is got from an address and kept up to date. Times are seconds; 0 is never.
CREATE TABLE subscriptions (
    list_id    INTEGER PRIMARY KEY REFERENCES lists(id) ON DELETE CASCADE,
    url        TEXT    NOT NULL, -- of the folder
    public_key TEXT    NOT NULL, -- '': it is not signed
    only_warns INTEGER NOT NULL CHECK (only_warns IN (0, 1)), -- not signed, and the owner has not said otherwise
    period_s   INTEGER NOT NULL CHECK (period_s > 0),
    made_by    TEXT    NOT NULL DEFAULT '', -- as added_by of blocks
    -- What the manifest says of the contents that are in force.
    serial      INTEGER NOT NULL DEFAULT 0, -- 0: there are none yet
    made_at     INTEGER NOT NULL DEFAULT 0,
    valid_until INTEGER NOT NULL DEFAULT 0,
    title       TEXT    NOT NULL DEFAULT '',
    publisher   TEXT    NOT NULL DEFAULT '',
    purpose     TEXT    NOT NULL DEFAULT '',
    licence     TEXT    NOT NULL DEFAULT '',
    contact     TEXT    NOT NULL DEFAULT '',
    appeals     TEXT    NOT NULL DEFAULT '',
    -- What the server said of that manifest, for asking whether there is another.
    etag     TEXT NOT NULL DEFAULT '',
    modified TEXT NOT NULL DEFAULT '',
    -- How getting it went.
    begun_at   INTEGER NOT NULL,
    checked_at INTEGER NOT NULL DEFAULT 0, -- the last time that went well
    changed_at INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    failures   INTEGER NOT NULL DEFAULT 0, -- in a row
    error      TEXT    NOT NULL DEFAULT '', -- the last of them
    told       INTEGER NOT NULL DEFAULT 0  -- how much the carers have been told of its growing stale
) STRICT;
CREATE INDEX subscriptions_due ON subscriptions(next_at);

-- What an update changes of a list's contents is written here, beside calls. Then it comes into force at once, by the list's
-- update_id: what stands here overrules what stands in list_entries. Then it is brought into list_entries in small pieces, each of
-- which leaves what is in force as it is; and the list lets go of it.
ALTER TABLE list_versions ADD COLUMN is_update INTEGER NOT NULL DEFAULT 0 CHECK (is_update IN (0, 1));
ALTER TABLE lists ADD COLUMN update_id INTEGER; -- of list_versions
CREATE INDEX lists_updating ON lists(household_id) WHERE update_id IS NOT NULL;
CREATE TABLE list_changes (
    version_id  INTEGER NOT NULL, -- no foreign key, as in list_entries
    number      INTEGER NOT NULL,
    is_prefix   INTEGER NOT NULL CHECK (is_prefix IN (0, 1)),
    removed     INTEGER NOT NULL CHECK (removed IN (0, 1)), -- the rest says nothing
    confidence  REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    category    TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    reporters   INTEGER NOT NULL,
    first_day   INTEGER NOT NULL,
    last_day    INTEGER NOT NULL,
    expires_day INTEGER NOT NULL,
    PRIMARY KEY (version_id, number, is_prefix)
) STRICT, WITHOUT ROWID;

-- +goose Down
INSERT OR REPLACE INTO list_entries (number, is_prefix, version_id, confidence, category, note)
    SELECT number, is_prefix, l.version_id, confidence, category, note FROM lists l JOIN list_changes c ON c.version_id = l.update_id WHERE removed = 0;
DELETE FROM list_entries WHERE (number, is_prefix, version_id) IN
    (SELECT number, is_prefix, l.version_id FROM lists l JOIN list_changes c ON c.version_id = l.update_id WHERE removed = 1);
DROP TABLE list_changes;
DROP INDEX lists_updating;
ALTER TABLE lists DROP COLUMN update_id;
DELETE FROM list_versions WHERE is_update = 1;
ALTER TABLE list_versions DROP COLUMN is_update;
DROP TABLE subscriptions;
DELETE FROM lists WHERE version_id IS NULL AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list_id = lists.id);
ALTER TABLE list_entries DROP COLUMN expires_day;
ALTER TABLE list_entries DROP COLUMN last_day;
ALTER TABLE list_entries DROP COLUMN first_day;
ALTER TABLE list_entries DROP COLUMN reporters;
