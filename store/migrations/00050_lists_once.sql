-- +goose Up

-- A list that is downloaded is stored once, for all households that have subscribed to it. It is known by its address, the key that signs it or that it is
-- asked for with, and what its file is read by. Times are seconds; 0 is never.
CREATE TABLE list_sources (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: an update that is too late may still name it
    kind          TEXT NOT NULL CHECK (kind IN ('list', 'phoneblock', 'file', 'ready')),
    url           TEXT NOT NULL,                     -- of the folder, or of the file
    public_key    TEXT NOT NULL,                     -- '': it is not signed
    api_key       TEXT NOT NULL CHECK ((kind = 'phoneblock') = (api_key <> '')), -- a secret
    chosen_column TEXT NOT NULL,                     -- of a file: the heading or position that somebody has chosen; '': it was certain
    region        TEXT NOT NULL,                     -- in which its numbers are read; '': not known yet
    version_id    INTEGER REFERENCES list_versions(id), -- its latest contents
    -- What the manifest says of them.
    serial    INTEGER NOT NULL DEFAULT 0, -- 0: there are none yet; of a file, how often its numbers have changed
    title     TEXT NOT NULL DEFAULT '',
    publisher TEXT NOT NULL DEFAULT '',
    purpose   TEXT NOT NULL DEFAULT '',
    licence   TEXT NOT NULL DEFAULT '',
    contact   TEXT NOT NULL DEFAULT '',
    appeals   TEXT NOT NULL DEFAULT '',
    -- What the server said of that manifest, for asking whether there is another.
    etag     TEXT NOT NULL DEFAULT '',
    modified TEXT NOT NULL DEFAULT '',
    hash     TEXT NOT NULL DEFAULT '', -- of a file: its SHA-256
    -- How getting it went.
    checked_at INTEGER NOT NULL DEFAULT 0, -- the last time that went well
    next_at    INTEGER NOT NULL,
    failures   INTEGER NOT NULL DEFAULT 0, -- in a row
    error      TEXT NOT NULL DEFAULT '', -- the last of them
    UNIQUE (url, kind, public_key, api_key, chosen_column, region)
) STRICT;
CREATE INDEX list_sources_due ON list_sources(next_at);

-- A version has contents of a list that a household has imported itself, or of a source; of neither, once those are gone.
CREATE TABLE versions_of_lists (list_id INTEGER PRIMARY KEY, version_id INTEGER, update_id INTEGER) STRICT;
INSERT INTO versions_of_lists SELECT id, version_id, update_id FROM lists;
UPDATE lists SET version_id = NULL;
DROP INDEX lists_updating;
ALTER TABLE lists DROP COLUMN update_id;
CREATE TABLE new_versions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id     INTEGER REFERENCES lists(id) ON DELETE SET NULL,
    source_id   INTEGER REFERENCES list_sources(id) ON DELETE SET NULL,
    entries     INTEGER NOT NULL DEFAULT 0,
    touched_at  INTEGER NOT NULL, -- when an import last wrote to it
    is_update   INTEGER NOT NULL DEFAULT 0 CHECK (is_update IN (0, 1)),
    update_id   INTEGER, -- of list_versions: what overrules its entries, until it is in them
    doubt       TEXT,
    -- Of a source, what the manifest says of these contents.
    made_at     INTEGER NOT NULL DEFAULT 0,
    valid_until INTEGER NOT NULL DEFAULT 0,
    changed_at  INTEGER NOT NULL DEFAULT 0  -- when they came into force
) STRICT;

-- Of households that have the same list, the contents that were checked last are the source's, or the highest serial of a list that has such. The others keep
-- theirs, so that this changes no verdict; they get those of the source with the next check.
CREATE TABLE sources_of_lists (list_id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, version_id INTEGER, held_version INTEGER) STRICT;
INSERT INTO sources_of_lists SELECT s.list_id, first_value(s.list_id) OVER same, first_value(coalesce(s.held_version, w.version_id)) OVER same, s.held_version
    FROM subscriptions s JOIN lists l ON l.id = s.list_id JOIN households h ON h.id = l.household_id JOIN versions_of_lists w ON w.list_id = l.id
    WINDOW same AS (PARTITION BY s.url, s.kind, s.public_key, s.api_key, s.chosen_column, h.region
        ORDER BY w.version_id IS NULL, iif(s.kind IN ('list', 'phoneblock'), -s.serial, 0), -s.checked_at, s.list_id);
INSERT INTO list_sources (id, kind, url, public_key, api_key, chosen_column, region, serial, title, publisher, purpose, licence, contact, appeals,
        etag, modified, hash, checked_at, next_at, failures, error)
    SELECT list_id, kind, url, public_key, api_key, chosen_column, (SELECT h.region FROM lists l JOIN households h ON h.id = l.household_id WHERE l.id = list_id),
        serial, title, publisher, purpose, licence, contact, appeals, etag, modified, iif(held_version IS NULL, hash, held_hash), checked_at, next_at, failures, error
    FROM subscriptions WHERE list_id IN (SELECT source_id FROM sources_of_lists);
-- What is held will be valid as long as if it had been checked when it came.
INSERT INTO new_versions SELECT v.id, iif(s.list_id IS NULL, v.list_id, NULL), o.source_id, v.entries, v.touched_at, v.is_update, iif(v.id = w.version_id, w.update_id, NULL),
        v.doubt, coalesce(CASE v.id WHEN w.version_id THEN s.made_at WHEN s.held_version THEN s.held_at END, 0),
        coalesce(CASE v.id WHEN w.version_id THEN s.valid_until WHEN s.held_version THEN s.held_at + 30 * 86400 END, 0),
        coalesce(CASE v.id WHEN w.version_id THEN s.changed_at WHEN s.held_version THEN s.held_at END, 0)
    FROM list_versions v JOIN versions_of_lists w ON w.list_id = v.list_id LEFT JOIN subscriptions s ON s.list_id = v.list_id LEFT JOIN sources_of_lists o ON o.list_id = v.list_id;
DELETE FROM sqlite_sequence WHERE name = 'new_versions';
INSERT INTO sqlite_sequence SELECT 'new_versions', seq FROM sqlite_sequence WHERE name = 'list_versions';
DROP TABLE list_versions;
ALTER TABLE new_versions RENAME TO list_versions;
CREATE INDEX list_versions_by_list ON list_versions(list_id);
CREATE INDEX list_versions_by_source ON list_versions(source_id);
CREATE INDEX list_versions_updating ON list_versions(update_id) WHERE update_id IS NOT NULL;
UPDATE lists SET version_id = (SELECT version_id FROM versions_of_lists WHERE list_id = lists.id);
UPDATE list_sources SET version_id = (SELECT version_id FROM sources_of_lists o WHERE o.list_id = list_sources.id);
DROP INDEX lists_by_version;
CREATE INDEX lists_by_version ON lists(version_id, household_id);

-- A subscription has what a household itself has chosen, and what of the source waits for it.
CREATE TABLE new_subscriptions (
    list_id      INTEGER PRIMARY KEY REFERENCES lists(id) ON DELETE CASCADE,
    source_id    INTEGER NOT NULL REFERENCES list_sources(id),
    only_warns   INTEGER NOT NULL CHECK (only_warns IN (0, 1)), -- not signed, and the owner has not said otherwise
    period_s     INTEGER NOT NULL CHECK (period_s > 0),
    made_by      TEXT    NOT NULL DEFAULT '', -- as added_by of blocks
    begun_at     INTEGER NOT NULL,
    told         INTEGER NOT NULL DEFAULT 0, -- how much the carers have been told of its growing stale
    asks         INTEGER NOT NULL DEFAULT 0 CHECK (asks IN (0, 1)),
    -- Contents of the source that differ so much from the household's that somebody has to look at them first.
    held_version INTEGER,                    -- of list_versions
    held_at      INTEGER NOT NULL DEFAULT 0  -- when they came
) STRICT;
INSERT INTO new_subscriptions SELECT s.list_id, o.source_id, only_warns, period_s, made_by, begun_at, told, asks, iif(o.held_version = o.version_id, o.held_version, NULL),
        iif(o.held_version = o.version_id, held_at, 0)
    FROM subscriptions s JOIN sources_of_lists o ON o.list_id = s.list_id;
DROP TABLE subscriptions;
ALTER TABLE new_subscriptions RENAME TO subscriptions;
CREATE INDEX subscriptions_by_source ON subscriptions(source_id, period_s);
DROP TABLE versions_of_lists;
DROP TABLE sources_of_lists;
-- A server knows them by their key, and gave them the list together.
UPDATE blocklist_fetches AS f SET (full_at, asked_at) = (SELECT max(o.full_at), max(o.asked_at) FROM lists mine JOIN subscriptions m ON m.list_id = mine.id
        JOIN subscriptions s ON s.source_id = m.source_id JOIN lists l ON l.id = s.list_id JOIN blocklist_fetches o ON o.household_id = l.household_id AND o.url = f.url
        WHERE mine.household_id = f.household_id AND m.source_id IN (SELECT id FROM list_sources WHERE kind = 'phoneblock' AND url = f.url))
    WHERE EXISTS (SELECT 1 FROM lists l JOIN subscriptions s ON s.list_id = l.id JOIN list_sources c ON c.id = s.source_id
        WHERE l.household_id = f.household_id AND c.kind = 'phoneblock' AND c.url = f.url);

-- +goose Down
INSERT OR REPLACE INTO list_entries (number, is_prefix, version_id, confidence, category, note, reporters, first_day, last_day, expires_day)
    SELECT number, is_prefix, v.id, confidence, category, note, reporters, first_day, last_day, expires_day
    FROM list_versions v JOIN list_changes c ON c.version_id = v.update_id WHERE removed = 0;
DELETE FROM list_entries WHERE (version_id, number, is_prefix) IN
    (SELECT v.id, number, is_prefix FROM list_versions v JOIN list_changes c ON c.version_id = v.update_id WHERE removed = 1);
DELETE FROM list_changes;
UPDATE list_sources SET version_id = NULL, etag = '', modified = '', hash = '' WHERE version_id NOT IN (SELECT version_id FROM lists WHERE version_id IS NOT NULL);
-- Each household has its own.
CREATE TABLE versions_of_lists (list_id INTEGER PRIMARY KEY, version_id INTEGER, was INTEGER) STRICT;
INSERT INTO versions_of_lists SELECT id, iif(id = (SELECT min(o.id) FROM lists o WHERE o.version_id = l.version_id), version_id,
        (SELECT max(seq) FROM sqlite_sequence WHERE name = 'list_versions') + row_number() OVER (ORDER BY id)), version_id
    FROM lists l WHERE version_id IS NOT NULL;
INSERT INTO list_entries (version_id, number, is_prefix, confidence, category, note, reporters, first_day, last_day, expires_day)
    SELECT w.version_id, number, is_prefix, confidence, category, note, reporters, first_day, last_day, expires_day
    FROM versions_of_lists w JOIN list_entries e ON e.version_id = w.was WHERE w.version_id <> w.was ORDER BY w.version_id, number, is_prefix;
CREATE TABLE new_subscriptions (
    list_id    INTEGER PRIMARY KEY REFERENCES lists(id) ON DELETE CASCADE,
    url        TEXT    NOT NULL,
    public_key TEXT    NOT NULL,
    only_warns INTEGER NOT NULL CHECK (only_warns IN (0, 1)),
    period_s   INTEGER NOT NULL CHECK (period_s > 0),
    made_by    TEXT    NOT NULL DEFAULT '',
    serial      INTEGER NOT NULL DEFAULT 0,
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
    checked_at INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    failures   INTEGER NOT NULL DEFAULT 0,
    error      TEXT    NOT NULL DEFAULT '',
    told       INTEGER NOT NULL DEFAULT 0,
    kind TEXT NOT NULL DEFAULT 'list' CHECK (kind IN ('list', 'phoneblock', 'file', 'ready')),
    api_key TEXT NOT NULL DEFAULT '' CHECK ((kind = 'phoneblock') = (api_key <> '')),
    asks INTEGER NOT NULL DEFAULT 0 CHECK (asks IN (0, 1) AND (asks = 0 OR kind = 'phoneblock')),
    chosen_column TEXT NOT NULL DEFAULT '',
    hash          TEXT NOT NULL DEFAULT '',
    held_version INTEGER,
    held_hash    TEXT NOT NULL DEFAULT '',
    held_at      INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Contents that are not the source's latest have no serial of their own: all of the list is downloaded then.
INSERT INTO new_subscriptions (list_id, url, public_key, only_warns, period_s, made_by, serial, made_at, valid_until, title, publisher, purpose, licence, contact,
        appeals, etag, modified, begun_at, checked_at, changed_at, next_at, failures, error, told, kind, api_key, asks, chosen_column, hash)
    SELECT s.list_id, url, public_key, only_warns, period_s, made_by, iif(l.version_id IS o.version_id, serial, l.version_id IS NOT NULL), coalesce(v.made_at, 0),
        coalesce(v.valid_until, 0), title, publisher, purpose, licence, contact, appeals, iif(l.version_id IS o.version_id, etag, ''),
        iif(l.version_id IS o.version_id, modified, ''), begun_at, checked_at, coalesce(v.changed_at, 0), next_at, failures, error, told, kind, api_key, asks,
        chosen_column, iif(l.version_id IS o.version_id, hash, '')
    FROM subscriptions s JOIN lists l ON l.id = s.list_id JOIN list_sources o ON o.id = s.source_id LEFT JOIN list_versions v ON v.id = l.version_id;
DROP TABLE subscriptions;
ALTER TABLE new_subscriptions RENAME TO subscriptions;
CREATE INDEX subscriptions_due ON subscriptions(next_at);
UPDATE lists SET version_id = NULL;
UPDATE list_sources SET version_id = NULL;
CREATE TABLE new_versions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id    INTEGER NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    entries    INTEGER NOT NULL DEFAULT 0,
    touched_at INTEGER NOT NULL,
    is_update  INTEGER NOT NULL DEFAULT 0 CHECK (is_update IN (0, 1)),
    doubt      TEXT
) STRICT;
INSERT INTO new_versions SELECT w.version_id, w.list_id, v.entries, v.touched_at, 0, v.doubt FROM versions_of_lists w JOIN list_versions v ON v.id = w.was;
INSERT OR IGNORE INTO new_versions SELECT id, list_id, entries, touched_at, is_update, doubt FROM list_versions WHERE list_id IS NOT NULL;
DELETE FROM list_entries WHERE version_id NOT IN (SELECT id FROM new_versions);
DROP TABLE list_versions;
ALTER TABLE new_versions RENAME TO list_versions;
CREATE INDEX list_versions_by_list ON list_versions(list_id);
DROP INDEX lists_by_version;
CREATE INDEX lists_by_version ON lists(version_id);
UPDATE lists SET version_id = (SELECT version_id FROM versions_of_lists WHERE list_id = lists.id);
ALTER TABLE lists ADD COLUMN update_id INTEGER;
CREATE INDEX lists_updating ON lists(household_id) WHERE update_id IS NOT NULL;
DROP TABLE versions_of_lists;
DROP TABLE list_sources;
DELETE FROM lists WHERE version_id IS NULL AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = lists.id)
    AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list_id = lists.id);
