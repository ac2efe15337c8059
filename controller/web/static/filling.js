// While a form is filled in: codes as they are printed, nothing that is only blanks, and what only means something together.

export function tidyForms() {
  document.addEventListener("change", ({ target }) => {
    if (target.dataset.code !== undefined) target.value = plain(target.value);
    if (target.required && target.value.trim() === "" && target.matches("input, textarea")) target.value = "";
    if (target.dataset.together) askTogether(target);
  });
  document.addEventListener("reset", ({ target }) => {
    for (const field of target.querySelectorAll("[data-together]")) field.required = false;
  });
}

// A number or code may be typed in full-width characters, or pasted with blanks.
function plain(typed) {
  return typed.normalize("NFKC").replace(/\s/g, "");
}

// As soon as one field of a group is filled in, all that can be are asked for.
function askTogether({ form, dataset: { together } }) {
  const group = form.querySelectorAll(`[data-together="${together}"]`);
  const begun = [...group].some((field) => (field.type === "checkbox" ? field.checked : field.value));
  for (const field of group) field.required = begun && field.type !== "checkbox";
}
