-- +goose Up

-- A caller can be forgotten. Of a line that is about one, who did it, when, by what way and what kind of thing it was stay; what was done, to whom, and how it
-- is undone go. Nothing else of a line can be changed.
DROP TRIGGER changes_stay;
-- +goose StatementBegin
CREATE TRIGGER changes_stay BEFORE UPDATE ON changes
WHEN NEW.undo <> '' OR NEW.id <> OLD.id OR NEW.household_id IS NOT OLD.household_id OR NEW.at <> OLD.at
    OR NEW.person_id IS NOT OLD.person_id OR NEW.person <> OLD.person OR NEW.way <> OLD.way OR NEW.what <> OLD.what OR NEW.undoes IS NOT OLD.undoes
    OR NOT (NEW.text = OLD.text AND NEW.was = OLD.was AND NEW.is_now = OLD.is_now
        OR NEW.text = 'This was about a caller who has been forgotten.' AND NEW.was = '' AND NEW.is_now = '') BEGIN
    SELECT RAISE(ABORT, 'the log of changes cannot be edited');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER changes_stay;
-- +goose StatementBegin
CREATE TRIGGER changes_stay BEFORE UPDATE ON changes
WHEN NEW.undo <> '' OR NEW.id <> OLD.id OR NEW.household_id IS NOT OLD.household_id OR NEW.at <> OLD.at
    OR NEW.person_id IS NOT OLD.person_id OR NEW.person <> OLD.person OR NEW.way <> OLD.way OR NEW.what <> OLD.what
    OR NEW.text <> OLD.text OR NEW.was <> OLD.was OR NEW.is_now <> OLD.is_now OR NEW.undoes IS NOT OLD.undoes BEGIN
    SELECT RAISE(ABORT, 'the log of changes cannot be edited');
END;
-- +goose StatementEnd
