// Makes one element like another with the fewest changes, so that focus, scrolling and running animations survive.
// data-key names a child among its siblings; data-own marks children that belong to the page, not to the server;
// data-keep names an attribute that the page sets itself.

export function morph(old, fresh) {
  likeAttributes(old, fresh);
  if (!old.hasAttribute("data-own")) likeChildren(old, fresh);
}

function likeAttributes(old, fresh) {
  const kept = old.getAttribute("data-keep");
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== kept && name !== "aria-busy") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && name !== kept) old.setAttribute(name, value);
  }
}

function likeChildren(old, fresh) {
  const named = new Map();
  for (const child of old.children) {
    if (child.dataset.key) named.set(child.dataset.key, child);
  }
  let here = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const found = match(here, wanted, named);
    if (!found) {
      old.insertBefore(wanted, here);
      continue;
    }
    if (found === here) here = here.nextSibling;
    else old.insertBefore(found, here);
    if (found.nodeType === Node.ELEMENT_NODE) morph(found, wanted);
    else if (found.data !== wanted.data) found.data = wanted.data;
  }
  while (here) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}

function match(here, wanted, named) {
  const key = wanted.dataset?.key;
  if (key) {
    const found = named.get(key);
    return found && found.tagName === wanted.tagName ? found : null;
  }
  const alike = here && here.nodeType === wanted.nodeType && here.nodeName === wanted.nodeName && !here.dataset?.key;
  return alike ? here : null;
}
