// What pages can do better with a little script. All of them work without.
"use strict";

// Parts of a page that the server sends anew when something has changed: <div data-live="/h/…/live">. Each event brings the
// id of an element and its new HTML. One in which something is playing or being typed waits until that is over; what has
// been unfolded stays so.
(() => {
  const root = document.querySelector("[data-live]");
  if (!root || !window.EventSource) return;
  const waiting = new Map();
  const busy = (el) => el.contains(document.activeElement) && document.activeElement.matches("input, textarea, select") ||
    [...el.querySelectorAll("audio")].some((a) => !a.paused);
  const put = (id, html) => {
    const el = document.getElementById(id);
    if (!el) return;
    if (busy(el)) { waiting.set(id, html); return; }
    waiting.delete(id);
    const focused = el.contains(document.activeElement) ? document.activeElement.id : "";
    const folds = [...el.querySelectorAll("details[id]")].map((d) => [d.id, d.open]);
    el.innerHTML = html; // made by the server's templates, which escape
    for (const [id, open] of folds) document.getElementById(id)?.toggleAttribute("open", open);
    if (focused) document.getElementById(focused)?.focus();
    tab();
  };
  const flush = () => { for (const [id, html] of [...waiting]) put(id, html); };
  document.addEventListener("focusout", () => setTimeout(flush, 0));
  document.addEventListener("ended", flush, true);
  document.addEventListener("pause", flush, true);
  // The tab says who is on the line, by its title and its icon, while somebody is.
  const title = document.querySelector("title"), icon = document.getElementById("icon");
  const tab = () => {
    const call = root.querySelector("[data-caller]");
    document.title = (call ? "☎ " + call.dataset.caller + " · " : "") + title.dataset.quiet;
    icon.href = call ? icon.dataset.call : icon.dataset.quiet;
  };
  const events = new EventSource(root.dataset.live);
  const lost = document.getElementById("lost");
  events.addEventListener("part", (e) => { const part = JSON.parse(e.data); put(part.id, part.html); });
  events.addEventListener("open", () => { if (lost) lost.hidden = true; });
  events.addEventListener("error", () => { if (lost) lost.hidden = false; });
})();

// A sound for each new call, if somebody has asked for it on this device. A browser plays nothing on a page that has not been touched.
(() => {
  const button = document.getElementById("sound"), calls = document.getElementById("in-progress");
  if (!button || !calls || !window.AudioContext) return;
  const stored = "ringfence-sound";
  let audio = null, known = new Set();
  const wanted = () => { try { return localStorage.getItem(stored) === "on"; } catch { return false; } };
  const say = () => { button.textContent = !wanted() ? "Sound: off" : audio?.state === "running" ? "Sound: on" : "Sound: tap to start"; };
  const start = async () => {
    if (!wanted()) return;
    audio ??= new AudioContext();
    audio.addEventListener("statechange", say, { once: true });
    try { await audio.resume(); } catch { /* the next touch tries again */ }
    say();
  };
  const ring = () => {
    if (!wanted() || audio?.state !== "running") return;
    for (let i = 0; i < 6; i++) {
      const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + (i % 2) * .25 + Math.floor(i / 2) * 1.5;
      tone.frequency.value = i % 2 ? 660 : 880;
      volume.gain.setValueAtTime(.25, at);
      volume.gain.exponentialRampToValueAtTime(.001, at + .6);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + .6);
    }
  };
  const look = () => {
    const now = new Set([...calls.querySelectorAll("[data-call]")].map((e) => e.dataset.call));
    if ([...now].some((call) => !known.has(call))) ring();
    known = now;
  };
  button.hidden = false;
  button.addEventListener("click", async (e) => {
    e.stopPropagation(); // it would count as the touch that starts the sound
    try { localStorage.setItem(stored, wanted() && audio?.state === "running" ? "off" : "on"); } catch { return; }
    await start();
    say();
  });
  for (const touch of ["click", "keydown"]) document.addEventListener(touch, (e) => { if (e.target !== button) start(); });
  new MutationObserver(look).observe(calls, { childList: true });
  known = new Set([...calls.querySelectorAll("[data-call]")].map((e) => e.dataset.call));
  start();
  say();
})();

// The menu closes when something else is touched, or with Escape.
(() => {
  const menu = document.querySelector(".menu");
  if (!menu) return;
  document.addEventListener("click", (e) => { if (!menu.contains(e.target)) menu.open = false; });
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();

// Whoever gets alerts in this browser gets them at its new address, if it has one now: its service worker looks.
if (document.querySelector(".menu")) {
  navigator.serviceWorker?.getRegistration("/").then((r) => r?.active?.postMessage("renew"), () => { /* it can't be asked for: private windows */ });
}

// <div data-here hidden> has an input for this page's own address, with what stands after the #, which no server knows.
for (const here of document.querySelectorAll("[data-here]")) {
  here.hidden = false;
  here.querySelector("input").value = location.href;
}

// <button data-copy="id"> copies what an input has.
document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy]");
  if (!button) return;
  const from = document.getElementById(button.dataset.copy);
  from.select();
  try { await navigator.clipboard.writeText(from.value); } catch { document.execCommand("copy"); }
  button.textContent = "Copied";
});

// <button data-print hidden> prints the page; without script there is none.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// How far a block on the beginning of numbers would reach, said while it is being typed.
(() => {
  const said = document.querySelector("[data-reach]");
  if (!said) return;
  const form = said.closest("form");
  let last = 0;
  const ask = async () => {
    const mine = ++last;
    if (form.elements.which.value !== "prefix") { said.textContent = ""; return; }
    await new Promise((later) => setTimeout(later, 250));
    if (mine !== last) return;
    try {
      const answer = await fetch(said.dataset.reach + "?number=" + encodeURIComponent(form.elements.number.value));
      const text = answer.ok ? await answer.text() : "";
      if (mine === last) said.textContent = text;
    } catch { /* the next page says it */ }
  };
  form.addEventListener("input", ask);
  form.addEventListener("change", ask);
})();

// <button data-ticks="all"> and "none" tick the boxes of their form, where there is script to do it.
document.querySelectorAll("[data-ticks]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.form.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = button.dataset.ticks === "all"; });
  });
});

// <button data-more="number"> makes room for one more of the fields number-0, number-1 and so on, which stand before it.
document.querySelectorAll("[data-more]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const last = button.previousElementSibling, name = button.dataset.more, next = last.cloneNode(true), input = next.querySelector("input");
    const number = Number(input.name.slice(name.length + 1)) + 1;
    input.name = name + "-" + number;
    input.id = "f-" + input.name;
    input.value = "";
    input.removeAttribute("aria-describedby");
    input.removeAttribute("aria-invalid");
    next.classList.remove("has-error");
    next.querySelector(".error")?.remove();
    next.querySelector("label").htmlFor = input.id;
    last.after(next);
    input.focus();
  });
});

// What is typed into <input data-chooses="id"> chooses the button beside it.
document.addEventListener("input", (e) => {
  if (e.target.dataset.chooses && e.target.value) document.getElementById(e.target.dataset.chooses).checked = true;
});

// A page that waits for something, <div data-wait>: without script it loads itself anew, with script only how far it is is put in.
(() => {
  const wait = document.querySelector("[data-wait]");
  if (!wait) return;
  const look = async () => {
    try {
      const answer = await fetch(location.href, { redirect: "manual" });
      if (answer.type === "opaqueredirect" || !answer.ok) { location.reload(); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      wait.querySelector("progress").value = page.querySelector("progress").value;
    } catch { /* the next look may go better */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
})();
