// A form with data-preview: its picture is made anew a moment after each change.
import { fields } from "./act.js";

const QUIET = 350;

export function answerPreview() {
  const form = document.querySelector("form[data-preview]");
  if (!form) return;
  let timer = 0;
  let latest = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(form, (latest += 1), () => latest), QUIET);
  };
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  show(form, latest, () => latest);
}

async function show(form, mine, newest) {
  const filled = fields(form);
  const given = Object.entries(filled.fields ?? {}).filter(([, value]) => value.length);
  let answer;
  try {
    const response = await fetch(form.dataset.preview, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ template: filled.template, fields: Object.fromEntries(given) }),
    });
    if (!response.ok) return;
    answer = await response.json();
  } catch {
    return; // The next change asks again.
  }
  if (mine !== newest()) return;
  const sheet = document.querySelector("[data-sheet]");
  sheet.hidden = !answer.picture;
  if (answer.picture) sheet.src = answer.picture;
  const chinese = document.documentElement.lang.startsWith("zh");
  document.querySelector("[data-missing]").textContent = answer.missing ? (chinese ? answer.missing.zh : answer.missing.en) : "";
}
