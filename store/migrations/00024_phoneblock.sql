-- +goose Up

-- A subscription may be to PhoneBlock's blocklist: its url is then the server's, its serial the blocklist's version, and the key
-- the one that PhoneBlock gives to whoever registers: a secret.
ALTER TABLE subscriptions ADD COLUMN kind TEXT NOT NULL DEFAULT 'list' CHECK (kind IN ('list', 'phoneblock'));
ALTER TABLE subscriptions ADD COLUMN api_key TEXT NOT NULL DEFAULT '' CHECK ((kind = 'phoneblock') = (api_key <> ''));

-- When a household has asked such a server, which gives the whole list once a month and what is new once a day. It outlives the
-- subscription: who ends one and begins another has had the list already. Times are seconds; 0 is never.
CREATE TABLE blocklist_fetches (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    url          TEXT    NOT NULL,
    full_at      INTEGER NOT NULL, -- for the whole list
    asked_at     INTEGER NOT NULL, -- for anything
    PRIMARY KEY (household_id, url)
) STRICT, WITHOUT ROWID;

-- +goose Down
-- What there is of such a list stays, as one that was imported.
DROP TABLE blocklist_fetches;
DELETE FROM subscriptions WHERE kind = 'phoneblock';
DELETE FROM lists WHERE version_id IS NULL AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = lists.id)
    AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list_id = lists.id);
ALTER TABLE subscriptions DROP COLUMN api_key;
ALTER TABLE subscriptions DROP COLUMN kind;
