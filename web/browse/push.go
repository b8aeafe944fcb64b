package browse

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// AllowNotifications answers the browser's question whether a site may show notifications, in the window of a context.
func AllowNotifications(ctx context.Context, origin string) error {
	window, err := chromedp.Call(ctx, target.GetTargetInfo, target.GetTargetInfoParams{})
	if err != nil {
		return err
	}
	_, err = chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: origin,
		BrowserContextID: window.TargetInfo.BrowserContextID,
	})
	return err
}

// DeliverPush hands a message to a site's service worker, as the push service of the browser's maker would. It waits until there is one.
func DeliverPush(ctx context.Context, origin, payload string) error {
	ours := func(r *serviceworker.Registration) bool { return !r.IsDeleted && r.ScopeURL == origin+"/" }
	listed, err := chromedp.Run(ctx, chromedp.WaitEvent(serviceworker.WorkerRegistrationUpdated,
		func(e serviceworker.EventWorkerRegistrationUpdated) bool {
			return slices.ContainsFunc(e.Registrations, ours)
		},
		chromedp.Action[cdp.Empty](func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			return cdp.Call(ctx, t, serviceworker.Enable, cdp.Empty{})
		})))
	if err != nil {
		return err
	}
	worker := listed.Registrations[slices.IndexFunc(listed.Registrations, ours)]
	_, err = chromedp.Call(ctx, serviceworker.DeliverPushMessage,
		serviceworker.DeliverPushMessageParams{Origin: origin + "/", RegistrationID: worker.RegistrationID, Data: payload})
	_, again := chromedp.Call(ctx, serviceworker.Disable, cdp.Empty{}) // so that the next call has them listed again
	return errors.Join(err, again)
}

// InServiceWorker runs a script in the site's service worker, which has to run, and returns its value, or the value of its promise. As long as the test goes
// on, the worker does: what the script leaves there stays.
func InServiceWorker[T any](b *Tab, script string) T {
	b.t.Helper()
	found, err := chromedp.CallBrowser(b.ctx, target.GetTargets, target.GetTargetsParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	ours := func(i *target.Info) bool { return i.Type == "service_worker" && strings.HasPrefix(i.URL, b.base+"/") }
	i := slices.IndexFunc(found.TargetInfos, ours)
	if i < 0 {
		b.t.Fatalf("no service worker runs: %+v", found.TargetInfos)
	}
	worker, end := chromedp.NewContext(b.ctx, chromedp.WithTargetID(found.TargetInfos[i].TargetID))
	b.t.Cleanup(end)
	value, err := chromedp.Run(worker, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%v, in %.200s", err, script)
	}
	return value
}

// AllowNotifications answers the question whether the site may show notifications.
func (b *Tab) AllowNotifications() {
	b.t.Helper()
	if err := AllowNotifications(b.ctx, b.base); err != nil {
		b.t.Fatal(err)
	}
}

// DeliverPush hands a message to the site's service worker.
func (b *Tab) DeliverPush(payload string) {
	b.t.Helper()
	if err := DeliverPush(b.ctx, b.base, payload); err != nil {
		b.t.Fatal(err)
	}
}
