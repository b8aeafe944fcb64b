package ivrstore

import (
	"context"

	"ringfence/screening"
)

// CallByChannel implements ivr.OpenCalls.
func (s Store) CallByChannel(ctx context.Context, channel string) (call int64, household string, err error) {
	if err := s.Queue.Flush(ctx); err != nil {
		return 0, "", err
	}
	return s.Store.CallByChannel(ctx, channel)
}

// CallOver implements ivr.OpenCalls.
func (s Store) CallOver(ctx context.Context, channel string) (bool, error) {
	if err := s.Queue.Flush(ctx); err != nil {
		return false, err
	}
	return s.Store.CallOver(ctx, channel)
}

// OpenChannels implements ivr.OpenCalls.
func (s Store) OpenChannels(ctx context.Context) ([]string, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	return s.Store.OpenChannels(ctx)
}

// Caller implements ivr.OpenCalls.
func (s Store) Caller(ctx context.Context, channel string) (call int64, number screening.Number, name string, err error) {
	if err := s.flush(ctx); err != nil {
		return 0, "", "", err
	}
	return s.Store.Caller(ctx, channel)
}
