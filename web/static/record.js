// Records a phrase in the browser, as a WAV file that goes into the form's own file field: without this script a file is
// chosen there.
"use strict";
(() => {
  const worklet = document.currentScript.dataset.worklet;
  const longest = 60; // seconds

  // 16-bit samples of one channel in a WAV file; the server brings them to the telephone's rate.
  const wavOf = (parts, rate) => {
    const length = parts.reduce((n, p) => n + p.length, 0), view = new DataView(new ArrayBuffer(44 + 2 * length));
    const text = (at, s) => { for (let i = 0; i < s.length; i++) view.setUint8(at + i, s.charCodeAt(i)); };
    text(0, "RIFF"); view.setUint32(4, 36 + 2 * length, true); text(8, "WAVEfmt ");
    view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
    view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
    text(36, "data"); view.setUint32(40, 2 * length, true);
    let at = 44;
    for (const part of parts) for (const x of part) { view.setInt16(at, Math.max(-1, Math.min(1, x)) * 32767, true); at += 2; }
    return new File([view], "recording.wav", {type: "audio/wav"});
  };

  for (const form of document.querySelectorAll("[data-recorder]")) {
    const part = form.querySelector(".record"), said = form.querySelector("[data-said]"), level = form.querySelector("[data-level]");
    const record = form.querySelector("[data-record]"), stop = form.querySelector("[data-stop]"), preview = form.querySelector("[data-preview]");
    part.hidden = false;
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioContext) {
      record.hidden = true;
      said.textContent = "This browser records only over a secure connection (https). A WAV file can be chosen all the same.";
      continue;
    }
    let end = null;
    record.addEventListener("click", async () => {
      let stream, context;
      try {
        stream = await navigator.mediaDevices.getUserMedia({audio: {channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true}});
        context = new AudioContext();
        await context.audioWorklet.addModule(worklet);
      } catch {
        stream?.getTracks().forEach((t) => t.stop());
        said.textContent = "The microphone cannot be used. Allow it in the browser’s settings for this page, or choose a WAV file.";
        return;
      }
      const parts = [], tap = new AudioWorkletNode(context, "tap");
      let samples = 0, loudest = 0, shown = -1;
      tap.port.onmessage = (e) => {
        parts.push(e.data);
        samples += e.data.length;
        for (const x of e.data) loudest = Math.max(loudest * 0.9999, Math.abs(x));
        level.value = loudest;
        const seconds = Math.floor(samples / context.sampleRate);
        if (seconds !== shown) { shown = seconds; if (seconds > 0 && seconds % 5 === 0) said.textContent = `Recording: ${seconds} seconds.`; }
        if (seconds >= longest) end?.();
      };
      context.createMediaStreamSource(stream).connect(tap);
      record.hidden = preview.hidden = true;
      stop.hidden = level.hidden = false;
      stop.focus();
      said.textContent = "Recording. Speak now, and press Stop when you have finished.";
      end = () => {
        end = null;
        stream.getTracks().forEach((t) => t.stop());
        context.close();
        const file = wavOf(parts, context.sampleRate), files = new DataTransfer();
        files.items.add(file);
        form.elements.sound.files = files.files;
        if (preview.src) URL.revokeObjectURL(preview.src);
        preview.src = URL.createObjectURL(file);
        stop.hidden = level.hidden = true;
        record.hidden = preview.hidden = false;
        record.textContent = "Record again";
        record.setAttribute("aria-label", record.getAttribute("aria-label").replace(/^Record:/, "Record again:"));
        record.focus();
        said.textContent = `Recorded: ${Math.round(samples / context.sampleRate)} seconds. Play it; if it is good, press “Use this recording”.`;
      };
    });
    stop.addEventListener("click", () => end?.());
  }
})();
