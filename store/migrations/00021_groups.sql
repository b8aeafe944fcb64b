-- +goose Up

-- The groups that a household has joined, to which it sends its reports. A group that was left stays for as long as calls are
-- kept, so that people can see what was sent, but its key is gone.
CREATE TABLE joined_groups (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    url          TEXT    NOT NULL,            -- of its hub, without a slash at the end
    key          TEXT    NOT NULL,            -- with which the household reports: a secret. '' once it has left
    joined_at    INTEGER NOT NULL,
    joined_by    TEXT    NOT NULL,            -- as added_by of blocks
    sends_from   INTEGER NOT NULL,            -- reports that were made before then stay in the house; 0: all may go
    paused       INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    left_at      INTEGER CHECK ((left_at IS NULL) = (key <> '')),
    failures     INTEGER NOT NULL DEFAULT 0,  -- in a row
    last_error   TEXT    NOT NULL DEFAULT '', -- the last of them, in a plain sentence; '' when all is well
    next_try     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX joined_groups_once ON joined_groups(household_id, url) WHERE left_at IS NULL;

-- What was sent, exactly. The newest of a group and a number is what the group has been told last; what is still to be sent is
-- how the household's reports differ from that, so that nothing that is to be sent can be lost.
CREATE TABLE sent_reports (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id INTEGER NOT NULL REFERENCES joined_groups(id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    kind     TEXT    NOT NULL CHECK (kind IN ('for', 'withdraw')),
    category TEXT    NOT NULL,            -- '' where kind is 'withdraw'
    body     TEXT    NOT NULL,            -- as it went over the line
    sent_at  INTEGER NOT NULL,
    refused  TEXT    NOT NULL DEFAULT ''  -- why the group did not take it, in a plain sentence; '': it did
) STRICT;
CREATE INDEX sent_reports_by_number ON sent_reports(group_id, number, id);

-- When a report last changed: when it was made, or somebody chose another category.
ALTER TABLE reports ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
UPDATE reports SET changed_at = at;

-- +goose Down
ALTER TABLE reports DROP COLUMN changed_at;
DROP TABLE sent_reports;
DROP TABLE joined_groups;
