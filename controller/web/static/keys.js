// Keyboard shortcuts: a button's key presses it, unless somebody is typing or has switched shortcuts off.

const MEMORY = "hallware-shortcuts";

export function answerKeys() {
  const box = document.querySelector("[data-shortcuts]");
  if (!box) return;
  box.checked = localStorage.getItem(MEMORY) !== "off";
  const show = () => document.body.classList.toggle("no-shortcuts", !box.checked);
  box.addEventListener("change", () => {
    localStorage.setItem(MEMORY, box.checked ? "on" : "off");
    show();
  });
  show();
  document.addEventListener("keydown", (event) => box.checked && press(event));
}

function press(event) {
  const field = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && field) field.blur();
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || field) return;
  const key = CSS.escape(event.key.toLowerCase());
  const wanted = document.querySelector(`[data-focus-key="${key}"]`);
  if (wanted) {
    event.preventDefault();
    wanted.focus();
    wanted.select?.();
    return;
  }
  const button = document.querySelector(`button[data-shortcut="${key}"]:not(:disabled)`);
  if (!button) return;
  event.preventDefault();
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
  button.click();
}
