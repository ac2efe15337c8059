// What is meant once is asked for once: the second click of a double click, a key that is held down, and a form that is on its
// way already ask for nothing.

const PATIENCE = 8000;

export function askOnce() {
  document.addEventListener("click", stopSecond, true);
  document.addEventListener("keydown", stopHeld);
  document.addEventListener("submit", stopSent);
  // A page that comes back from the browser's cache is as it was left.
  window.addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach(free));
}

// Of forms alone: at a window the queue itself refuses what was done already, and quick taps there may each mean something.
function stopSecond(event) {
  if (event.detail > 1 && event.target.closest("form button")) event.preventDefault();
}

function stopHeld(event) {
  if (event.repeat && event.key === "Enter" && !event.target.closest("textarea")) event.preventDefault();
}

function stopSent(event) {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.hasAttribute("aria-busy")) event.preventDefault();
  form.setAttribute("aria-busy", "true");
  setTimeout(() => free(form), PATIENCE);
}

function free(element) {
  element.removeAttribute("aria-busy");
}
