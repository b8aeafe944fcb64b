-- +goose Up

-- Areas are groups of households of this machine that somebody looks after together, such as those of a parish. A person has a role in a household that
-- they were given for it alone, or for an area that it is in, or both. memberships has what comes of that, and is what everything else goes by; see
-- settleRoles in store/roles.go.
CREATE TABLE areas (
    id       INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, because addresses of pages have it
    name     TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE area_households (
    area_id      INTEGER NOT NULL REFERENCES areas(id) ON DELETE CASCADE,
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    PRIMARY KEY (area_id, household_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX area_households_by_household ON area_households(household_id);

CREATE TABLE area_roles (
    area_id   INTEGER NOT NULL REFERENCES areas(id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    role      TEXT    NOT NULL CHECK (role IN ('viewer', 'carer', 'owner')),
    hears     INTEGER NOT NULL CHECK (hears IN (0, 1)),
    PRIMARY KEY (area_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX area_roles_by_person ON area_roles(person_id);

-- The roles that people were given for one household alone.
CREATE TABLE own_roles (
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    person_id    INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
    role         TEXT    NOT NULL CHECK (role IN ('viewer', 'carer', 'owner')),
    hears        INTEGER NOT NULL CHECK (hears IN (0, 1)),
    PRIMARY KEY (household_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX own_roles_by_person ON own_roles(person_id);
INSERT INTO own_roles SELECT household_id, person_id, role, hears FROM memberships;

-- What somebody should look at is found for all households at once, among all messages.
CREATE INDEX unheard ON recordings(call_id) WHERE kind = 'message' AND heard_at IS NULL;

-- +goose Down
DROP INDEX unheard;
-- Whoever looks after an area stays in its households, with the role that they have there.
DROP TABLE own_roles;
DROP TABLE area_roles;
DROP TABLE area_households;
DROP TABLE areas;
