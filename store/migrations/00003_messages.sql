-- +goose Up

-- A recording of the kind 'message' is voicemail: kept until somebody has heard it.
ALTER TABLE recordings ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE recordings ADD COLUMN heard_at INTEGER; -- NULL: nobody has heard it
ALTER TABLE recordings ADD COLUMN told_at INTEGER;  -- when the carers were told that it will be deleted unheard
UPDATE recordings SET at = (SELECT at_ms / 1000 FROM calls WHERE calls.id = recordings.call_id);
CREATE INDEX messages ON recordings(call_id) WHERE kind = 'message';

-- What carers have to be told.
CREATE TABLE notices (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- never one that a carer was told of already
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    call_id      INTEGER REFERENCES calls(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX notices_by_time ON notices(household_id, at);
CREATE INDEX notices_by_call ON notices(call_id);

-- A pass code lets somebody through who calls from an unknown number. It stands here as it is, because a household that
-- has forgotten it has to be able to read it again.
CREATE TABLE pass_codes (
    id           INTEGER PRIMARY KEY,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    name         TEXT    NOT NULL COLLATE NOCASE,
    code         TEXT    NOT NULL,
    added_at     INTEGER NOT NULL,
    used_at      INTEGER, -- the last time
    uses         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (household_id, name),
    UNIQUE (household_id, code)
) STRICT;

-- Wrong tries since the last right one, over all calls.
CREATE TABLE pass_code_tries (
    household_id INTEGER PRIMARY KEY REFERENCES households(id) ON DELETE CASCADE,
    wrong        INTEGER NOT NULL,
    wait_until   INTEGER NOT NULL
) STRICT;

-- Numbers that the household itself has rung, and when it last did.
CREATE TABLE dialled (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (household_id, number)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE dialled;
DROP TABLE pass_code_tries;
DROP TABLE pass_codes;
DROP TABLE notices;
DROP INDEX messages;
ALTER TABLE recordings DROP COLUMN told_at;
ALTER TABLE recordings DROP COLUMN heard_at;
ALTER TABLE recordings DROP COLUMN at;
