// A new hall.toml is checked: pasted, taken from a file, or as it lies on the controller's disk.
import { say } from "./act.js";

export function answerCheck() {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(form, { text: form.elements.text.value });
  });
  form.querySelector("[data-disk]")?.addEventListener("click", () => check(form, {}));
  form.querySelector("[data-into]").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) form.elements.text.value = await file.text();
  });
}

async function check(form, wanted) {
  try {
    const response = await fetch(form.dataset.check, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wanted),
    });
    const answer = await response.json();
    if (response.ok) show(answer);
    else say(document.documentElement.lang.startsWith("zh") ? answer.what.zh : answer.what.en, "refused");
  } catch {
    say(document.getElementById("said").dataset.noAnswer, "refused");
  }
}

function show(answer) {
  const place = document.querySelector("[data-found]");
  place.replaceChildren();
  if (answer.problem) {
    place.append(made("p", answer.problem, "refusal"));
  } else if (!answer.changes.length) {
    place.append(made("p", place.dataset.well, "success"));
  } else {
    place.append(made("p", place.dataset.changes, "success"), table(answer.changes, place.dataset), made("p", place.dataset.restart));
  }
}

function table(changes, words) {
  const rows = changes.map(({ key, now, then }) => row("td", [key, now ?? "—", then ?? "—"]));
  const whole = made("table", "");
  whole.append(row("th", [words.keyWord, words.now, words.then]), ...rows);
  return whole;
}

function row(kind, texts) {
  const line = made("tr", "");
  line.append(...texts.map((text) => made(kind, text)));
  return line;
}

function made(kind, text, name = "") {
  const element = document.createElement(kind);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}
