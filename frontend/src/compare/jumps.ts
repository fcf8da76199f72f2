import { element } from "../editor/elements";
import { t } from "../shared/i18n";
import type { Change } from "./side-by-side";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
}

/** From change to change: by the list, by buttons, by the keys N and P. */
export class Jumps {
  private current = -1;

  constructor(
    private readonly changes: readonly Change[],
    private readonly list: HTMLElement,
    private readonly place: HTMLElement,
  ) {
    const entries = changes.map((change, index) => this.entry(change, index));
    this.list.replaceChildren(...(entries.length ? entries : [element("li", "dim", t("没有改动"))]));
    this.showPlace();
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "n" || event.key === "N") this.go(1);
      else if (event.key === "p" || event.key === "P") this.go(-1);
    });
  }

  go(step: 1 | -1): void {
    if (!this.changes.length) return;
    const from = this.current < 0 && step < 0 ? 0 : this.current;
    this.show((from + step + this.changes.length) % this.changes.length);
  }

  private show(index: number): void {
    this.current = index;
    const { row } = this.changes[index]!;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    [...this.list.children].forEach((entry, at) => {
      if (at === index) entry.setAttribute("aria-current", "true");
      else entry.removeAttribute("aria-current");
    });
    this.showPlace();
  }

  private showPlace(): void {
    const total = this.changes.length;
    if (!total) this.place.textContent = t("两版一样");
    else if (this.current < 0) this.place.textContent = t("{total} 处改动", { total });
    else this.place.textContent = t("第 {current} 处，共 {total} 处", { current: this.current + 1, total });
  }

  private entry(change: Change, index: number): HTMLElement {
    const link = element("a", "", element("b", "", change.part), element("span", "", change.words));
    link.href = `#${change.row.id}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.show(index);
    });
    return element("li", "", link);
  }
}
