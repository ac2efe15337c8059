// Text boards as a person sees them: LED strips as rows of glowing glyphs, digit boards as seven segments.

const PATHS = {
  a: "M4 2h12l-3 4H7z", b: "M17 3v13l-2 2-2-2V7z", c: "M17 21v13l-4-4v-9l2-2z", d: "M4 35h12l-3-4H7z",
  e: "M3 21v13l4-4v-9l-2-2z", f: "M3 3v13l2 2 2-2V7z", g: "M5 18.5 7 16.5h6l2 2-2 2H7z",
};
const LIT = {
  0: "abcdef", 1: "bc", 2: "abdeg", 3: "abcdg", 4: "bcfg", 5: "acdfg", 6: "acdefg", 7: "abc", 8: "abcdefg", 9: "abcdfg", "-": "g",
};

const wide = (letter) => letter.codePointAt(0) > 0x2e7f || "…→←↑↓□“”‘’·—".includes(letter);

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function glyphs(row, columns) {
  const line = make("p", "cells");
  line.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  let used = 0;
  for (const letter of row.text) {
    const size = wide(letter) ? 2 : 1;
    if ((used += size) > columns) break;
    const cell = make("span", size === 2 ? "wide" : "", letter);
    line.append(cell);
  }
  return line;
}

export function segments(row, columns) {
  const line = make("p", "digits");
  for (let at = 0; at < columns; at++) {
    const lit = LIT[row.text[at]] ?? "";
    const paths = Object.entries(PATHS).map(([name, path]) => `<path data-segment="${at}${name}" class="${lit.includes(name) ? "lit" : ""}" d="${path}"/>`);
    line.insertAdjacentHTML("beforeend", `<svg viewBox="0 0 20 37" aria-hidden="true">${paths.join("")}</svg>`);
  }
  return line;
}

function drawn(row, view) {
  const line = (view.digital ? segments : glyphs)(row, view.columns);
  line.dataset.columns = view.columns;
  line.style.setProperty("--led", `var(--led-${row.colour})`);
  line.setAttribute("aria-label", row.text);
  if (row.blinks) line.style.animation = `sign-blink 1s steps(2) ${row.blinks < 0 ? "infinite" : row.blinks}`;
  for (const x of view.dead) {
    const hole = make("i", "hole");
    Object.assign(hole.style, { left: `${(100 * x) / view.columns}%`, width: `${100 / view.columns}%` });
    line.append(hole);
  }
  for (const name of view.dead_segments) line.querySelector(`[data-segment="${CSS.escape(name)}"]`)?.classList.add("dead");
  return line;
}

// A row that has not changed stays as it is, so that its blinking goes on.
export function showSign(root, view) {
  root.classList.add("face-of-sign");
  root.style.setProperty("--columns", view.columns);
  root.style.setProperty("--bright", 0.5 + view.brightness / 6);
  view.rows.forEach((row, at) => {
    const said = JSON.stringify([row, view.columns, view.dead, view.dead_segments]);
    const old = root.children[at];
    if (old?.said === said) return;
    const line = drawn(row, view);
    line.said = said;
    if (old) old.replaceWith(line);
    else root.append(line);
  });
  root.closest("[data-device]")?.classList.toggle("faulty", view.faults.length > 0);
  const refused = Object.entries(view.counts).filter(([name]) => name.startsWith("refused"));
  root.title = refused.map(([name, count]) => `${name} × ${count}`).join("\n");
}

// What of a sign lies under a point of the page.
export function partOfSign(event, what) {
  if (what === "segment") return event.target.closest("[data-segment]")?.dataset.segment;
  const line = event.target.closest("[data-columns]");
  if (!line || what !== "x") return undefined;
  const box = line.getBoundingClientRect();
  return Math.floor(((event.clientX - box.left) / box.width) * Number(line.dataset.columns));
}
