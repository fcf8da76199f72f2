/** The bar at the bottom of a phone: opens the outline, the strip of tools and the rest. */

export function closePanels(): void {
  for (const button of document.querySelectorAll("[data-panel][aria-expanded=true]")) {
    button.setAttribute("aria-expanded", "false");
  }
  for (const panel of document.querySelectorAll(".panel-open")) panel.classList.remove("panel-open");
}

function togglePanel(button: HTMLElement): void {
  const open = button.getAttribute("aria-expanded") === "true";
  closePanels();
  if (open) return;
  button.setAttribute("aria-expanded", "true");
  document.getElementById(button.dataset.panel ?? "")?.classList.add("panel-open");
}

/** The on-screen keyboard covers what is fixed to the bottom of the page: lift it. */
function stayAboveKeyboard(): void {
  const view = window.visualViewport;
  if (!view) return;
  const lift = () => {
    const covered = Math.max(0, window.innerHeight - view.height - view.offsetTop);
    document.documentElement.style.setProperty("--keyboard", `${Math.round(covered)}px`);
  };
  view.addEventListener("resize", lift);
  view.addEventListener("scroll", lift);
}

export function startPhoneBar(bar: HTMLElement): void {
  for (const button of bar.querySelectorAll<HTMLElement>("[data-panel]")) {
    // the caret and the keyboard stay where they are
    button.addEventListener("mousedown", (event) => {
      event.preventDefault();
    });
    button.addEventListener("click", () => {
      togglePanel(button);
    });
  }
  for (const panel of document.querySelectorAll(".phone-panel")) panel.addEventListener("click", closePanels);
  document.addEventListener("keydown", (event) => {
    const opener = bar.querySelector<HTMLElement>("[aria-expanded=true]");
    if (event.key !== "Escape" || opener === null) return;
    closePanels();
    opener.focus();
    event.stopPropagation();
  }, true);
  stayAboveKeyboard();
}
