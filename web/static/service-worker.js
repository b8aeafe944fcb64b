// Shows the alerts that reach this browser while no page is open. It answers no requests and caches nothing: nothing of a household stays on a phone
// but the notifications themselves.
"use strict";
self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (e) => {
  const m = e.data?.json() ?? {};
  e.waitUntil(self.registration.showNotification(m.title || "Ringfence", {
    body: m.text || "", icon: "/static/icon-192.png", data: { path: m.path || "/" },
    // One with the same tag takes the place of the one before, with a sound unless it only completes it.
    tag: m.tag || "", renotify: !!m.tag && !m.quiet, silent: !!m.quiet,
    requireInteraction: !!m.stays,
  }));
});

self.addEventListener("notificationclick", (e) => {
  e.notification.close();
  const to = new URL(e.notification.data.path, self.location.origin);
  if (to.origin === self.location.origin) e.waitUntil(self.clients.openWindow(to.href));
});
