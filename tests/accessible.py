"""Whether people can use a page: axe-core's rules, and what it cannot know of sizes, scrolling, languages and the keyboard."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

NPM = Path(__file__).parent / "npm"
SMALLEST = 24
"""CSS pixels that a target has each way at the least (WCAG 2.2, 2.5.8); our own buttons have 44."""

_RUN = """async (tags) => {
  const found = await axe.run(document, { resultTypes: ["violations"], runOnly: tags });
  return found.violations.flatMap(rule => rule.nodes.map(node => ({
    rule: rule.id, impact: node.impact ?? rule.impact, where: node.target.join(" "), html: node.html.slice(0, 160),
    why: node.failureSummary.split("\\n").slice(1).join(" ").trim().slice(0, 220),
  })));
}"""
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_SMALL = """(least) => [...document.querySelectorAll("a, button, summary, select, textarea, input, [role=button], [tabindex]")]
  .filter(e => e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }) && !e.matches(".skip"))
  .filter(e => getComputedStyle(e).display !== "inline")
  .map(e => [e, e.closest("label") ?? e])
  .filter(([, box]) => { const { width, height } = box.getBoundingClientRect(); return width < least || height < least; })
  .map(([e]) => e.outerHTML.slice(0, 120))"""

_HANZI = """() => {
  const faults = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    const box = node.parentElement;
    if (!node.data.trim() || !box.checkVisibility() || box.closest("script, style")) continue;
    const lang = box.closest("[lang]").lang, hanzi = /\\p{Script=Han}/u.test(node.data);
    if (hanzi && lang && !lang.startsWith("zh")) faults.push(`${lang}: ${node.data.trim().slice(0, 60)}`);
  }
  return faults;
}"""

_BY_COLOUR = """(names) => {
  const probe = document.body.appendChild(document.createElement("i")), root = getComputedStyle(document.documentElement);
  const states = new Map(names.filter(name => root.getPropertyValue(name)).map(name => {
    probe.style.color = `var(${name})`;
    return [getComputedStyle(probe).color, name];
  }));
  probe.style.color = "var(--accent)";
  states.delete(getComputedStyle(probe).color);  // what is lit up for another reason, in a page of few colours
  probe.remove();
  const says = e => /[\\p{L}✓✗⚠!]/u.test([e.textContent, e.ariaLabel, e.title, e.getAttribute("alt")].join(" "));
  const inline = e => getComputedStyle(e).display.startsWith("inline");
  const told = e => says(e) ||
    (e.closest("svg") ? says(e.closest("tr, figure, li, p") ?? e) : inline(e) && says(e.parentElement));
  const colours = e => {
    const style = getComputedStyle(e), own = [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const border = ["Top", "Left", "Bottom", "Right"].filter(side => parseFloat(style[`border${side}Width`]) > 0)
      .map(side => style[`border${side}Color`]);
    return [own ? style.color : "", style.backgroundColor, e.closest("svg") ? style.fill : "", ...border];
  };
  return [...document.querySelectorAll("body *")].filter(e => e.checkVisibility({ visibilityProperty: true }))
    .map(e => [e, colours(e).map(colour => states.get(colour)).find(Boolean)]).filter(([e, state]) => state && !told(e))
    .map(([e, state]) => `${state}: ${e.outerHTML.slice(0, 140)}`);
}"""
_STATES = ["--good", "--good-tint", "--warn", "--warn-tint", "--bad", "--bad-tint"]

_FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  if (e === document.body) return null;
  e.dataset.tabbed = "";
  // Within a field for a date the browser itself lights up the part in which one is.
  const parts = ["date", "datetime-local", "month", "time", "week"].includes(e.type);
  const seen = parts || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  return { what: e.outerHTML.slice(0, 100), seen, inside: box.width > 0 && box.bottom > 0 && box.top < innerHeight };
}"""
_FROM_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  scrollTo(0, 0);
}"""
_SKIPPED = """() => [...document.querySelectorAll("a[href], button, summary, select, textarea, input, [tabindex]")]
  .filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true }))
  .filter(e => !("tabbed" in e.dataset) && !(e.type === "radio" && !e.checked)).map(e => e.outerHTML.slice(0, 120))"""
_OUT_OF_ORDER = (
    """() => [...document.querySelectorAll("[tabindex]")].filter(e => e.tabIndex > 0).map(e => e.outerHTML.slice(0, 100))"""
)


@cache
def _axe() -> str:
    """The source of axe-core, once its package is installed."""
    source = NPM / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        if shutil.which("npm") is None:
            if os.environ.get("CI"):
                pytest.fail("npm is not installed, and CI needs it: apt-get install nodejs npm")
            pytest.skip("npm is not installed; with it, axe-core looks at the pages: apt-get install nodejs npm")
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=NPM, check=True, capture_output=True)
    return source.read_text(encoding="utf-8")


async def faults(page: Page, impacts: tuple[str, ...] = ("serious", "critical")) -> list[str]:
    """What axe-core has against the page as it stands, one line for each place; empty when all is well."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_axe())
    found: list[dict[str, Any]] = await page.evaluate(_RUN, _TAGS)
    return [
        f"{fault['impact']} {fault['rule']} at {fault['where']}: {fault['html']} ({fault['why']})"
        for fault in found
        if fault["impact"] in impacts
    ]


async def misfits(page: Page) -> list[str]:
    """What axe-core cannot know: sideways scrolling, targets too small for a finger, Hanzi that would be read out as English.

    And states that are told by their colour alone: a figure in red is any figure to whoever sees no red.
    """
    found = []
    if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("the page scrolls sideways")
    found += [f"too small to hit: {target}" for target in await page.evaluate(_SMALL, SMALLEST)]
    found += [f"wrong `lang`: {text}" for text in await page.evaluate(_HANZI)]
    found += [f"by colour alone: {place}" for place in await page.evaluate(_BY_COLOUR, _STATES)]
    return found


async def unreachable(page: Page, most: int = 150) -> list[str]:
    """What the Tab key does not reach, or reaches without showing it. Leaves the focus at the page's end."""
    found = [f"a tabindex of its own: {html}" for html in await page.evaluate(_OUT_OF_ORDER)]
    await page.evaluate(_FROM_THE_TOP)
    for _ in range(most):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(_FOCUSED)
        if focused is None:
            break
        if not focused["seen"]:
            found.append(f"focus cannot be seen: {focused['what']}")
        if not focused["inside"]:
            found.append(f"focus is out of sight: {focused['what']}")
    else:
        found.append(f"the keyboard is not through the page after {most} steps")
    return found + [f"the keyboard does not reach: {html}" for html in await page.evaluate(_SKIPPED)]
