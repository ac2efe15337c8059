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
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const button = document.querySelector(`button[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]:not(:disabled)`);
  if (!button) return;
  event.preventDefault();
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
  button.click();
}
