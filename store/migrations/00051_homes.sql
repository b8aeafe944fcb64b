-- +goose Up

-- The lines and households of a machine whose ringfence.toml says that they are here, in the order in which they came.
CREATE TABLE homes (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     TEXT NOT NULL CHECK (kind IN ('trunk', 'household')),
    name     TEXT NOT NULL,
    settings TEXT NOT NULL, -- its block of that file, with the passwords of phones and providers
    UNIQUE (kind, name)
) STRICT;

-- +goose Down
DROP TABLE homes;
