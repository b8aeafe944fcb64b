-- +goose Up

-- The number of a list's version is never used twice: an import that was given up meanwhile may still write to it. And when
-- an import last wrote to it is kept, not when it was begun. SQLite needs a new table for the first; lists let go of their
-- versions for that moment, so that nothing refers to a table that is gone.
CREATE TABLE versions_of_lists (
    list_id    INTEGER NOT NULL,
    version_id INTEGER
) STRICT;
INSERT INTO versions_of_lists SELECT id, version_id FROM lists;
UPDATE lists SET version_id = NULL;
CREATE TABLE new_versions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    list_id    INTEGER NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    entries    INTEGER NOT NULL DEFAULT 0,
    touched_at INTEGER NOT NULL -- when an import last wrote to it
) STRICT;
INSERT INTO new_versions SELECT id, list_id, entries, made_at FROM list_versions;
DROP TABLE list_versions;
ALTER TABLE new_versions RENAME TO list_versions;
CREATE INDEX list_versions_by_list ON list_versions(list_id);
UPDATE lists SET version_id = (SELECT version_id FROM versions_of_lists WHERE list_id = lists.id);
DROP TABLE versions_of_lists;

-- The reasons of a call are written and read together: a JSON array of objects with code and text, the deciding one first.
-- A call is one row from its arrival on, which is one write.
ALTER TABLE calls ADD COLUMN reasons TEXT NOT NULL DEFAULT '[]' CHECK (json_type(reasons) = 'array');
UPDATE calls SET reasons = (SELECT json_group_array(json_object('code', code, 'text', text))
    FROM (SELECT code, text FROM call_reasons WHERE call_id = calls.id ORDER BY rank));
DROP TABLE call_reasons;

-- +goose Down
CREATE TABLE call_reasons (
    call_id INTEGER NOT NULL REFERENCES calls(id) ON DELETE CASCADE,
    rank    INTEGER NOT NULL,
    code    TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    PRIMARY KEY (call_id, rank)
) STRICT, WITHOUT ROWID;
INSERT INTO call_reasons SELECT calls.id, r.key, r.value ->> 'code', r.value ->> 'text' FROM calls, json_each(calls.reasons) r;
ALTER TABLE calls DROP COLUMN reasons;
ALTER TABLE list_versions RENAME COLUMN touched_at TO made_at;
