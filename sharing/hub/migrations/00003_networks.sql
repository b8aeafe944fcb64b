-- +goose Up

-- Whether a report came from a network of its own: 0 where another household had reported the same number from the same network within
-- the seven days before. Of the network itself nothing stands here. Reports of before count as they did.
ALTER TABLE reports ADD COLUMN apart INTEGER NOT NULL DEFAULT 1 CHECK (apart IN (0, 1));
DROP INDEX reports_by_number;
CREATE INDEX reports_by_number ON reports(number, key_id, id, kind, category, day, apart);

-- Marks of networks, to know for seven days whether somebody has joined, or reported a number, from there already. A mark is an
-- HMAC-SHA-256 by the secret of its day. After seven days the secret is deleted, and the marks that were made with it. With which key
-- somebody came stands nowhere beside a mark. Neither table is in a backup.
CREATE TABLE mark_secrets (
    day    INTEGER PRIMARY KEY,
    secret BLOB    NOT NULL
) STRICT;
CREATE TABLE marks (
    mark   BLOB    NOT NULL,
    number INTEGER NOT NULL, -- that was reported from there; 0: households joined
    day    INTEGER NOT NULL,
    times  INTEGER NOT NULL,
    PRIMARY KEY (mark, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX marks_by_day ON marks(day);

-- How many have joined by an invitation within a day.
DROP INDEX keys_by_invitation;
CREATE INDEX keys_by_invitation ON keys(invitation_id, joined);

-- +goose Down
DROP INDEX keys_by_invitation;
CREATE INDEX keys_by_invitation ON keys(invitation_id);
DROP TABLE marks;
DROP TABLE mark_secrets;
DROP INDEX reports_by_number;
ALTER TABLE reports DROP COLUMN apart;
CREATE INDEX reports_by_number ON reports(number, key_id, id, kind, category, day);
