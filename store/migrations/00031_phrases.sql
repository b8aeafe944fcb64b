-- +goose Up

-- Where a household's own recording of a phrase is that has just been made and not been moved to its place yet; '' is: there is none any more.
CREATE TABLE phrase_changes (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    phrase       TEXT NOT NULL,
    file         TEXT NOT NULL, -- in the folder "phrases"
    PRIMARY KEY (household_id, phrase)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE phrase_changes;
