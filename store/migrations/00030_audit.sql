-- +goose Up
-- What a line of the log of changes needs beside its sentence: by what way it was done, what was there before and after, and how it is
-- undone. Older lines have none of it.
ALTER TABLE changes ADD COLUMN way    TEXT NOT NULL DEFAULT ''; -- page, program, command or telephone
ALTER TABLE changes ADD COLUMN was    TEXT NOT NULL DEFAULT ''; -- as people read it
ALTER TABLE changes ADD COLUMN is_now TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN undo   TEXT NOT NULL DEFAULT ''; -- JSON, of the room "household"; '' is: it cannot be undone
ALTER TABLE changes ADD COLUMN undoes INTEGER; -- the line that this one undid
CREATE INDEX changes_undone ON changes(undoes) WHERE undoes IS NOT NULL;

-- How it is undone is forgotten after a while, for it may be somebody's notes or pass code. Nothing else of a line can be changed.
DROP TRIGGER changes_stay;
-- +goose StatementBegin
CREATE TRIGGER changes_stay BEFORE UPDATE ON changes
WHEN NEW.undo <> '' OR NEW.id <> OLD.id OR NEW.household_id IS NOT OLD.household_id OR NEW.at <> OLD.at
    OR NEW.person_id IS NOT OLD.person_id OR NEW.person <> OLD.person OR NEW.way <> OLD.way OR NEW.what <> OLD.what
    OR NEW.text <> OLD.text OR NEW.was <> OLD.was OR NEW.is_now <> OLD.is_now OR NEW.undoes IS NOT OLD.undoes BEGIN
    SELECT RAISE(ABORT, 'the log of changes cannot be edited');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER changes_stay;
-- +goose StatementBegin
CREATE TRIGGER changes_stay BEFORE UPDATE ON changes BEGIN
    SELECT RAISE(ABORT, 'the log of changes cannot be edited');
END;
-- +goose StatementEnd
DROP INDEX changes_undone;
ALTER TABLE changes DROP COLUMN undoes;
ALTER TABLE changes DROP COLUMN undo;
ALTER TABLE changes DROP COLUMN is_now;
ALTER TABLE changes DROP COLUMN was;
ALTER TABLE changes DROP COLUMN way;
