// Notices on the board take turns, each long enough to be read.

const SHORTEST = 7000;
const PER_CHARACTER = 140;

let shown = 0;
let timer = 0;

export function takeTurns() {
  if (!document.documentElement.classList.contains("tv")) return;
  document.addEventListener("hall:shown", mark);
  next();
}

function next() {
  clearTimeout(timer);
  shown += 1;
  const notice = mark();
  const length = notice ? notice.textContent.length : 0;
  timer = setTimeout(next, Math.max(SHORTEST, length * PER_CHARACTER));
}

function mark() {
  const notices = [...document.querySelectorAll("[data-turns] p")];
  const now = notices[shown % notices.length];
  for (const notice of notices) notice.classList.toggle("turn", notice === now);
  return now;
}
