// A button that prints the page as it stands.

export function answerPrint() {
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => print()));
}
