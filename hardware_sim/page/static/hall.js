// The page's life: parts of the hall arrive as server-sent events, hands go back as small requests.

import { Leds } from "./leds.js";
import { showBroken, openPanels } from "./panel.js";
import { showAnything } from "./anything.js";
import { partOfSign } from "./sign.js";
import { showCaller } from "./caller.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const both = (zh, en) => `<span lang="zh">${zh}</span><span lang="en">${en}</span>`;
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const spoken = (text) => both(escaped(text.zh), escaped(text.en));
const put = (element, html) => { if (element && element.said !== html) element.innerHTML = element.said = html; };

const boards = new Map($$("figure.board").map((figure) => [figure.dataset.device, new Leds(figure)]));
const device = (id) => $(`.device[data-device="${id}"]`);

// Views of devices -------------------------------------------------------------------------------------------------

const views = {
  board(id, view) {
    boards.get(id)?.show(view);
    const figure = device(id);
    if (figure) $(".dark", figure).hidden = view.powered !== false;
    figure?.classList.toggle("faulty", Boolean(view.faults?.length));
  },

  kiosk(id, view) {
    const kiosk = device(id);
    if (!kiosk) return;
    for (const key of view.keys) $(`[data-key="${CSS.escape(key.key)}"]`, kiosk)?.classList.toggle("down", Boolean(key.pressed));
    const { paper, cover, powered } = view.printer;
    kiosk.dataset.paper = !powered ? "off" : cover === "open" ? "open" : paper;
    showTickets(kiosk, id, view.pages);
  },

  rater(id, view) {
    device(id)?.classList.toggle("unplugged", view.plugged === false);
    for (const key of view.keys) {
      const face = $(`[data-key="${CSS.escape(key.key)}"]`, device(id));
      face?.classList.toggle("down", Boolean(key.pressed));
      face?.classList.toggle("lit", Boolean(key.lamp));
    }
  },

  caller(id, view) {
    const caller = device(id);
    if (caller) showCaller(caller, view);
  },

  room(id, view) {
    for (const seen of view.cubicles) {
      const cubicle = $(`[data-cubicle="${CSS.escape(seen.cubicle)}"]`, device(id));
      if (!cubicle) continue;
      const closed = seen.door === "closed";
      cubicle.classList.toggle("closed", closed);
      cubicle.classList.toggle("moving", Boolean(seen.motion));
      cubicle.classList.toggle("lit", Boolean(seen.lamp));
      cubicle.classList.toggle("helping", Boolean(seen.help));
      cubicle.classList.toggle("called", Boolean(seen.help_lamp));
      put($("[data-occupied]", cubicle), seen.lamp ? both("使用中", "occupied") : both("空闲", "free"));
      put($("[data-door]", cubicle), closed ? both("开门", "open") : both("关门", "close"));
      $("[data-door]", cubicle).dataset.does = closed ? "open_door" : "close_door";
    }
  },
};

const SHOWN_TICKETS = 4;
const newest = new Map();

function showTickets(kiosk, id, pages) {
  const last = pages.at(-1);
  const outlet = $(".outlet", kiosk);
  if (!last) outlet.replaceChildren();
  else if (newest.get(id) === String(last.id)) $("img", outlet).src = source(id, last);
  else printOut(outlet, id, last);
  newest.set(id, last && String(last.id));
  put($(".printed", kiosk), pages.slice(0, -1).slice(-SHOWN_TICKETS).reverse().map((page) => picture(id, page)).join(""));
}

const source = (id, page) => `/printed/${id}/${encodeURIComponent(page.id)}.png?drawn=${page.drawn}`;

function picture(id, page) {
  return `<img loading="lazy" class="ticket" src="${source(id, page)}" alt="${escaped(page.text ?? "")}">`;
}

function printOut(outlet, id, page) {
  const paper = document.createElement("div");
  paper.className = "paper";
  paper.innerHTML = picture(id, page);
  paper.firstChild.loading = "eager";
  outlet.replaceChildren(paper);
}

// What the hall says ------------------------------------------------------------------------------------------------

const CONDITIONS = { ready: "", busy: "", attention: "attention", fault: "fault" };
const STAGES = { idle: ["空闲", "idle"], called: ["呼叫中", "called"], serving: ["办理中", "serving"] };
const STATES = { closed: ["已关闭", "closed"], paused: ["暂停", "paused"] };
const NODE = { online: ["在线", "online"], lost: ["失联", "lost"], offline: ["离线", "offline"] };

// What staff would read, in both languages at once: the page's own first.
const inBoth = (what, touch) => ["zh", "en"]
  .map((language) => `<span class="${language}">${escaped(what[language])}${touch ? ` <em>${escaped(touch[language])}</em>` : ""}</span>`)
  .join("");

function since(moment, before) {
  const at = new Date(moment).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const [zh, en] = before ? [`（之前：${escaped(before.zh)}）`, ` (before: ${escaped(before.en)})`] : ["", ""];
  return both(`未知，自 ${at}${zh}`, `unknown since ${at}${en}`);
}

const parts = {
  view(id, { view }) {
    const seen = $(`[data-view="${CSS.escape(id)}"]`);
    if (seen) showAnything(seen, view);
    else views[view.kind]?.(id, view);
    showBroken(id, view.broken ?? []);
  },

  // `unknown`: since when the node of the device is away; what the device said last is from before.
  state(id, { state, unknown }) {
    const row = $(`[data-state="${id}"]`);
    const tone = unknown ? "unknown" : CONDITIONS[state.condition] ?? "";
    for (const element of [row, $(`[data-badge="${id}"]`)]) if (element) element.dataset.tone = tone || "ready";
    put(row && $("[data-what]", row), unknown ? since(unknown, state.what) : spoken(state.what));
    put(row && $("[data-touch]", row), state.touch && !unknown ? spoken(state.touch) : "");
    const badge = $(`[data-badge="${id}"]`);
    if (badge) badge.title = `${state.what.zh} · ${state.what.en}`;
    const says = $(`[data-says="${id}"]`);
    if (says) says.dataset.tone = tone || "ready";
    put(says, unknown ? since(unknown, state.what) : inBoth(state.what, state.touch));
  },

  node(id, { connected, status, can }) {
    const card = $(`[data-node="${id}"]`);
    if (!card) return;
    const tone = status?.state === "online" ? (connected ? "ready" : "attention") : "fault";
    card.dataset.tone = status ? tone : connected ? "busy" : "fault";
    const words = status ? both(...NODE[status.state]) : both("无消息", "not heard yet");
    const waiting = status?.waiting ? both(` · 待发 ${status.waiting} 条`, ` · ${status.waiting} waiting to be sent`) : "";
    put($("[data-status]", card), words + waiting + (connected ? "" : both(" · 进程已停", " · process is down")));
    for (const button of $$("[data-do]", card)) button.disabled = !(can ?? []).includes(button.dataset.do);
    for (const row of $$("[data-state]", card)) device(row.dataset.state)?.classList.toggle("absent", !connected);
  },

  window(id, { state }) {
    const card = $(`[data-window="${id}"]`);
    if (!card) return;
    card.dataset.stage = state.state === "open" ? state.stage : state.state;
    put($("[data-number]", card), state.number ?? "—");
    put($("[data-stage]", card), both(...(STATES[state.state] ?? STAGES[state.stage])));
  },

  service(id, { waiting, open }) {
    for (const element of $$(`[data-waiting="${id}"]`)) put(element, open ? both(`等候 ${waiting}`, `${waiting} waiting`) : both("未开放", "closed"));
  },

  controller(id, { status }) {
    put($("[data-controller]"), both("控制器", "controller ") + both(...NODE[status.state]));
    document.body.classList.toggle("headless", status.state !== "online");
  },

  people(id, { on, figures }) {
    $("#people")?.setAttribute("aria-pressed", String(on));
    $("#figures").hidden = false;
    for (const [name, value] of Object.entries(figures)) put($(`[data-figure="${name}"]`), String(value));
  },

  page(id, { structure }) {
    if (structure !== document.documentElement.dataset.keyStructure) location.reload();
  },
};

function listen() {
  const stream = new EventSource("/stream");
  const link = $("#link");
  stream.onopen = () => { link.dataset.tone = "ready"; put(link, both("实时", "live")); };
  stream.onerror = () => { link.dataset.tone = "fault"; put(link, both("演示已停止或断线", "stopped or cut off")); };
  stream.onmessage = ({ data }) => {
    for (const part of JSON.parse(data)) {
      const [kind, id] = part.key.split("/");
      parts[kind]?.(id, part);
    }
  };
}

// Hands ---------------------------------------------------------------------------------------------------------------

async function send(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const said = await answer.json().catch(() => ({ error: answer.statusText }));
  if (!answer.ok || said.error) toast(said.error ?? said.detail ?? answer.statusText);
}

let toastEnds;
function toast(words) {
  const element = $("#toast");
  element.textContent = words;
  element.classList.add("up");
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => element.classList.remove("up"), 4000);
}

let aim = null;

function aimAt(id, hand, what, how) {
  aim = { id, hand, what, how };
  device(id)?.classList.add("aimed");
  toast(document.documentElement.lang === "zh" ? "请在设备上点一处" : "now click where");
}

// The first click after an aimed fault was chosen says where; a click elsewhere lets go of it.
function hit(event) {
  const { id, hand, what, how } = aim;
  aim = null;
  device(id)?.classList.remove("aimed");
  if (event.target.closest("[data-device]")?.dataset.device !== id) return;
  const at = what === "key" ? event.target.closest("[data-key]")?.dataset.key
    : event.target.closest("canvas") ? boards.get(id)?.[what](event) : partOfSign(event, what);
  if (at !== undefined && at !== null) send("/hand", { device: id, hand, with: { ...how, [what]: at } });
}

openPanels({ aimAt, move: (id, hand, how) => send("/hand", { device: id, hand, with: how }) });

document.addEventListener("click", (event) => {
  if (aim) return hit(event);
  const ticket = event.target.closest("img.ticket");
  if (ticket) return enlarge(ticket);
  const button = event.target.closest("button");
  if (button && !button.closest(".panel")) press(button);
});

const ARGUMENTS = { move: { seconds: 2 } };

function press(button) {
  const id = button.closest("[data-device]")?.dataset.device;
  const cubicle = button.closest("[data-cubicle]")?.dataset.cubicle;
  const { hand, key, does, do: order } = button.dataset;
  if (order) return send("/node", { node: button.closest("[data-node]").dataset.node, do: order });
  if (does && cubicle) return send("/hand", { device: id, hand: does, with: { cubicle } });
  if (hand) return send("/hand", { device: id, hand, with: { ...(key && { key }), ...(cubicle && { cubicle }), ...ARGUMENTS[hand] } });
  if (button.id === "people") return send("/people", { on: button.getAttribute("aria-pressed") !== "true" });
  if (button.id === "language") return speak(document.documentElement.lang === "zh" ? "en" : "zh");
}

function enlarge(ticket) {
  const dialog = $("#ticket");
  Object.assign($("img", dialog), { src: ticket.src, alt: ticket.alt });
  dialog.showModal();
}

function speak(language) {
  document.documentElement.lang = language;
  try { localStorage.setItem("language", language); } catch { /* a private window remembers nothing */ }
}

let language;
try { language = localStorage.getItem("language"); } catch { /* a private window remembers nothing */ }
speak(language ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
listen();
