/** <details class="menu">: one open at a time, closed by Escape and by a click elsewhere. */
function openMenus(): HTMLDetailsElement[] {
  return [...document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")];
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-opens]");
    const wanted = opener && document.getElementById(opener.dataset["opens"]!);
    for (const menu of openMenus()) {
      if (menu !== wanted && !menu.contains(target)) menu.open = false;
    }
    if (wanted instanceof HTMLDetailsElement) {
      event.preventDefault();
      wanted.open = !wanted.open;
      if (wanted.open) wanted.querySelector<HTMLElement>(".menu-panel a, .menu-panel button")?.focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector<HTMLElement>("summary")?.focus();
    }
  });
}
