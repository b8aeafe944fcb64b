package doctor

import (
	"context"

	"ringfence/config"
)

// OfPages is a doctor for nothing but pages.
func OfPages(w config.Web) *Doctor { return New(config.Settings{Web: w}) }

// Pages looks at the pages.
func (d *Doctor) Pages(ctx context.Context) Finding { return d.pages(ctx) }

// Certificate looks at their certificate.
func (d *Doctor) Certificate(ctx context.Context) Finding { return d.certificate(ctx) }
