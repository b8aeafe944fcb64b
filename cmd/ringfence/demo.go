package main

import "context"

type demoCmd struct{}

func (demoCmd) Run(ctx context.Context, p *program) error { return nil }
