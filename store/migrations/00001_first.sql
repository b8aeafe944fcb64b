-- +goose Up

-- Every record of a household carries its household. A number is kept as an integer: the digits of its E.164 form, or
-- of a short number; so that it is found by key. Times are Unix seconds or, where they end in _ms, milliseconds, UTC.

CREATE TABLE households (
    id                INTEGER PRIMARY KEY,
    name              TEXT    NOT NULL UNIQUE,
    mode              TEXT    NOT NULL DEFAULT 'ask',
    threshold         REAL    NOT NULL DEFAULT 0,
    emergency_s       INTEGER NOT NULL DEFAULT 0,
    if_withheld       TEXT    NOT NULL DEFAULT '',
    if_unavailable    TEXT    NOT NULL DEFAULT '',
    if_international  TEXT    NOT NULL DEFAULT '',
    if_premium_rate   TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE contacts (
    id           INTEGER PRIMARY KEY,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    added_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX contacts_by_name ON contacts(household_id, name COLLATE NOCASE);

CREATE TABLE contact_numbers (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    contact_id   INTEGER NOT NULL REFERENCES contacts(id) ON DELETE CASCADE,
    PRIMARY KEY (household_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_numbers_by_contact ON contact_numbers(contact_id);

CREATE TABLE blocks (
    id           INTEGER PRIMARY KEY,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    digits       INTEGER NOT NULL, -- a whole number, or its first digits
    is_prefix    INTEGER NOT NULL CHECK (is_prefix IN (0, 1)),
    note         TEXT    NOT NULL DEFAULT '',
    farewell     TEXT    NOT NULL DEFAULT '',
    added_at     INTEGER NOT NULL,
    UNIQUE (household_id, is_prefix, digits)
) STRICT;

-- A list's contents belong to a version. A new one is filled in short transactions, beside calls; then the list is
-- switched to it in one, and the old one is emptied. So a list is replaced whole or not at all, and no call waits.
CREATE TABLE lists (
    id           INTEGER PRIMARY KEY,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    source       TEXT    NOT NULL DEFAULT '',
    version_id   INTEGER REFERENCES list_versions(id),
    imported_at  INTEGER NOT NULL,
    UNIQUE (household_id, name)
) STRICT;

CREATE INDEX lists_by_version ON lists(version_id);

CREATE TABLE list_versions (
    id      INTEGER PRIMARY KEY,
    list_id INTEGER NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    entries INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX list_versions_by_list ON list_versions(list_id);

CREATE TABLE list_entries (
    number     INTEGER NOT NULL, -- a whole number, or the first digits of one
    is_prefix  INTEGER NOT NULL CHECK (is_prefix IN (0, 1)),
    version_id INTEGER NOT NULL, -- no foreign key: emptying an old version goes by it, in pieces
    confidence REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    category   TEXT    NOT NULL DEFAULT '',
    note       TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (number, is_prefix, version_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
    id           INTEGER PRIMARY KEY,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    channel      TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    said_number  TEXT    NOT NULL, -- what the network said, cut to 256 bytes
    said_name    TEXT    NOT NULL,
    said_pres    TEXT    NOT NULL,
    number       INTEGER,          -- what was understood of it
    number_text  TEXT    NOT NULL DEFAULT '',
    name         TEXT    NOT NULL DEFAULT '',
    presentation TEXT    NOT NULL DEFAULT '',
    action       TEXT    NOT NULL DEFAULT '',
    would        TEXT    NOT NULL DEFAULT '',
    outcome      TEXT    NOT NULL DEFAULT '',
    ended_ms     INTEGER
) STRICT;
CREATE INDEX calls_by_time ON calls(household_id, at_ms);
-- By its channel a call is looked for only as long as it goes on.
CREATE INDEX calls_open ON calls(channel) WHERE ended_ms IS NULL;

CREATE TABLE call_reasons (
    call_id INTEGER NOT NULL REFERENCES calls(id) ON DELETE CASCADE,
    rank    INTEGER NOT NULL,
    code    TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    PRIMARY KEY (call_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE call_steps (
    id      INTEGER PRIMARY KEY,
    call_id INTEGER NOT NULL REFERENCES calls(id) ON DELETE CASCADE,
    at_ms   INTEGER NOT NULL,
    step    TEXT    NOT NULL,
    detail  TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX call_steps_by_call ON call_steps(call_id);

CREATE TABLE recordings (
    id        INTEGER PRIMARY KEY,
    call_id   INTEGER NOT NULL REFERENCES calls(id) ON DELETE CASCADE,
    kind      TEXT    NOT NULL CHECK (kind IN ('name', 'message')),
    file      TEXT    NOT NULL UNIQUE, -- below the recordings folder
    length_ms INTEGER NOT NULL,
    UNIQUE (call_id, kind)
) STRICT;

CREATE TABLE emergencies (
    id           INTEGER PRIMARY KEY,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    at           INTEGER NOT NULL,
    number       TEXT    NOT NULL DEFAULT '',
    UNIQUE (household_id, at)
) STRICT;

-- +goose Down
DROP TABLE emergencies;
DROP TABLE recordings;
DROP TABLE call_steps;
DROP TABLE call_reasons;
DROP TABLE calls;
DROP TABLE list_entries;
DROP TABLE list_versions;
DROP TABLE lists;
DROP TABLE blocks;
DROP TABLE contact_numbers;
DROP TABLE contacts;
DROP TABLE households;
