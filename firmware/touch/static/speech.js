// The page's words, in the language that is chosen.

import { state } from "/state.js";

export const say = (key, more = {}) => fill(state.setup.words[state.lang][key], more);

export const sayIn = (lang, key, more = {}) => fill(state.setup.words[lang][key], more);

export const told = (text) => (text ? text[state.lang] : "");

export const other = () => state.setup.languages.find((lang) => lang !== state.lang) ?? state.lang;

export const tag = (lang) => (lang === "zh" ? "zh-CN" : "en");

export const list = (texts) => texts.map(told).join(state.lang === "zh" ? "、" : ", ");

export function wait({ low, high }) {
  if (high <= 1) return say("soon");
  return low === high ? say("minute", { low }) : say("minutes", { low, high });
}

export function time(now, more) {
  return new Intl.DateTimeFormat(tag(state.lang), { timeZone: state.setup.timezone, hourCycle: "h23", ...more }).format(now);
}

function fill(text, more) {
  return text.replace(/\{(\w+)\}/g, (_, name) => more[name] ?? "");
}
