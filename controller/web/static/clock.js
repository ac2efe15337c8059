// The hall's time and how long ago things were, by the controller's clock: a tablet's own may be wrong.

let ahead = 0;

export function hallTime() {
  return new Date(Date.now() + ahead);
}

export function setHallTime(time) {
  ahead = time.getTime() - Date.now();
  tell();
}

export function keepTime() {
  tell();
  setInterval(tell, 1000);
  document.addEventListener("hall:shown", tell);
}

const STEPS = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86400, 3600, "hour"],
  [Infinity, 86400, "day"],
];

function tell() {
  const language = document.documentElement.lang;
  const spoken = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  for (const place of document.querySelectorAll("[data-ago]")) write(place, ago(spoken, place.dataset.ago));
  for (const place of document.querySelectorAll("[data-clock]")) write(place, clock());
}

function ago(spoken, since) {
  const seconds = Math.max(0, (hallTime() - new Date(since)) / 1000);
  const [, unit, name] = STEPS.find(([limit]) => seconds < limit);
  return spoken.format(-Math.floor(seconds / unit), name);
}

function clock() {
  const zone = document.body.dataset.zone;
  return hallTime().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
}

function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
