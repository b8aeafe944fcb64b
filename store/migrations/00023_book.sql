-- +goose Up

-- The password with which a household's devices read its lists as an address book. There is one a household.
CREATE TABLE books (
    household_id INTEGER PRIMARY KEY REFERENCES households(id) ON DELETE CASCADE,
    hash         BLOB    NOT NULL, -- of the password, which is random
    most         INTEGER NOT NULL CHECK (most BETWEEN 1 AND 1000), -- numbers, for devices take no more
    made_at      INTEGER NOT NULL,
    made_by      TEXT    NOT NULL, -- as added_by of blocks
    used_at      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- +goose Down
DROP TABLE books;
