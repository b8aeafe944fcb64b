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

  let at = [0, 0], from = null, touched = 0;
  const brush = () => form.querySelector("[name=brush]:checked").value;
  const paint = (half, day) => {
    const cell = cells[half][day], now = cell.dataset.cell, b = brush();
    const next = b === "+" ? letterOf(modeOf(now), true) : b === "-" ? letterOf(modeOf(now), false) : letterOf(b, quietOf(now));
    cell.dataset.cell = next;
    cell.textContent = words(next);
    const differs = next !== was[half][day] || cell.classList.contains("mixed");
    if (differs !== cell.classList.contains("touched")) {
      cell.classList.toggle("touched", differs);
      touched += differs ? 1 : -1;
      keep.disabled = undo.disabled = touched === 0;
    }
    return next;
  };
  const range = (a, b) => {
    for (let h = Math.min(a[0], b[0]); h <= Math.max(a[0], b[0]); h++)
      for (let d = Math.min(a[1], b[1]); d <= Math.max(a[1], b[1]); d++) paint(h, d);
  };
  const place = (target) => {
    const cell = target?.closest?.("#week td");
    return cell ? [cell.parentNode.rowIndex - 1, cell.cellIndex - 1] : null;
  };
  const tell = (text) => { said.textContent = text; };
  const label = (p) => `${days[p[1]]}, ${times[p[0]]}`;

  // One cell is in the order of the Tab key: the others are reached with the arrows.
  const go = (half, day) => {
    cells[at[0]][at[1]].tabIndex = -1;
    at = [Math.max(0, Math.min(rows.length - 1, half)), Math.max(0, Math.min(days.length - 1, day))];
    cells[at[0]][at[1]].tabIndex = 0;
    cells[at[0]][at[1]].focus();
  };
  for (const row of cells) for (const cell of row) { cell.setAttribute("role", "gridcell"); cell.tabIndex = -1; }
  cells[0][0].tabIndex = 0;
  table.addEventListener("keydown", (e) => {
    const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-8, 0], PageDown: [8, 0], Home: [-99, 0], End: [99, 0]}[e.key];
    if (step) {
      const before = [...at];
      go(at[0] + step[0], at[1] + step[1]);
      if (e.shiftKey) range(before, at);
    } else if (e.key === " " || e.key === "Enter") {
      tell(`${label(at)}: ${words(paint(...at))}`);
    } else return;
    e.preventDefault();
  });

  // A mouse or a pen drags. A finger scrolls, so it taps the beginning and the end.
  let dragging = null;
  table.addEventListener("pointerdown", (e) => {
    const p = place(e.target);
    if (!p || e.pointerType === "touch" || e.button !== 0) return;
    dragging = p;
    go(...p);
    paint(...p);
    e.preventDefault();
  });
  table.addEventListener("pointermove", (e) => {
    if (!dragging) return;
    const p = place(document.elementFromPoint(e.clientX, e.clientY));
    if (!p || p[0] === at[0] && p[1] === at[1]) return;
    range(at, p);
    cells[at[0]][at[1]].tabIndex = -1;
    at = p;
    cells[p[0]][p[1]].tabIndex = 0;
  });
  addEventListener("pointerup", () => { dragging = null; });
  addEventListener("pointercancel", () => { dragging = null; });
  table.addEventListener("click", (e) => {
    const p = place(e.target);
    if (!p || e.pointerType !== "touch") return;
    if (!from) {
      from = p;
      cells[p[0]][p[1]].classList.add("from");
      tell(`From ${label(p)}. Now tap where it ends.`);
      return;
    }
    cells[from[0]][from[1]].classList.remove("from");
    range(from, p);
    tell(`Painted from ${label(from)} to ${label(p)}.`);
    from = null;
  });

  form.addEventListener("reset", (e) => {
    e.preventDefault(); // the brush stays
    cells.forEach((row, h) => row.forEach((cell, d) => {
      cell.dataset.cell = was[h][d];
      cell.textContent = wasWords[h][d];
      cell.classList.remove("touched", "from");
    }));
    touched = 0;
    from = null;
    keep.disabled = undo.disabled = true;
    tell("The week is as it was.");
  });
  form.addEventListener("submit", () => {
    form.elements.cells.value = days.map((_, d) => cells.map((row) => row[d].classList.contains("touched") ? row[d].dataset.cell : "?").join("")).join("");
    touched = 0;
  });
  addEventListener("beforeunload", (e) => { if (touched > 0) e.preventDefault(); });
})();
