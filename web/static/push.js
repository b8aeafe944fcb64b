// Alerts in this browser: <… data-push="KEY"> in a form. It asks the browser for an address to which alerts can be sent, and the form has it. What keeps that
// from working is said by one of the parts with data-push-if.
"use strict";
(() => {
  const part = document.querySelector("[data-push]");
  if (!part) return;
  const form = part.closest("form");
  const say = (what) => part.querySelectorAll("[data-push-if]").forEach((el) => { el.hidden = el.dataset.pushIf !== what; });
  const onApple = /iPhone|iPad/.test(navigator.userAgent) || navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1;
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  if (!window.isSecureContext) return; // as the page says without script
  if (!able) { say(onApple ? "home-screen" : "unable"); return; }
  say(Notification.permission === "denied" ? "denied" : "");

  const subscribe = async () => {
    const { pushManager } = await navigator.serviceWorker.register("/service-worker.js").then(() => navigator.serviceWorker.ready);
    const options = { userVisibleOnly: true, applicationServerKey: part.dataset.push };
    try {
      return await pushManager.subscribe(options);
    } catch (e) {
      const old = e.name === "InvalidStateError" && await pushManager.getSubscription(); // with another key: a Ringfence that was here before
      if (!old) throw e;
      await old.unsubscribe();
      return pushManager.subscribe(options);
    }
  };

  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    try {
      if (await Notification.requestPermission() !== "granted") { say("denied"); return; }
      const { endpoint, keys } = (await subscribe()).toJSON();
      for (const [name, value] of Object.entries({ endpoint, ...keys })) form.elements["s-" + name].value = value;
      form.submit();
    } catch {
      say("failed");
    }
  });
})();
