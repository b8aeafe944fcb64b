-- +goose Up
-- What a line of the log of changes needs beside its sentence: by what way it was done, what was there before and after, and how it is
-- undone. Older lines have none of it.
ALTER TABLE changes ADD COLUMN way    TEXT NOT NULL DEFAULT ''; -- page, program, command or telephone
ALTER TABLE changes ADD COLUMN was    TEXT NOT NULL DEFAULT ''; -- as people read it
ALTER TABLE changes ADD COLUMN is_now TEXT NOT NULL DEFAULT '';
ALTER TABLE changes ADD COLUMN undo   TEXT NOT NULL DEFAULT ''; -- JSON, of the room "household"; '' is: it cannot be undone
ALTER TABLE changes ADD COLUMN undoes INTEGER; -- the line that this one undid
CREATE INDEX changes_undone ON changes(undoes) WHERE undoes IS NOT NULL;

-- +goose Down
DROP INDEX changes_undone;
ALTER TABLE changes DROP COLUMN undoes;
ALTER TABLE changes DROP COLUMN undo;
ALTER TABLE changes DROP COLUMN is_now;
ALTER TABLE changes DROP COLUMN was;
ALTER TABLE changes DROP COLUMN way;
