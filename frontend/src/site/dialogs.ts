/** Bootstrap's dialog and off-canvas, loaded when first opened: `data-dialog="id"`, `data-drawer="id"`. */
export async function openDialog(element: Element): Promise<void> {
  const { default: Modal } = await import("bootstrap/js/dist/modal");
  const before = document.activeElement;
  element.addEventListener("hidden.bs.modal", () => {
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  }, { once: true });
  Modal.getOrCreateInstance(element).show();
}

export async function closeDialog(element: Element): Promise<void> {
  const { default: Modal } = await import("bootstrap/js/dist/modal");
  Modal.getOrCreateInstance(element).hide();
}

export async function openDrawer(element: Element): Promise<void> {
  const { default: Offcanvas } = await import("bootstrap/js/dist/offcanvas");
  Offcanvas.getOrCreateInstance(element).show();
}

export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const opener = (event.target as Element).closest<HTMLElement>("[data-dialog],[data-drawer]");
    if (!opener) return;
    const id = opener.dataset["dialog"] ?? opener.dataset["drawer"];
    const element = id && document.getElementById(id);
    if (!element) return;
    event.preventDefault();
    void (opener.dataset["dialog"] ? openDialog(element) : openDrawer(element));
  });
}
