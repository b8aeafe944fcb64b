// Passkeys: <… data-passkey="sign-in"> with a button, and <form data-passkey="new"> in a <details data-passkey>. Where the browser has none they stay hidden.
"use strict";
(() => {
  const able = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON && PublicKeyCredential.parseCreationOptionsFromJSON;
  for (const el of document.querySelectorAll("[data-passkey]")) el.hidden = !able; // also what is around a form
  for (const el of document.querySelectorAll("[data-passkey-none]")) el.hidden = !!able;
  if (!able) return;

  const send = async (path, body) => {
    const answer = await fetch(path, { method: "POST", body });
    if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new Error("That did not work. Please load this page again.");
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    return said;
  };
  const ceremony = async (el, run) => {
    const wrong = el.querySelector("[data-wrong]");
    wrong.hidden = true;
    try {
      location.assign((await run()).to);
    } catch (e) {
      wrong.textContent = e.name === "NotAllowedError" ? "That was cancelled, or took too long. Please try again."
        : e.name === "InvalidStateError" ? "This device has a passkey of yours already." : e.message;
      wrong.hidden = false;
    }
  };

  const enter = document.querySelector('[data-passkey="sign-in"]');
  enter?.querySelector("button").addEventListener("click", () => ceremony(enter, async () => {
    const options = await send("/sign-in/passkey/begin");
    const key = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    return send("/sign-in/passkey?to=" + encodeURIComponent(enter.dataset.to), JSON.stringify(key));
  }));

  const add = document.querySelector('form[data-passkey="new"]');
  add?.addEventListener("submit", (e) => {
    e.preventDefault();
    ceremony(add, async () => {
      const options = await send("/me/passkeys/begin", new URLSearchParams(new FormData(add)));
      const key = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
      return send("/me/passkeys", JSON.stringify(key));
    });
  });
})();
