/** Where tabs are wider than the screen, the one that is open is in sight. */
export function startTabs(): void {
  for (const here of document.querySelectorAll<HTMLElement>(".plan-tabs [aria-current]")) {
    const row = here.parentElement!;
    row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }
}
