// Panels of faults: each form moves one hand; what is broken now shows as a lit switch, or as a chip that mends it.

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// What a form says, without what was left empty.
function given(form) {
  const how = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") how[field.name] = field.checked;
    else if (field.value !== "") how[field.name] = field.type === "number" ? Number(field.value) : field.value;
  }
  return how;
}

const among = (how, names) => Object.fromEntries(Object.entries(how).filter(([name]) => names.split(" ").includes(name)));

export function openPanels({ aimAt, move }) {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.hand");
    if (!form) return;
    event.preventDefault();
    const id = form.closest("[data-device]").dataset.device;
    const { handForm: hand, mend, mendTakes, aim } = form.dataset;
    const how = given(form);
    if (event.submitter?.getAttribute("aria-checked") === "true") return move(id, mend, among(how, mendTakes));
    if (aim && !(aim in how)) {
      form.closest("details").open = false;
      return aimAt(id, hand, aim, how);
    }
    move(id, hand, how);
  });
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-mends]");
    if (chip) move(chip.closest("[data-device]").dataset.device, chip.dataset.mends, JSON.parse(chip.dataset.how));
    for (const open of $$("details.faults[open]")) if (!open.contains(event.target) && event.target.isConnected) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of $$("details.faults[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.faults[open]")) place(event.target);
  }, true);
}

// A panel opens to the side where there is room for it.
function place(details) {
  for (const other of $$("details.faults[open]")) if (other !== details) other.open = false;
  const panel = details.querySelector(".panel");
  panel.style.cssText = "";
  const box = panel.getBoundingClientRect();
  if (box.left < 4) panel.style.transform = `translateX(${4 - box.left}px)`;
}

export function showBroken(id, broken) {
  for (const details of $$(`details.faults[data-panel="${CSS.escape(id)}"]`)) {
    details.querySelector("[data-many]").textContent = broken.length || "";
    details.classList.toggle("on", broken.length > 0);
    for (const form of $$("form.hand", details)) showRow(form, broken.filter(({ hand }) => hand === form.dataset.handForm));
  }
}

function showRow(form, broken) {
  form.classList.toggle("on", broken.length > 0);
  const toggle = form.querySelector("[role=switch]");
  if (toggle) return toggle.setAttribute("aria-checked", String(broken.length > 0));
  const chips = form.querySelector(".broken");
  const { mend, mendTakes } = form.dataset;
  chips.replaceChildren(...broken.map(({ with: how }) => {
    const chip = document.createElement("button");
    Object.assign(chip, { type: "button", className: "chip", textContent: `✕ ${Object.values(how).join(" ")}` });
    chip.title = `${chips.dataset.wordsZh} · ${chips.dataset.wordsEn}`;
    chip.dataset.mends = mend;
    chip.dataset.how = JSON.stringify(among(how, mendTakes));
    return chip;
  }));
}
