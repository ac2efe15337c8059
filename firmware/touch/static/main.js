// The touch screen: one visit after the other, from the first touch to the ticket and back to the beginning.

import { el, morph } from "/dom.js";
import { banner, foot, head, over } from "/frame.js";
import { guard } from "/guard.js";
import { listen, order } from "/live.js";
import { other, tag } from "/speech.js";
import { card, fresh, state } from "/state.js";
import * as views from "/views.js";

const STANDS = 12000;
const STANDS_LONG = 25000;
const ASK_BEFORE = 10;
const BREATH = 350; // the second touch of a double one falls on a screen that has just come, and means nothing there
const byId = (id) => document.getElementById(id);
let touched = Date.now(), since = 0;

const doing = {
  begin: () => go("services"),
  home: () => { fresh(); render(); },
  language: () => { state.lang = other(); render(); },
  access: () => { state.access = !state.access; state.page = 0; render(); },
  priority: () => { state.priority = !state.priority; render(); },
  several: () => { state.several = !state.several; state.chosen = []; render(); },
  "cancel-several": () => { state.several = false; state.chosen = []; render(); },
  page: (by) => { state.page += Number(by); render(); },
  choose: (service) => choose(service),
  "take-several": () => take(state.chosen),
  code: () => { state.digits = ""; go("code"); },
  digit: (digit) => { if (state.digits.length < 8) state.digits += digit; render(); },
  erase: () => { state.digits = state.digits.slice(0, -1); render(); },
  clear: () => { state.digits = ""; render(); },
  "check-in": () => ask("/check-in", "check-in", { code: state.digits }),
  help: async () => { state.helped = (await order("/help")) ?? { became: "refused" }; render(); },
  shut: () => { state.helped = null; state.shut = state.screen?.scanned?.id ?? state.shut; render(); },
  stay: () => render(),
};

function go(view) {
  state.view = view;
  state.page = 0;
  since = Date.now();
  render();
  byId("main").focus({ preventScroll: true });
}

function choose(service) {
  const one = card(service);
  if (!one?.open) return finish("take", { became: "refused", why: one?.why });
  if (!state.several) return take([service]);
  const place = state.chosen.indexOf(service);
  if (place >= 0) state.chosen.splice(place, 1);
  else if (state.chosen.length < state.setup.several) state.chosen.push(service);
  return render();
}

const take = ([service, ...then]) => ask("/take", "take", { service, then, priority: state.priority });

// From the touch until the answer there is nothing to touch: a second touch finds no button.
async function ask(path, what, more) {
  if (state.view === "busy") return;
  state.doing = what;
  go("busy");
  finish(what, await order(path, more));
}

function finish(what, outcome) {
  const smooth = outcome !== null && !outcome.why && (outcome.became === "printed" || outcome.became === "checked-in");
  Object.assign(state, { doing: what, outcome, chosen: [], several: false, ends: Date.now() + (smooth ? STANDS : STANDS_LONG) });
  touched = Date.now();
  go("result");
}

function render() {
  if (state.setup === null || (state.screen === null && !state.lost)) return;
  const html = document.documentElement;
  html.lang = tag(state.lang);
  html.toggleAttribute("data-access", state.access);
  html.toggleAttribute("data-prior", state.priority);
  html.dataset.view = state.lost ? "lost" : state.view;
  html.dataset.stream = state.lost ? "lost" : "live";
  if (state.lost) {
    for (const [id, parts] of [["head", []], ["banner", []], ["main", views.lost()], ["foot", []], ["over", []]]) put(id, parts);
    return;
  }
  put("head", head());
  put("banner", banner());
  put("foot", foot());
  if (state.view === "services") putServices();
  else put("main", views[state.view]());
  put("over", over());
  const heading = byId("main").querySelector("h1")?.textContent ?? "";
  if (byId("said").textContent !== heading) byId("said").textContent = heading;
}

const shown = new Map();

function put(id, parts) {
  const fresh = el("div", {}, parts);
  if (shown.get(id)?.isEqualNode(fresh)) return;
  shown.set(id, fresh.cloneNode(true));
  morph(byId(id), fresh);
}

// As many services at once as have room: one column as long as all fit, then two; what is too many by the eye is too many.
const fitting = new Map();

function putServices() {
  const main = byId("main"), { cards } = state.screen;
  const key = [main.clientWidth, main.clientHeight, state.lang, state.access, state.several, cards.length].join();
  const per = fitting.get(key) ?? room(main, cards.length);
  for (put("main", views.services(per)); per.count > per.columns && spills(main); put("main", views.services(per))) per.count -= per.columns;
  fitting.set(key, per);
}

function room(main, count) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize), wide = main.clientWidth / rem, high = main.clientHeight / rem;
  const fits = (columns) => columns * Math.max(1, Math.floor((high - (state.several ? 9 : 3.4)) / (columns === 1 ? 6.6 : 7.4)));
  const columns = wide < 38 || (wide < high && count <= fits(1)) ? 1 : 2;
  return { columns, count: fits(columns) };
}

const spills = (main) => [main, ...main.querySelectorAll(".cards, .service, .name")].some((box) => box.scrollHeight > box.clientHeight + 1);

function tick() {
  if (state.setup === null || state.lost) return;
  const now = Date.now(), idle = state.setup.idle - (now - touched) / 1000;
  const begun = state.view !== "idle" || state.lang !== state.setup.languages[0] || state.access;
  state.still = begun && !["busy", "result"].includes(state.view) && idle < ASK_BEFORE ? Math.ceil(idle) : 0;
  if ((state.view === "result" && now > state.ends) || (begun && !["busy", "result"].includes(state.view) && idle <= 0)) fresh();
  render();
}

function touch(event) {
  touched = Date.now();
  state.still = 0;
  const button = event.target.closest?.("[data-do]");
  if (button && !button.disabled && touched - since > BREATH) doing[button.dataset.do](button.dataset.with);
}

function key(event) {
  touched = Date.now();
  if (state.view !== "code") return;
  if (/^[0-9]$/.test(event.key)) doing.digit(event.key);
  if (event.key === "Backspace") { event.preventDefault(); doing.erase(); }
}

async function start() {
  guard();
  for (;;) {
    try { state.setup = await (await fetch("/setup")).json(); break; } catch { await new Promise((later) => setTimeout(later, 1000)); }
  }
  fresh();
  document.addEventListener("click", touch);
  document.addEventListener("keydown", key);
  addEventListener("resize", render);
  setInterval(tick, 1000);
  listen(({ version, now, ...screen }) => {
    if (version !== state.setup.version) return location.reload();
    Object.assign(state, { screen, lost: false, ahead: now - Date.now() });
    return render();
  }, () => { state.lost = true; render(); });
}

start();
