// A serial caller as a person sees it: six digits, a lamp, a beep, and which of its keys are down.

import { segments } from "./sign.js";

const LAMPS = { off: "灭 off", red: "红 red", green: "绿 green", "blink-red": "红闪 blinking red", "blink-green": "绿闪 blinking green" };

export function showCaller(root, view) {
  root.classList.toggle("unplugged", !view.plugged);
  root.classList.toggle("unheard", view.acknowledged === false);
  for (const key of root.querySelectorAll("[data-key]")) key.classList.toggle("down", (view.pressed ?? []).includes(key.title));
  const readout = root.querySelector("[data-readout]");
  if (!readout || !view.dialect) return;
  readout.hidden = false;
  readout.querySelector("[data-bus]").textContent = `${view.dialect} @${view.address}`;
  if (view.lamp !== undefined) {
    readout.dataset.lamp = view.lamp;
    readout.querySelector("[data-signal]").title = LAMPS[view.lamp];
  }
  if (view.digits !== undefined) showDigits(readout, view);
}

function showDigits(readout, view) {
  const digits = readout.querySelector("[data-digits]");
  if (digits.getAttribute("aria-label") !== view.digits || !digits.firstChild) {
    digits.replaceChildren(...segments({ text: view.digits }, view.digits.length).children);
    digits.setAttribute("aria-label", view.digits);
  }
  const sound = readout.querySelector("[data-sound]");
  if (readout.beeps !== undefined && view.beeps > readout.beeps) {
    sound.classList.remove("sounds");
    requestAnimationFrame(() => sound.classList.add("sounds"));
  }
  readout.beeps = view.beeps;
}
