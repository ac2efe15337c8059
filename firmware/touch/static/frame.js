// What stands around the middle: the hall and the time above, what is urgent, the buttons that are always there, and what lies over all.

import { el } from "/dom.js";
import { draw } from "/icons.js";
import { say, sayIn, tag, time, told, other } from "/speech.js";
import { hallNow, state } from "/state.js";

export function head() {
  const now = hallNow();
  return [
    el("div", { class: "hall" }, el("strong", {}, told(state.screen.hall)), other() !== state.lang && el("small", { lang: tag(other()) }, state.screen.hall[other()])),
    el("div", { class: "time" },
      el("strong", {}, time(now, { hour: "2-digit", minute: "2-digit" })),
      el("small", {}, time(now, { month: "long", day: "numeric", weekday: "long" }))),
  ];
}

export function banner() {
  const urgent = state.screen.notices.filter((one) => one.urgent);
  return [
    ...urgent.map((one) => el("p", { class: "urgent", role: "alert", "data-key": one.id }, draw("warn"), `${say("urgent")}：${told(one.text)}`)),
    state.screen.away && !state.screen.out && el("p", { class: "away", "data-key": "away" }, draw("info"), away()),
    state.priority && el("p", { class: "prior", "data-key": "prior" }, draw("star"), `${say("priorityOn")} · ${told(state.setup.entitled)}`),
  ];
}

function away() {
  if (state.screen.as_of === null) return say("away");
  const since = Date.parse(state.screen.as_of), minutes = Math.floor((hallNow() - since) / 60000);
  const ago = minutes < 1 ? say("agoSeconds") : say("agoMinutes", { count: minutes });
  return say("awayKnown", { time: time(since, { hour: "2-digit", minute: "2-digit" }), ago });
}

export function foot() {
  const { setup, screen, view } = state;
  const can = screen.out === null, choosing = view === "services" && can;
  return [
    choosing && setup.priority && tool("priority", "star", say("priority"), state.priority),
    choosing && setup.several > 1 && tool("several", "stack", say("severalOn"), state.several),
    can && setup.check_in && (choosing || view === "idle") && tool("code", "calendar", say("checkIn")),
    setup.help && tool("help", "help", screen.help === "idle" ? say("help") : say(screen.help === "coming" ? "helpComing" : "helpAsked"), null, screen.help !== "idle"),
    tool("access", "access", say(state.access ? "accessOff" : "access"), state.access),
    setup.languages.length > 1 && tool("language", "globe", sayIn(state.lang, "other"), null, false, tag(other())),
  ];
}

function tool(does, drawn, words, pressed = null, lit = false, lang = null) {
  return el("button", {
    class: "tool", "data-key": does, "data-do": does, "aria-pressed": pressed === null ? null : String(pressed), "data-lit": lit,
  }, draw(drawn), el("span", { lang }, words));
}

export function over() {
  if (state.helped) return [card("help", state.helped.became === "help-asked" ? "help" : "warn", helpWords())];
  const scanned = state.screen.scanned;
  if (scanned && scanned.id !== state.shut) return [card("scanned", scanned.good ? "check" : "info", [told(scanned.what)])];
  if (state.still > 0) return [el("section", { class: "still", "data-key": "still", role: "alertdialog", "aria-label": say("stay") },
    el("p", {}, say("still", { count: state.still })), el("button", { class: "main", "data-do": "stay" }, say("stay")))];
  return [];
}

function helpWords() {
  if (state.helped.became !== "help-asked") return [state.helped.why ? told(state.helped.why) : say("lost", { desk: told(state.setup.desk) })];
  return state.screen.help === "coming" ? [say("helpComing")] : [say("helpAsked"), say("helpAskedMore")];
}

function card(key, drawn, [first, ...more]) {
  return el("section", { class: "card", "data-key": key, role: "alertdialog", "aria-labelledby": "card-head" }, draw(drawn),
    el("h2", { id: "card-head" }, first), more.map((line) => el("p", {}, line)),
    el("button", { class: "main", "data-do": "shut" }, say("done")));
}
