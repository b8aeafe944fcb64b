-- +goose Up

-- How people are told of what happens in a household: each way of one person for one household has its own choices. It goes
-- with their membership. The address is a secret: it is read for sending, and shown to nobody again.
CREATE TABLE notify_channels (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice: messages may still be on their way
    household_id INTEGER NOT NULL,
    person_id    INTEGER NOT NULL,
    name         TEXT    NOT NULL, -- in words, without a secret
    service      TEXT    NOT NULL,
    address      TEXT    NOT NULL, -- a shoutrrr URL
    events       TEXT    NOT NULL CHECK (json_type(events) = 'array'),
    quiet_from   INTEGER NOT NULL CHECK (quiet_from BETWEEN 0 AND 1439), -- minutes since midnight
    quiet_to     INTEGER NOT NULL CHECK (quiet_to BETWEEN 0 AND 1439),   -- equal to quiet_from: none
    break_quiet  INTEGER NOT NULL CHECK (break_quiet IN (0, 1)),
    digest_at    INTEGER NOT NULL CHECK (digest_at BETWEEN -1 AND 1439), -- -1: at once
    zone         TEXT    NOT NULL DEFAULT '', -- of these times; '' is the household's
    paused       INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    made_at      INTEGER NOT NULL,
    sent_at      INTEGER, -- the last message
    -- Since the last message: failures in a row, since when, why, and when it is tried again.
    failures      INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    last_error    TEXT    NOT NULL DEFAULT '',
    next_try      INTEGER,
    FOREIGN KEY (household_id, person_id) REFERENCES memberships(household_id, person_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX notify_channels_of_members ON notify_channels(household_id, person_id);

-- What is to be told, until it is sent; and for some days after it, so that nothing is told twice.
CREATE TABLE notify_outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    channel_id INTEGER NOT NULL REFERENCES notify_channels(id) ON DELETE CASCADE,
    source     TEXT    NOT NULL, -- of what it tells, such as "notice 12": each is told once
    event      TEXT    NOT NULL,
    call_id    INTEGER REFERENCES calls(id) ON DELETE SET NULL,
    at         INTEGER NOT NULL, -- when it happened
    topic      TEXT    NOT NULL DEFAULT '',
    text       TEXT    NOT NULL,
    urgent     INTEGER NOT NULL CHECK (urgent IN (0, 1)),
    sent_at    INTEGER,
    UNIQUE (channel_id, source)
) STRICT;
CREATE INDEX notify_outbox_waiting ON notify_outbox(channel_id) WHERE sent_at IS NULL;
CREATE INDEX notify_outbox_topics ON notify_outbox(channel_id, topic, sent_at) WHERE sent_at IS NOT NULL AND topic <> '';
CREATE INDEX notify_outbox_by_call ON notify_outbox(call_id) WHERE call_id IS NOT NULL;

-- Up to where a household's notices and calls have been looked at, and the last Monday whose summary was made.
CREATE TABLE notify_cursors (
    household_id INTEGER PRIMARY KEY REFERENCES households(id) ON DELETE CASCADE,
    notice_id    INTEGER NOT NULL,
    call_id      INTEGER NOT NULL,
    week         TEXT    NOT NULL DEFAULT '' -- such as '2026-11-23'
) STRICT;
-- Nobody is told of what happened before there was anybody to tell.
INSERT INTO notify_cursors (household_id, notice_id, call_id)
    SELECT id, (SELECT coalesce(max(id), 0) FROM notices), (SELECT coalesce(max(id), 0) FROM calls) FROM households;

-- +goose Down
DROP TABLE notify_cursors;
DROP TABLE notify_outbox;
DROP TABLE notify_channels;
