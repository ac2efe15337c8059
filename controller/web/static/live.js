// Keeps a page live by server-sent events, reconnects, and says so when what it shows is not live.
import { morph } from "./morph.js";
import { setHallTime } from "./clock.js";

const SILENCE = 12000; // The server speaks at least every 5 s.
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15000;

let source = null;
let silence = 0;
let retry = 0;
let pause = FIRST_PAUSE;

export function listen() {
  if (!document.body.dataset.live) return;
  connect();
  // A browser opens few connections to one server: a hidden page gives its own back.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  // A page that comes back from the browser's cache is as old as when it was left.
  window.addEventListener("pageshow", (event) => event.persisted && connect());
  window.addEventListener("pagehide", disconnect);
  window.addEventListener("offline", () => lost());
  window.addEventListener("online", connect);
}

function connect() {
  disconnect();
  source = new EventSource(document.body.dataset.live);
  source.addEventListener("page", (event) => heard() && show(event.data));
  source.addEventListener("beat", (event) => heard() && beat(JSON.parse(event.data)));
  source.addEventListener("gone", gone);
  source.addEventListener("error", () => lost());
  silence = setTimeout(lost, SILENCE);
}

function disconnect() {
  clearTimeout(silence);
  clearTimeout(retry);
  source?.close();
  source = null;
}

function heard() {
  clearTimeout(silence);
  silence = setTimeout(lost, SILENCE);
  pause = FIRST_PAUSE;
  sign("live");
  return true;
}

function lost() {
  disconnect();
  sign("lost");
  retry = setTimeout(again, pause);
  pause = Math.min(pause * 1.7, LONGEST_PAUSE) * (0.85 + 0.3 * Math.random());
}

// Later, so that it does not get in the way of a page that is just being left for the sign-in page.
function gone() {
  disconnect();
  sign("lost");
  retry = setTimeout(again, 1000);
}

async function again() {
  const out = "account" in document.body.dataset && (await signedOut());
  if (out && begun()) lost();
  else if (out) location.reload();
  else if (!document.hidden) connect();
}

// What somebody has begun to write is worth more than a fresh page: they may sign in beside it and go on.
function begun() {
  const fields = document.querySelectorAll("form[data-do] :is(textarea, input:not([type=checkbox], [type=hidden]))");
  return [...fields].some((field) => field.value !== field.defaultValue);
}

async function signedOut() {
  try {
    return (await fetch("/api/v1/me")).status === 401;
  } catch {
    return false;
  }
}

function beat({ at, pages }) {
  setHallTime(new Date(at));
  // The controller was updated: its pages belong to it.
  if (pages !== document.body.dataset.digest && !begun()) location.reload();
}

function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = `<div id="live">${html}</div>`;
  morph(document.getElementById("live"), fresh.content.firstChild);
  document.dispatchEvent(new Event("hall:shown"));
}

function sign(state) {
  document.documentElement.dataset.stream = state;
  for (const warning of document.querySelectorAll("[data-stale]")) warning.hidden = state !== "lost";
}
