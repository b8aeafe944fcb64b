-- +goose Up

-- What a channel was sent last about a stranger on the line, so that it can be replaced when more is known, and completed when the call is over, also
-- after a restart.
CREATE TABLE stranger_alerts (
    channel_id INTEGER NOT NULL REFERENCES notify_channels(id) ON DELETE CASCADE,
    call_id    INTEGER NOT NULL REFERENCES calls(id) ON DELETE CASCADE,
    receipt    TEXT    NOT NULL, -- by which its service replaces it; '' where it can't
    shown      TEXT    NOT NULL, -- a hash of what it says
    over       INTEGER NOT NULL CHECK (over IN (0, 1)), -- nothing more is sent
    PRIMARY KEY (channel_id, call_id)
) STRICT;
CREATE INDEX stranger_alerts_by_call ON stranger_alerts(call_id);
CREATE INDEX stranger_alerts_open ON stranger_alerts(channel_id) WHERE over = 0;

-- The keys by which the push services of browsers know this installation. Browsers that are subscribed accept no others, so a backup has them, too.
CREATE TABLE push_keys (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    public  TEXT NOT NULL,
    private TEXT NOT NULL
) STRICT;

-- +goose Down
DROP TABLE push_keys;
DROP TABLE stranger_alerts;
