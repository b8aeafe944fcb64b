-- +goose Up

-- Who may use the pages. Of whatever opens a door (a link, a token) only the SHA-256 is kept: all of them are random and
-- long, so that nobody can try them all. A person's number is never used twice, for the log of changes names people after
-- they are gone.
CREATE TABLE people (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    handle      BLOB    NOT NULL UNIQUE,            -- by which a passkey names them; says nothing about them
    name        TEXT    NOT NULL,
    email       TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    password    TEXT    NOT NULL DEFAULT '',        -- argon2id, as its own encoding has it; '' is none
    totp_secret TEXT    NOT NULL DEFAULT '',        -- base32; '' is none
    totp_step   INTEGER NOT NULL DEFAULT 0,         -- the last one that was used: a code opens once
    added_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    person_id    INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    role         TEXT    NOT NULL CHECK (role IN ('viewer', 'carer', 'owner')),
    hears        INTEGER NOT NULL CHECK (hears IN (0, 1)), -- may hear recordings
    PRIMARY KEY (household_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_person ON memberships(person_id);

CREATE TABLE recovery_codes (
    person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    hash      BLOB    NOT NULL,
    PRIMARY KEY (person_id, hash)
) STRICT, WITHOUT ROWID;

-- A login is what a person sees in the list of their sessions and can end; web_sessions are the pages' own notes.
CREATE TABLE logins (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id  INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    agent      TEXT    NOT NULL DEFAULT '',
    address    TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX logins_by_person ON logins(person_id);

CREATE TABLE web_sessions (
    token      TEXT    PRIMARY KEY, -- hashed
    data       BLOB    NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invitations (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    hash         BLOB    NOT NULL UNIQUE,
    name         TEXT    NOT NULL, -- for whom
    role         TEXT    NOT NULL CHECK (role IN ('viewer', 'carer', 'owner')),
    hears        INTEGER NOT NULL CHECK (hears IN (0, 1)),
    made_by      TEXT    NOT NULL, -- the name
    made_at      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT;
CREATE INDEX invitations_by_household ON invitations(household_id);

CREATE TABLE password_links (
    hash       BLOB    PRIMARY KEY,
    person_id  INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_links_by_person ON password_links(person_id);

-- The one-time address of the first run.
CREATE TABLE start_link (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    hash BLOB    NOT NULL
) STRICT;

CREATE TABLE passkeys (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id     INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    credential_id BLOB    NOT NULL UNIQUE,
    credential    TEXT    NOT NULL CHECK (json_valid(credential)), -- with its public key
    name          TEXT    NOT NULL,
    sign_count    INTEGER NOT NULL,
    added_at      INTEGER NOT NULL,
    used_at       INTEGER
) STRICT;
CREATE INDEX passkeys_by_person ON passkeys(person_id);

CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id    INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    household_id INTEGER REFERENCES households(id) ON DELETE CASCADE, -- NULL: all of the person's
    hash         BLOB    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    scope        TEXT    NOT NULL CHECK (scope IN ('read', 'change')),
    made_at      INTEGER NOT NULL,
    used_at      INTEGER,
    expires_at   INTEGER -- NULL: never
) STRICT;
CREATE INDEX api_tokens_by_person ON api_tokens(person_id);
CREATE INDEX api_tokens_by_household ON api_tokens(household_id);

-- The log of changes is only ever added to. Who it names stands there by name and number, without a foreign key: it is to be
-- read after they are gone. A household's log goes with the household, and in no other way.
CREATE TABLE changes (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    household_id INTEGER REFERENCES households(id) ON DELETE CASCADE, -- NULL: of the whole machine
    at           INTEGER NOT NULL,
    person_id    INTEGER, -- NULL: the command line, a telephone
    person       TEXT    NOT NULL,
    what         TEXT    NOT NULL,
    text         TEXT    NOT NULL
) STRICT;
CREATE INDEX changes_by_household ON changes(household_id, id);

-- +goose StatementBegin
CREATE TRIGGER changes_stay BEFORE UPDATE ON changes BEGIN
    SELECT RAISE(ABORT, 'the log of changes cannot be edited');
END;
-- +goose StatementEnd
-- SQLite deletes a household before what hangs on it: then there is no such household any more.
-- +goose StatementBegin
CREATE TRIGGER changes_are_kept BEFORE DELETE ON changes
WHEN OLD.household_id IS NULL OR EXISTS (SELECT 1 FROM households WHERE id = OLD.household_id) BEGIN
    SELECT RAISE(ABORT, 'the log of changes cannot be edited');
END;
-- +goose StatementEnd
-- INSERT OR REPLACE deletes without the trigger above.
-- +goose StatementBegin
CREATE TRIGGER changes_are_not_replaced BEFORE INSERT ON changes
WHEN EXISTS (SELECT 1 FROM changes WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the log of changes cannot be edited');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE changes;
DROP TABLE api_tokens;
DROP TABLE passkeys;
DROP TABLE start_link;
DROP TABLE password_links;
DROP TABLE invitations;
DROP TABLE web_sessions;
DROP TABLE logins;
DROP TABLE recovery_codes;
DROP TABLE memberships;
DROP TABLE people;
