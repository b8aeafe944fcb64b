-- +goose Up

-- What a household has chosen for certain times, and for more than the modes say. A time of 0 is none.
ALTER TABLE households ADD COLUMN temporary_mode  TEXT    NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN temporary_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE households ADD COLUMN expecting_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE households ADD COLUMN quiet_contacts  TEXT    NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN human_check     TEXT    NOT NULL DEFAULT '';
ALTER TABLE households ADD COLUMN ring_dialled    INTEGER NOT NULL DEFAULT 0 CHECK (ring_dialled IN (0, 1));
ALTER TABLE households ADD COLUMN dial_guard      INTEGER NOT NULL DEFAULT 0 CHECK (dial_guard IN (0, 1));
ALTER TABLE households ADD COLUMN carer_number    TEXT    NOT NULL DEFAULT ''; -- E.164: it is dialled, never looked for
ALTER TABLE households ADD COLUMN carer_when      TEXT    NOT NULL DEFAULT '';

CREATE TABLE schedule_spans (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they were added, for the last one wins
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    days         INTEGER NOT NULL CHECK (days BETWEEN 1 AND 127),      -- a bit for each day, Sunday's is 1
    from_min     INTEGER NOT NULL CHECK (from_min BETWEEN 0 AND 1439), -- minutes since midnight
    to_min       INTEGER NOT NULL CHECK (to_min BETWEEN 0 AND 1439),   -- at or before from_min: of the next day
    mode         TEXT    NOT NULL DEFAULT '',
    quiet        INTEGER NOT NULL DEFAULT 0 CHECK (quiet IN (0, 1)),
    UNIQUE (household_id, days, from_min, to_min, mode, quiet)
) STRICT;

-- When the same number last rang, for a contact's second call within minutes.
CREATE INDEX calls_by_number ON calls(household_id, number, at_ms) WHERE number IS NOT NULL;

-- +goose Down
DROP INDEX calls_by_number;
DROP TABLE schedule_spans;
ALTER TABLE households DROP COLUMN carer_when;
ALTER TABLE households DROP COLUMN carer_number;
ALTER TABLE households DROP COLUMN dial_guard;
ALTER TABLE households DROP COLUMN ring_dialled;
ALTER TABLE households DROP COLUMN human_check;
ALTER TABLE households DROP COLUMN quiet_contacts;
ALTER TABLE households DROP COLUMN expecting_until;
ALTER TABLE households DROP COLUMN temporary_until;
ALTER TABLE households DROP COLUMN temporary_mode;
