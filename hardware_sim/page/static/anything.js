// Any device at all: its texts, keys, lamps and pages as its view has them, when the page knows no better picture of it.

import { Leds } from "./leds.js";
import { isPost, showPost } from "./post.js";
import { showSign } from "./sign.js";

const SKIPPED = new Set(["device", "kind", "window", "broken", "node"]);
const ROUGH = /^#?[a-z]+$/;

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// Nothing is drawn anew that has not changed, so that a button under a finger stays the same button.
export function showAnything(root, view) {
  const said = JSON.stringify(view);
  if (root.said === said) return;
  root.said = said;
  if ("pixels" in view) return showPixels(root, view);
  if (view.kind === "strip") return showSign(root, view);
  if (isPost(view)) return showPost(root, view);
  const shape = JSON.stringify(keysOf(view).map(({ key }) => key));
  if (root.shape !== shape) {
    root.shape = shape;
    root.replaceChildren(make("div", "words"), make("div", "buttons"), make("dl", "facts"));
    root.querySelector(".buttons").replaceChildren(...keysOf(view).map(button));
  }
  root.querySelector(".words").replaceChildren(...rowsOf(view).map(line));
  for (const { key, pressed, lamp } of keysOf(view)) {
    const cap = root.querySelector(`[data-key="${CSS.escape(key)}"]`);
    cap.classList.toggle("down", Boolean(pressed));
    cap.classList.toggle("lit", Boolean(lamp));
  }
  root.querySelector(".facts").replaceChildren(...factsOf(view).flatMap(fact));
}

function showPixels(root, view) {
  if (!root.leds) {
    const figure = make("figure", "board strip");
    Object.assign(figure.dataset, { width: view.width, height: view.height });
    const bezel = make("div", "bezel");
    bezel.append(make("canvas"));
    figure.append(bezel);
    root.replaceChildren(figure);
    root.leds = new Leds(figure);
  }
  root.leds.show(view);
}

function rowsOf(view) {
  const rows = view.rows ?? view.lines ?? view.places ?? (view.text === undefined ? view.spoken ?? [] : [view.text]);
  return (Array.isArray(rows) ? rows : [rows]).map((row) => (typeof row === "object" && row !== null ? row : { text: String(row) }));
}

function line(row) {
  const shown = make("p", `led${row.blinks ? " blinks" : ""}`, row.text || " ");
  if (row.colour && ROUGH.test(row.colour)) shown.style.setProperty("--led", `var(--led-${row.colour}, ${row.colour})`);
  return shown;
}

function keysOf(view) {
  if (Array.isArray(view.keys)) return view.keys.map((key) => (typeof key === "object" ? key : { key: String(key) }));
  if (view.keys) return Object.values(view.keys).map((key) => ({ key: String(key), pressed: view.pressed?.includes?.(key) }));
  return [];
}

function button({ key }) {
  const cap = make("button", "cap", key);
  Object.assign(cap.dataset, { hand: "press", key });
  cap.append(make("i", "lamp"));
  return cap;
}

function factsOf(view) {
  return Object.entries(view).filter(([name, value]) =>
    !SKIPPED.has(name) && !["rows", "lines", "places", "text", "keys", "pages", "pixels"].includes(name)
    && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
}

function fact([name, value]) {
  const there = make("dd");
  if (typeof value === "boolean") there.append(make("i", `bulb${value ? " lit" : ""}`), value ? "✓" : "–");
  else there.textContent = typeof value === "object" ? plain(value) : String(value);
  return [make("dt", "", name.replaceAll("_", " ")), there];
}

const plain = (value) => (Array.isArray(value)
  ? value.map((one) => (typeof one === "object" ? plain(one) : one)).join(", ")
  : Object.entries(value).map(([name, one]) => `${name} ${typeof one === "object" && one ? plain(one) : one}`).join(", "));
