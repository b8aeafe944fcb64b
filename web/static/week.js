// The week, painted. Without this script the same is done by the form above the table.
"use strict";
(() => {
  const table = document.getElementById("week"), form = document.getElementById("paint");
  if (!table || !form) return;
  for (const part of form.querySelectorAll("[data-paint]")) part.hidden = false;
  table.classList.add("paintable");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-labelledby", "painted-title");
  table.setAttribute("aria-describedby", "paint-how");
  const said = document.getElementById("paint-said");
  const keep = document.getElementById("paint-keep"), undo = document.getElementById("paint-undo");
  const days = [...table.tHead.rows[0].cells].slice(1).map((c) => c.querySelector(".hidden-text").textContent);
  const rows = [...table.tBodies[0].rows];
  const times = rows.map((r) => r.cells[0].textContent.trim());
  const cells = rows.map((r) => [...r.cells].slice(1)); // [half hour][day]
  const was = cells.map((r) => r.map((c) => c.dataset.cell));
  const wasWords = cells.map((r) => r.map((c) => c.textContent));
  const names = {};
  for (const b of form.querySelectorAll("[name=brush]")) names[b.value] = form.querySelector(`label[for=${b.id}]`).textContent;

  // As the server reads it: a small letter is a mode, a capital one is a mode in quiet hours.
  const modeOf = (letter) => letter === "_" ? "." : letter.toLowerCase();
  const quietOf = (letter) => letter === "_" || letter !== letter.toLowerCase();
  const letterOf = (mode, quiet) => quiet ? (mode === "." ? "_" : mode.toUpperCase()) : mode;
  const words = (letter) => names[modeOf(letter)].toLowerCase() + (quietOf(letter) ? ", quiet" : "");

  const say = (cell, text) => { cell.firstElementChild.textContent = text; };
  let at = [0, 0], from = null, touched = 0;
  const brush = () => form.querySelector("[name=brush]:checked").value;
  const mark = (cell, differs) => {
    if (differs === cell.classList.contains("touched")) return;
    cell.classList.toggle("touched", differs);
    touched += differs ? 1 : -1;
    keep.disabled = undo.disabled = touched === 0;
  };
  const paint = (half, day) => {
    const cell = cells[half][day], now = cell.dataset.cell, b = brush();
    const next = b === "+" ? letterOf(modeOf(now), true) : b === "-" ? letterOf(modeOf(now), false) : letterOf(b, quietOf(now));
    cell.dataset.cell = next;
    say(cell, words(next));
    mark(cell, next !== was[half][day] || cell.classList.contains("mixed"));
    return next;
  };

  // A rectangle has one corner where it was begun and the other where the pointer or the keyboard is. What it leaves again is as it was before.
  let corner = null, before = new Map();
  const begin = (p) => { corner = p; before = new Map(); };
  const stretch = (p) => {
    const inside = (h, d) => h >= Math.min(corner[0], p[0]) && h <= Math.max(corner[0], p[0]) && d >= Math.min(corner[1], p[1]) && d <= Math.max(corner[1], p[1]);
    for (const [cell, old] of before) {
      if (inside(old.half, old.day)) continue;
      cell.dataset.cell = old.letter;
      say(cell, old.words);
      mark(cell, old.touched);
      before.delete(cell);
    }
    cells.forEach((row, half) => row.forEach((cell, day) => {
      if (!inside(half, day) || before.has(cell)) return;
      before.set(cell, {half, day, letter: cell.dataset.cell, words: cell.textContent, touched: cell.classList.contains("touched")});
      paint(half, day);
    }));
  };
  const place = (target) => {
    const cell = target?.closest?.("#week td");
    return cell ? [cell.parentNode.rowIndex - 1, cell.cellIndex - 1] : null;
  };
  const tell = (text) => { said.textContent = text; };
  const label = (p) => `${days[p[1]]}, ${times[p[0]]}`;
  const painted = (p) => tell(`Painted from ${label([Math.min(corner[0], p[0]), Math.min(corner[1], p[1])])} to ${label([Math.max(corner[0], p[0]), Math.max(corner[1], p[1])])}.`);

  // One cell is in the order of the Tab key: the others are reached with the arrows.
  const move = (half, day) => {
    cells[at[0]][at[1]].tabIndex = -1;
    at = [Math.max(0, Math.min(rows.length - 1, half)), Math.max(0, Math.min(days.length - 1, day))];
    cells[at[0]][at[1]].tabIndex = 0;
  };
  const go = (half, day) => { move(half, day); cells[at[0]][at[1]].focus(); };
  for (const row of cells) for (const cell of row) { cell.setAttribute("role", "gridcell"); cell.tabIndex = -1; }
  cells[0][0].tabIndex = 0;
  let byKey = false; // a rectangle is being stretched with Shift
  table.addEventListener("keydown", (e) => {
    const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-8, 0], PageDown: [8, 0], Home: [-99, 0], End: [99, 0]}[e.key];
    if (step) {
      if (e.shiftKey && !byKey) begin([...at]);
      byKey = e.shiftKey;
      go(at[0] + step[0], at[1] + step[1]);
      if (byKey) { stretch(at); painted(at); }
    } else if (e.key === " " || e.key === "Enter") {
      tell(`${label(at)}: ${words(paint(...at))}`);
    } else return;
    e.preventDefault();
  });
  table.addEventListener("keyup", (e) => { if (e.key === "Shift") byKey = false; });

  // A mouse or a pen paints as it is dragged. A finger that moves up or down scrolls the page; one that moves sideways, or rests for a moment first, paints.
  const rest = 300, slip = 8; // milliseconds and pixels
  let dragging = false, finger = null;
  const startAt = (p) => {
    dragging = true;
    from = clearFrom();
    table.classList.add("painting");
    begin(p);
    move(...p);
    stretch(p);
  };
  const clearFrom = () => { if (from) cells[from[0]][from[1]].classList.remove("from"); return null; };
  table.addEventListener("pointerdown", (e) => {
    const p = place(e.target);
    if (!p || e.button !== 0) return;
    if (e.pointerType === "touch") {
      table.releasePointerCapture?.(e.pointerId);
      finger = {p, x: e.clientX, y: e.clientY, timer: setTimeout(() => { startAt(p); navigator.vibrate?.(20); }, rest)};
      return;
    }
    go(...p);
    startAt(p);
    e.preventDefault();
  });
  addEventListener("pointermove", (e) => {
    if (finger && !dragging) {
      const dx = Math.abs(e.clientX - finger.x), dy = Math.abs(e.clientY - finger.y);
      if (Math.max(dx, dy) < slip) return;
      clearTimeout(finger.timer);
      if (dx > dy) startAt(finger.p); else { finger = null; return; }
    }
    if (!dragging) return;
    const p = place(document.elementFromPoint(e.clientX, e.clientY));
    if (p && (p[0] !== at[0] || p[1] !== at[1])) { move(...p); stretch(p); }
  });
  table.addEventListener("touchmove", (e) => { if (dragging && e.cancelable) e.preventDefault(); }, {passive: false});
  table.addEventListener("contextmenu", (e) => { if (finger || dragging) e.preventDefault(); }); // a finger that rests
  let dragged = false;
  const finish = () => {
    if (finger) clearTimeout(finger.timer);
    dragged = dragging;
    if (dragging) painted(at);
    dragging = false;
    finger = null;
    table.classList.remove("painting");
  };
  addEventListener("pointerup", finish);
  addEventListener("pointercancel", finish);

  // A finger can also tap the beginning and then the end.
  table.addEventListener("click", (e) => {
    const p = place(e.target);
    if (!p || e.pointerType !== "touch" || dragged) return;
    if (!from) {
      from = p;
      cells[p[0]][p[1]].classList.add("from");
      tell(`From ${label(p)}. Now tap where it ends.`);
      return;
    }
    begin(from);
    from = clearFrom();
    stretch(p);
    painted(p);
  });

  form.addEventListener("reset", (e) => {
    e.preventDefault(); // the brush stays
    cells.forEach((row, h) => row.forEach((cell, d) => {
      cell.dataset.cell = was[h][d];
      say(cell, wasWords[h][d]);
      cell.classList.remove("touched", "from");
    }));
    touched = 0;
    from = null;
    before = new Map();
    keep.disabled = undo.disabled = true;
    tell("The week is as it was.");
  });
  form.addEventListener("submit", () => {
    form.elements.cells.value = days.map((_, d) => cells.map((row) => row[d].classList.contains("touched") ? row[d].dataset.cell : "?").join("")).join("");
    touched = 0;
  });
  addEventListener("beforeunload", (e) => { if (touched > 0) e.preventDefault(); });
})();
