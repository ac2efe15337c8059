// The navigation's menus open without a script; here they close again by Escape, by a click elsewhere, and when the focus leaves.

export function foldMenus() {
  const menus = document.querySelectorAll(".nav details");
  for (const menu of menus) {
    menu.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !menu.contains(relatedTarget) && fold(menu));
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      fold(menu);
      menu.querySelector("summary").focus();
    });
  }
  document.addEventListener("click", ({ target }) => menus.forEach((menu) => menu.contains(target) || fold(menu)));
}

function fold(menu) {
  menu.open = false;
}
