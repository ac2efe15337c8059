// No way out: what would lead away from the page, mark its text, enlarge or print it does nothing. The browser's policy file and its
// command line close what a page cannot.

const MEANT = new Set(["Tab", "Enter", " ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Backspace", "Escape", "Delete"]);

const no = (event) => event.preventDefault();

export function guard() {
  const never = ["contextmenu", "selectstart", "dragstart", "dragover", "drop", "copy", "cut", "paste", "auxclick", "gesturestart"];
  for (const name of never) document.addEventListener(name, no, { capture: true });
  for (const name of ["wheel", "touchmove"]) document.addEventListener(name, no, { capture: true, passive: false });
  document.addEventListener("keydown", (event) => { if (!meant(event)) no(event); }, { capture: true });
}

function meant(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  return MEANT.has(event.key) || /^[0-9]$/.test(event.key);
}
