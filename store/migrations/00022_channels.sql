-- +goose Up

-- A call is looked for by its channel after its end too (CallOver, CallGoesOn). An index of all calls costs a call less than one of
-- those that go on, which took it in at the beginning and out again at the end.
DROP INDEX calls_open;
CREATE INDEX calls_by_channel ON calls(channel);

-- +goose Down
DROP INDEX calls_by_channel;
CREATE INDEX calls_open ON calls(channel) WHERE ended_ms IS NULL;
