// What stands in the middle of the screen: the welcome, the services, the digits of a code, and what became of it all.

import { el } from "/dom.js";
import { draw } from "/icons.js";
import { list, other, say, sayIn, tag, told, wait } from "/speech.js";
import { state } from "/state.js";

const both = () => [state.lang, ...state.setup.languages.filter((lang) => lang !== state.lang)];

export function idle() {
  const { screen, setup } = state;
  if (screen.out) return [trouble()];
  const waiting = screen.cards.reduce((sum, one) => sum + (one.waiting ?? 0), 0);
  const known = screen.cards.some((one) => one.waiting !== null);
  return [
    el("button", { class: "begin", "data-do": "begin" },
      draw("touch"),
      both().map((lang, place) => el(place ? "small" : "strong", { lang: tag(lang) }, setup.welcome[lang]))),
    known && el("p", { class: "crowd" }, draw("people"), say("inHall", { count: waiting })),
    notices(),
  ];
}

function notices() {
  const calm = state.screen.notices.filter((one) => !one.urgent).slice(0, 3);
  return calm.length > 0 && el("ul", { class: "notices" }, calm.map((one) => el("li", { "data-key": one.id }, draw("megaphone"), told(one.text))));
}

export function services(per) {
  if (state.screen.out) return [trouble()];
  const { cards } = state.screen, most = state.setup.several;
  const pages = Math.max(1, Math.ceil(cards.length / per.count));
  state.page = Math.min(state.page, pages - 1);
  const shown = cards.slice(state.page * per.count, (state.page + 1) * per.count);
  return [
    el("h1", {}, state.several ? say("chooseSeveral", { most }) : say("choose")),
    el("ul", { class: "cards", "data-columns": per.columns }, shown.map((one) => el("li", { "data-key": one.service }, service(one)))),
    state.several ? choice(pages) : pages > 1 && el("nav", { class: "pages" },
      turn(-1, pages, draw("back"), say("previous")),
      el("span", {}, say("page", { page: state.page + 1, pages })),
      turn(1, pages, say("next"), draw("forward"))),
  ];
}

function choice(pages) {
  const count = state.chosen.length;
  return el("div", { class: "choice" },
    pages > 1 && turn(-1, pages, draw("back")),
    el("button", { "data-do": "cancel-several" }, say("cancel")),
    el("button", { class: "main", "data-do": "take-several", disabled: count === 0 }, draw("check"), say("takeChosen", { count })),
    pages > 1 && turn(1, pages, draw("forward")));
}

function turn(by, pages, ...shown) {
  const end = by < 0 ? state.page === 0 : state.page === pages - 1;
  return el("button", { class: "turn", "data-do": "page", "data-with": String(by), disabled: end, "aria-label": say(by < 0 ? "previous" : "next") }, shown);
}

function service(one) {
  const place = state.chosen.indexOf(one.service);
  return el("button", {
    class: "service", "data-do": "choose", "data-with": one.service, "aria-disabled": one.open ? null : "true",
    "aria-pressed": state.several ? String(place >= 0) : null,
  },
    el("b", { class: "prefix" }, state.several && place >= 0 ? String(place + 1) : one.prefix || "·"),
    el("span", { class: "name" },
      el("strong", {}, told(one.name)),
      other() !== state.lang && el("small", { lang: tag(other()) }, one.name[other()])),
    one.open ? queue(one) : el("span", { class: "queue shut" }, el("strong", {}, say("closed")), el("small", {}, told(one.why))));
}

function queue(one) {
  const people = one.waiting === null ? say("unknown") : one.waiting === 0 ? say("nobody") : say("waiting", { count: one.waiting });
  return el("span", { class: "queue" },
    el("strong", {}, draw("people"), people),
    el("small", {}, draw("clock"), one.wait === null ? say("noWait") : wait(one.wait)));
}

export function code() {
  const boxes = [...Array(8)].map((_, place) => el("b", { class: place === state.digits.length ? "next" : null }, state.digits[place] ?? " "));
  const key = (digit) => el("button", { "data-do": "digit", "data-with": digit }, digit);
  return [
    el("h1", {}, say("codeHead")),
    state.setup.scanner && el("p", { class: "hint" }, say("codeScan")),
    el("p", { class: "digits", role: "img", "aria-label": state.digits.split("").join(" ") || say("codeHead") }, boxes),
    el("div", { class: "pad" },
      [..."123456789"].map(key),
      el("button", { "data-do": "clear" }, say("clear")), key("0"),
      el("button", { "data-do": "erase", "aria-label": say("erase") }, draw("erase"))),
    el("div", { class: "choice" },
      el("button", { "data-do": "home" }, draw("back"), say("back")),
      el("button", { class: "main", "data-do": "check-in", disabled: state.digits.length < 8 }, draw("check"), say("confirmCode"))),
  ];
}

export function busy() {
  return [el("section", { class: "busy" }, draw("printer"),
    el("h1", {}, say(state.doing === "check-in" ? "checking" : "printing")), el("p", {}, say("pleaseWait")))];
}

export function result() {
  const got = state.outcome;
  const good = got !== null && (got.became === "printed" || got.became === "checked-in");
  const numbered = got !== null && Boolean(got.number);
  return [
    numbered ? paper(got, good) : el("section", { class: "message" }, draw("info"), el("h1", {}, head(got)), el("p", {}, why(got))),
    el("div", { class: "choice" }, el("button", { class: "main", "data-do": "home" }, draw("check"), say("done"))),
    el("div", { class: "ends", "data-long": good && !got.why ? null : "" }, el("i")),
  ];
}

function paper(got, good) {
  return el("section", { class: "paper", "data-good": good && !got.why },
    el("h1", {}, headOf(got, good)),
    got.service && el("p", { class: "what" }, told(got.service), got.priority && el("em", { class: "mark" }, say("priorityMark"))),
    el("p", { class: "number" }, el("small", {}, say("yourNumber")), got.number),
    got.then?.length > 0 && el("p", { class: "what" }, say("then", { names: list(got.then) })),
    el("p", { class: "ahead" }, aheadOf(got)),
    got.zone && el("p", {}, say("goTo", { zone: told(got.zone) })),
    got.why && el("p", { class: "why" }, told(got.why)));
}

function headOf(got, good) {
  if (got.became === "checked-in") return got.why ? say("checkedIn") : `${say("checkedIn")} · ${say("takeSlip")}`;
  return good ? say("takeTicket") : say("unsureHead");
}

function aheadOf(got) {
  if (got.ahead === undefined) return say("noWait");
  const people = got.ahead === 0 ? say("youAreNext") : say("ahead", { count: got.ahead });
  return got.wait && got.ahead > 0 ? `${people} · ${wait(got.wait)}` : people;
}

function head(got) {
  if (got?.became === "not-printed") return say("notPrinted");
  return say(state.doing === "check-in" ? "refusedCheckIn" : "refusedHead");
}

const why = (got) => (got === null ? say("failed", { desk: told(state.setup.desk) }) : told(got.why));

function trouble() {
  return el("section", { class: "message trouble" }, draw("warn"),
    both().map((lang) => el("div", { lang: tag(lang) }, el("h1", {}, sayIn(lang, "outHead")), el("p", {}, state.screen.out[lang]))));
}

export function lost() {
  return [el("section", { class: "message trouble" }, draw("warn"), both().map((lang) => el("div", { lang: tag(lang) },
    el("h1", {}, sayIn(lang, "lostHead")), el("p", {}, sayIn(lang, "lost", { desk: state.setup.desk[lang] })))))];
}

