-- +goose Up

-- The hub of a group. Numbers are E.164 without the plus sign, as integers; prefix says that all numbers are meant that begin so.
-- Days are days in UTC since 1 January 1970; times are Unix seconds. Of whatever opens a door (a key, an invitation, a link)
-- only the SHA-256 is kept: all of them are random and long, so that nobody can try them all.

CREATE TABLE invitations (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    hash         BLOB    NOT NULL UNIQUE,
    note         TEXT    NOT NULL,            -- where it is handed out, such as "leaflet in the library"
    most         INTEGER NOT NULL CHECK (most > 0), -- how many households may join with it
    used         INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND most),
    made_by      TEXT    NOT NULL,
    made_at      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;

-- A key is a household, and nothing is known of it but the invitation that it came with and the day.
CREATE TABLE keys (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    hash          BLOB    UNIQUE,             -- NULL: the household has left, and nobody can prove to be it
    pseudonym     TEXT    NOT NULL UNIQUE,
    invitation_id INTEGER NOT NULL REFERENCES invitations(id),
    joined        INTEGER NOT NULL,           -- a day
    expelled      INTEGER NOT NULL DEFAULT 0 CHECK (expelled IN (0, 1)) -- as the newest of expulsions says
) STRICT;
CREATE INDEX keys_by_invitation ON keys(invitation_id);
CREATE INDEX keys_expelled ON keys(id) WHERE expelled = 1;

-- The ledger of reports is only ever added to. The newest of a key and a number is what that household says.
CREATE TABLE reports (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id   INTEGER NOT NULL REFERENCES keys(id),
    number   INTEGER NOT NULL CHECK (number > 0),
    kind     TEXT    NOT NULL CHECK (kind IN ('for', 'against', 'withdraw')),
    category TEXT    NOT NULL,                -- '' where kind is not 'for'
    day      INTEGER NOT NULL,                -- of the call, as the household says
    received INTEGER NOT NULL                 -- a day
) STRICT;
CREATE INDEX reports_by_number ON reports(number, key_id, id, kind, category, day);
CREATE INDEX reports_by_key ON reports(key_id, received);
CREATE INDEX reports_by_day ON reports(received);

-- +goose StatementBegin
CREATE TRIGGER reports_stay BEFORE UPDATE ON reports BEGIN
    SELECT RAISE(ABORT, 'the ledger of reports cannot be edited');
END;
-- +goose StatementEnd
-- After two years, six times the half-life, a report counts a sixty-fourth of what it did: then it is forgotten.
-- +goose StatementBegin
CREATE TRIGGER reports_are_kept BEFORE DELETE ON reports
WHEN OLD.received > unixepoch() / 86400 - 730 BEGIN
    SELECT RAISE(ABORT, 'the ledger of reports cannot be edited');
END;
-- +goose StatementEnd
-- INSERT OR REPLACE deletes without the trigger above.
-- +goose StatementBegin
CREATE TRIGGER reports_are_not_replaced BEFORE INSERT ON reports
WHEN EXISTS (SELECT 1 FROM reports WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the ledger of reports cannot be edited');
END;
-- +goose StatementEnd

-- What the ledger says of each number, counted up as reports come in. Each household counts once; those that were expelled do not.
CREATE TABLE tallies (
    number   INTEGER PRIMARY KEY,
    spam     INTEGER NOT NULL CHECK (spam >= 0),     -- households that say it is a scammer's
    not_spam INTEGER NOT NULL CHECK (not_spam >= 0), -- and that say it is none
    last     INTEGER NOT NULL                        -- the day of the last report for
) STRICT;
CREATE INDEX tallies_by_last ON tallies(last, number) WHERE spam + not_spam > 0;
CREATE INDEX tallies_by_spam ON tallies(spam, number) WHERE spam + not_spam > 0;

-- What moderators have decided is only ever added to. The newest about a number holds.
CREATE TABLE decisions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    number      INTEGER NOT NULL CHECK (number > 0),
    prefix      INTEGER NOT NULL CHECK (prefix IN (0, 1)),
    what        TEXT    NOT NULL CHECK (what IN ('confirm', 'dismiss', 'protect', 'merge', 'undo')),
    into_number INTEGER CHECK ((into_number IS NULL) = (what <> 'merge')),
    into_prefix INTEGER CHECK ((into_prefix IS NULL) = (what <> 'merge')),
    category    TEXT    NOT NULL, -- of a confirmed number
    public      TEXT    NOT NULL, -- what everybody may read: the note of a confirmed number, whose a protected one is
    why         TEXT    NOT NULL, -- for moderators
    who         TEXT    NOT NULL, -- by name: it is to be read after they are gone
    upto        INTEGER NOT NULL, -- the newest report then
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_by_number ON decisions(number, prefix, id);
CREATE VIEW standing AS SELECT * FROM decisions WHERE id IN (SELECT max(id) FROM decisions GROUP BY number, prefix) AND what <> 'undo';

-- Who was expelled, or let in again, by whom and why.
CREATE TABLE expulsions (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id   INTEGER NOT NULL REFERENCES keys(id),
    expelled INTEGER NOT NULL CHECK (expelled IN (0, 1)),
    why      TEXT    NOT NULL,
    who      TEXT    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX expulsions_by_key ON expulsions(key_id);

-- +goose StatementBegin
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN
    SELECT RAISE(ABORT, 'what moderators have decided cannot be edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_are_kept BEFORE DELETE ON decisions BEGIN
    SELECT RAISE(ABORT, 'what moderators have decided cannot be edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_are_not_replaced BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'what moderators have decided cannot be edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER expulsions_stay BEFORE UPDATE ON expulsions BEGIN
    SELECT RAISE(ABORT, 'what moderators have decided cannot be edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER expulsions_are_kept BEFORE DELETE ON expulsions BEGIN
    SELECT RAISE(ABORT, 'what moderators have decided cannot be edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER expulsions_are_not_replaced BEFORE INSERT ON expulsions
WHEN EXISTS (SELECT 1 FROM expulsions WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'what moderators have decided cannot be edited');
END;
-- +goose StatementEnd

-- Whoever owns a number that they say is listed wrongly.
CREATE TABLE appeals (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    hash        BLOB    NOT NULL UNIQUE,  -- of the address at which they read the answer
    number      INTEGER NOT NULL CHECK (number > 0),
    text        TEXT    NOT NULL,
    reach       TEXT    NOT NULL,         -- how to reach them; '' when it was forgotten
    sent_at     INTEGER NOT NULL,
    answer      TEXT    NOT NULL DEFAULT '',
    answered_by TEXT    NOT NULL DEFAULT '',
    answered_at INTEGER
) STRICT;
CREATE INDEX appeals_open ON appeals(id) WHERE answered_at IS NULL;
CREATE INDEX appeals_by_number ON appeals(number);

CREATE TABLE moderators (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT    NOT NULL,
    email    TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    password TEXT    NOT NULL DEFAULT '', -- argon2id, as its own encoding has it; '' is none
    epoch    INTEGER NOT NULL DEFAULT 0,  -- grows when all of the moderator's sessions end
    added_at INTEGER NOT NULL
) STRICT;

-- With a link a moderator chooses a password, once.
CREATE TABLE password_links (
    hash         BLOB    PRIMARY KEY,
    moderator_id INTEGER NOT NULL REFERENCES moderators(id) ON DELETE CASCADE,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_links_by_moderator ON password_links(moderator_id);

CREATE TABLE sessions (
    token      TEXT    PRIMARY KEY, -- hashed
    data       BLOB    NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE sessions;
DROP TABLE password_links;
DROP TABLE moderators;
DROP TABLE appeals;
DROP TABLE expulsions;
DROP VIEW standing;
DROP TABLE decisions;
DROP TABLE tallies;
DROP TABLE reports;
DROP TABLE keys;
DROP TABLE invitations;
