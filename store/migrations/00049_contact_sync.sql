-- +goose Up

-- An address book on a CardDAV server with which a household's contacts are kept in step. Times are seconds; 0 is never.
CREATE TABLE contact_syncs (
    household_id INTEGER PRIMARY KEY REFERENCES households(id) ON DELETE CASCADE,
    url          TEXT    NOT NULL, -- of the address book itself
    username     TEXT    NOT NULL,
    password     TEXT    NOT NULL, -- a secret
    at_home      INTEGER NOT NULL CHECK (at_home IN (0, 1)), -- the server may be in a home network
    title        TEXT    NOT NULL,
    made_by      TEXT    NOT NULL, -- as added_by of blocks
    begun_at     INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL DEFAULT 0, -- when somebody has confirmed the first preview
    version      TEXT    NOT NULL DEFAULT '', -- by which the server tells whether the address book has changed
    checked_at   INTEGER NOT NULL DEFAULT 0, -- the last time that went well
    changed_at   INTEGER NOT NULL DEFAULT 0, -- the last time that contacts were changed
    next_at      INTEGER NOT NULL,
    failures     INTEGER NOT NULL DEFAULT 0, -- in a row
    error        TEXT    NOT NULL DEFAULT '', -- the last of them
    held_at      INTEGER NOT NULL DEFAULT 0  -- since when changes wait for somebody to look at them
) STRICT;

-- The server's cards as they were the last time, so that only those have to be downloaded that have changed.
CREATE TABLE synced_cards (
    household_id INTEGER NOT NULL REFERENCES contact_syncs(household_id) ON DELETE CASCADE,
    href         TEXT    NOT NULL,
    etag         TEXT    NOT NULL,
    people       TEXT    NOT NULL, -- JSON: what contacts need of the card
    PRIMARY KEY (household_id, href)
) STRICT, WITHOUT ROWID;

-- What was made of these cards. A contact that is not like this any more was changed by hand and stays as it is; one that is not
-- there any more was removed by hand and stays away.
CREATE TABLE synced_contacts (
    id           INTEGER PRIMARY KEY,
    household_id INTEGER NOT NULL REFERENCES contact_syncs(household_id) ON DELETE CASCADE,
    contact_id   INTEGER UNIQUE REFERENCES contacts(id) ON DELETE SET NULL,
    name         TEXT    NOT NULL,
    numbers      TEXT    NOT NULL, -- JSON: as in contact_numbers, in order
    notes        TEXT    NOT NULL,
    language     TEXT    NOT NULL
) STRICT;
CREATE INDEX synced_contacts_by_household ON synced_contacts(household_id);

-- +goose Down
-- Contacts stay, as if they had been made by hand.
DROP TABLE synced_contacts;
DROP TABLE synced_cards;
DROP TABLE contact_syncs;
