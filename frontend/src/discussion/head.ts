import { button, element } from "../editor/elements";
import { t } from "../shared/i18n";
import { chosenLines, filterNames, type Filter } from "./filters";
import type { ThreadLines } from "./lines";
import type { Line } from "./types";

export interface HeadActs {
  filter: (filter: Filter) => void;
  step: (by: 1 | -1) => void;
}

/** The head of the column: how much is open, what is shown, the way from thread to thread. */
export class Head {
  readonly root = element("div", "anno-head");
  private readonly open = element("small", "");
  private readonly field = document.createElement("select");
  private readonly links = element("div", "anno-asides");

  constructor(private readonly acts: HeadActs) {
    this.field.className = "input";
    this.field.setAttribute("aria-label", t("显示哪些讨论"));
    this.field.append(...filterNames().map(([value, name]) => new Option(name, value)));
    this.field.addEventListener("change", () => {
      acts.filter(this.field.value as Filter);
    });
    this.open.setAttribute("role", "status");
    const close = button({ label: t("收起"), icon: "x", iconOnly: true, className: "iconbtn anno-close" });
    close.dataset.closeSide = "";
    const tools = element("div", "anno-tools", this.field, this.step(-1, t("上一条")), this.step(1, t("下一条")), close);
    this.root.append(element("h2", "", t("复备栏"), " ", this.open), tools, this.links);
  }

  show(filter: Filter): void {
    this.field.value = filter;
  }

  count(lines: ThreadLines): void {
    const open = lines.all().filter(({ state }) => state === "open").length;
    const words = lines.loaded ? t("{count} 条没处理", { count: open }) : t("正在取…");
    if (this.open.textContent !== words) this.open.textContent = words;
  }

  /** What does not stand beside the text is found behind a filter. `shown`: so many about the whole plan are there. */
  elsewhere(lines: readonly Line[], places: ReadonlyMap<string, unknown>, shown: number): void {
    const links: HTMLElement[] = [];
    const add = (filter: Filter, name: string, count: number, words: string) => {
      if (count > 0) links.push(this.link(words, name, filter));
    };
    const whole = lines.filter(({ place, state }) => place === "plan" && state === "open").length;
    if (whole > shown) add("all", "note", whole, t("对整份教案 {count} 条", { count: whole }));
    const orphaned = chosenLines(lines, "orphaned", places).length;
    add("orphaned", "warn", orphaned, t("原文已删 {count} 条", { count: orphaned }));
    const resolved = chosenLines(lines, "resolved", places).length;
    add("resolved", "check", resolved, t("处理好了 {count} 条", { count: resolved }));
    const now = links.map((link) => link.textContent).join("");
    if (now !== this.links.textContent) this.links.replaceChildren(...links);
  }

  private step(by: 1 | -1, label: string): HTMLElement {
    const made = button({ label, icon: "down", iconOnly: true, className: `iconbtn${by < 0 ? " turned" : ""}` });
    made.addEventListener("click", () => {
      this.acts.step(by);
    });
    return made;
  }

  private link(words: string, name: string, filter: Filter): HTMLElement {
    const made = button({ label: words, icon: name, className: "btn btn-s btn-quiet" });
    made.addEventListener("click", () => {
      this.acts.filter(filter);
    });
    return made;
  }
}
