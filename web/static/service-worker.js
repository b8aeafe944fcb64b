// Shows the alerts that reach this browser while no page is open. It answers no requests and caches nothing: nothing of a household stays on a phone
// but the notifications themselves, and where the browser's own alerts go.
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

// A browser may get another address for its alerts, or lose the one it has. kept is the one that the server was told last, with the server's key.
const kept = (told) => new Promise((done, failed) => {
  const open = indexedDB.open("ringfence");
  open.onupgradeneeded = () => open.result.createObjectStore("alerts");
  open.onerror = () => failed(open.error);
  open.onsuccess = () => {
    const store = open.result.transaction("alerts", told ? "readwrite" : "readonly").objectStore("alerts");
    const asked = told ? store.put(told, "told") : store.get("told");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
    store.transaction.oncomplete = () => open.result.close();
  };
});

// Whoever isn't signed in tells the server when they next open a page.
const renew = async () => {
  const { pushManager } = self.registration;
  const told = await kept();
  let now = await pushManager.getSubscription();
  if (!now && told) now = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: told.key });
  if (!now || now.endpoint === told?.endpoint) return;
  const { endpoint, keys } = now.toJSON(), key = now.options.applicationServerKey;
  if (told) {
    const body = new URLSearchParams({ was: told.endpoint, "s-endpoint": endpoint, "s-p256dh": keys.p256dh, "s-auth": keys.auth });
    const answer = await fetch("/me/browser", { method: "POST", body, redirect: "manual" });
    if (answer.status !== 204) return;
  }
  await kept({ endpoint, key });
};
const renewing = (e) => e.waitUntil(renew().catch(() => { /* the next page that is opened tries again */ }));
self.addEventListener("pushsubscriptionchange", renewing);
self.addEventListener("message", (e) => { if (e.data === "renew") renewing(e); });
