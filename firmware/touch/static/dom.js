// Building and patching of elements. Nothing is ever parsed: texts go in as text, and the page's policy forbids anything else.

const NS = "http://www.w3.org/2000/svg";

export function el(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function icon(paths) {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  for (const line of paths) {
    const path = document.createElementNS(NS, "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}

// What is touched while the queues change must stay the same element, or the touch would be lost.
export function morph(old, fresh) {
  const before = [...old.childNodes], after = [...fresh.childNodes];
  after.forEach((wanted, place) => {
    const there = before[place];
    if (there === undefined) old.append(wanted);
    else if (!alike(there, wanted)) there.replaceWith(wanted);
    else if (there.nodeType === Node.TEXT_NODE) { if (there.data !== wanted.data) there.data = wanted.data; }
    else { attributes(there, wanted); morph(there, wanted); }
  });
  before.slice(after.length).forEach((node) => node.remove());
}

function alike(a, b) {
  return a.nodeName === b.nodeName && a.nodeType === b.nodeType && (a.nodeType !== Node.ELEMENT_NODE || a.getAttribute("data-key") === b.getAttribute("data-key"));
}

function attributes(there, wanted) {
  for (const { name } of [...there.attributes]) if (!wanted.hasAttribute(name)) there.removeAttribute(name);
  for (const { name, value } of [...wanted.attributes]) if (there.getAttribute(name) !== value) there.setAttribute(name, value);
}
