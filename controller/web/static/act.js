// Buttons and forms that ask the controller for something: data-do names the action of the API.
import { hallTime } from "./clock.js";
import { hallMoment } from "./moments.js";

const PATIENCE = 4000;
const TRIES = 3;

export function answerClicks() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-do]");
    if (!button || event.defaultPrevented) return;
    follow(button, await ask(button, { type: button.dataset.do, ...JSON.parse(button.dataset.with) }, leadsOn(button)));
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-do]");
    if (!form) return;
    event.preventDefault();
    if (form.dataset.confirm && !(await confirmed(form))) return;
    const done = await ask(form.querySelector("[type=submit]"), { type: form.dataset.do, ...fields(form) }, leadsOn(form));
    if (done) form.reset();
    if (done) form.closest("details.record")?.removeAttribute("open");
    follow(form, done);
  });
}

// Shows what is about to be done, in the dialog that the form names, and waits for a yes.
function confirmed(form) {
  const dialog = document.getElementById(form.dataset.confirm);
  for (const place of dialog.querySelectorAll("[data-shows]")) place.textContent = form.elements[place.dataset.shows].value;
  for (const place of dialog.querySelectorAll("[data-ticked]")) {
    const ticked = form.querySelectorAll(`[name="${place.dataset.ticked}"]:checked`);
    place.textContent = [...ticked].map((box) => box.closest("label").textContent.trim()).join(" · ") || place.dataset.none;
  }
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// data-then leads on to a page once it is done; {…} stands for what the answer says.
function follow(element, reply) {
  const then = reply && element.dataset.then;
  if (then) location.assign(then.replace(/{(\w+)}/g, (_, name) => encodeURIComponent(reply[name] ?? "")));
}

function leadsOn(element) {
  return "then" in element.dataset;
}

// A button that leads on stays busy until its page is left.
async function ask(button, action, leads) {
  if (button.hasAttribute("aria-busy")) return false;
  button.setAttribute("aria-busy", "true");
  let done = false;
  try {
    done = await send(action);
  } finally {
    if (!(done && leads)) button.removeAttribute("aria-busy");
  }
  return done;
}

// The same id at each try: whatever got lost on the way, the controller does it once.
async function send(action) {
  const order = JSON.stringify({ id: newId(), do: action, not_after: new Date(hallTime().getTime() + 15000).toISOString() });
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      const response = await fetch("/api/v1/actions", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: order,
        signal: AbortSignal.timeout(PATIENCE),
      });
      return told(response.status, await response.json());
    } catch {
      // No answer is weather; the next try may get one.
    }
  }
  say(place().dataset.noAnswer, "refused");
  return false;
}

function told(status, reply) {
  const chinese = document.documentElement.lang.startsWith("zh");
  const done = status === 200 && reply.outcome === "done";
  say(chinese ? reply.what.zh : reply.what.en, done ? "done" : "refused");
  return done && reply;
}

function place() {
  return document.getElementById("said");
}

let fading = 0;

export function say(text, kind) {
  const said = place();
  clearTimeout(fading);
  said.dataset.kind = kind;
  said.setAttribute("aria-live", kind === "refused" ? "assertive" : "polite");
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = text));
  fading = setTimeout(() => (said.textContent = ""), kind === "refused" ? 12000 : 6000);
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fields(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || (field.type === "checkbox" && !field.checked && !("many" in field.dataset))) continue;
    if ("optional" in field.dataset && !field.value.trim()) continue;
    if ("beside" in field.dataset && !form.elements[field.dataset.beside].value) continue;
    put(values, field.name.split("."), field);
  }
  return values;
}

function put(values, [name, ...rest], field) {
  if (rest.length) put((values[name] ??= {}), rest, field);
  else if ("many" in field.dataset) values[name] = [...(values[name] ?? []), ...(field.checked ? [field.value] : [])];
  else if ("lines" in field.dataset) values[name] = field.value.split("\n").filter((line) => line.trim());
  else if ("number" in field.dataset) values[name] = Number(field.value);
  else if ("flag" in field.dataset) values[name] = true;
  else if ("moment" in field.dataset) values[name] = hallMoment(field.value);
  else if ("capital" in field.dataset) values[name] = field.value.toUpperCase();
  else if (!("minutes" in field.dataset)) values[name] = field.value.trim();
  else if (field.value) values[name] = new Date(hallTime().getTime() + field.value * 60000).toISOString();
}
