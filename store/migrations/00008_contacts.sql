-- +goose Up

ALTER TABLE contacts ADD COLUMN notes TEXT NOT NULL DEFAULT '';

-- An import of an address book, so that it can be undone: numbers that came with it say so, until somebody has changed their
-- contact by hand.
CREATE TABLE contact_imports (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- never one whose undoing somebody may still ask for
    household_id INTEGER NOT NULL REFERENCES households(id) ON DELETE CASCADE,
    at           INTEGER NOT NULL,
    source       TEXT    NOT NULL -- the file's name
) STRICT;
CREATE INDEX contact_imports_by_time ON contact_imports(household_id, at);
ALTER TABLE contact_numbers ADD COLUMN import_id INTEGER REFERENCES contact_imports(id) ON DELETE SET NULL;
CREATE INDEX contact_numbers_by_import ON contact_numbers(import_id) WHERE import_id IS NOT NULL;

-- A pass code may be a contact's own: it has the contact's name, and goes with them. Until now the name alone told.
ALTER TABLE pass_codes ADD COLUMN contact_id INTEGER REFERENCES contacts(id) ON DELETE CASCADE;
UPDATE pass_codes SET contact_id = (SELECT min(c.id) FROM contacts c
    WHERE c.household_id = pass_codes.household_id AND c.name = pass_codes.name COLLATE NOCASE);
CREATE UNIQUE INDEX pass_codes_by_contact ON pass_codes(contact_id) WHERE contact_id IS NOT NULL;

-- +goose Down
DROP INDEX pass_codes_by_contact;
ALTER TABLE pass_codes DROP COLUMN contact_id;
DROP INDEX contact_numbers_by_import;
ALTER TABLE contact_numbers DROP COLUMN import_id;
DROP TABLE contact_imports;
ALTER TABLE contacts DROP COLUMN notes;
