-- +goose Up
-- What carers call a number that is no contact's: "the plumber", "survey people". It decides nothing.
CREATE TABLE caller_names (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    PRIMARY KEY (household_id, number)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE caller_names;
