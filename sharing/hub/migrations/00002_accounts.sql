-- +goose Up

-- A moderator may be asked for a code of an app beside the password (store/people).
ALTER TABLE moderators ADD COLUMN totp_secret TEXT NOT NULL DEFAULT ''; -- base32; '' is none
ALTER TABLE moderators ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0; -- of the code that was used last

CREATE TABLE recovery_codes (
    moderator_id INTEGER NOT NULL REFERENCES moderators(id) ON DELETE CASCADE,
    hash         BLOB    NOT NULL,
    PRIMARY KEY (moderator_id, hash)
) STRICT, WITHOUT ROWID;

-- The browsers in which moderators have signed in, so that each can be signed out. From which address is not kept. What epochs did, these do.
ALTER TABLE moderators DROP COLUMN epoch;
CREATE TABLE logins (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    moderator_id INTEGER NOT NULL REFERENCES moderators(id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL, -- to the minute
    agent        TEXT    NOT NULL  -- what the browser calls itself
) STRICT;
CREATE INDEX logins_by_moderator ON logins(moderator_id);

-- What was done with moderators' accounts, and with the hub as a whole. It is only ever added to. Who it names stands there by name: it is
-- to be read after they are gone.
CREATE TABLE journal (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    what  TEXT    NOT NULL,
    about TEXT    NOT NULL, -- whose account; '' is the hub
    who   TEXT    NOT NULL,
    at    INTEGER NOT NULL
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN
    SELECT RAISE(ABORT, 'the journal cannot be edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal BEGIN
    SELECT RAISE(ABORT, 'the journal cannot be edited');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_is_not_replaced BEFORE INSERT ON journal
WHEN EXISTS (SELECT 1 FROM journal WHERE id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'the journal cannot be edited');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE journal;
DROP TABLE logins;
ALTER TABLE moderators ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
DROP TABLE recovery_codes;
ALTER TABLE moderators DROP COLUMN totp_step;
ALTER TABLE moderators DROP COLUMN totp_secret;
