/** The 田字格 of the week: painted by mouse, finger or keyboard; a day is copied by its head. */
import { t } from "../shared/i18n";
import { toast } from "../shared/toast";
import type { Brushes } from "./brushes";
import { type Cell, type Lesson, type Week, holds, painted, without } from "./week";

const STEPS: Record<string, [number, number]> = {
  ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
};
const DAYS = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

export class Grid {
  private copied: number | null = null;
  /** While the mouse is down: whether it paints or rubs. */
  private stroke: "paint" | "rub" | null = null;

  constructor(
    private readonly table: HTMLTableElement,
    private readonly week: Week,
    private readonly brushes: Brushes,
    private readonly save: (cell: Cell) => void,
  ) {
    table.setAttribute("role", "grid");
    table.classList.add("is-live");
    this.prepare();
    table.addEventListener("pointerdown", (event) => { this.down(event); });
    table.addEventListener("pointerover", (event) => { this.over(event); });
    document.addEventListener("pointerup", () => { this.stroke = null; });
    table.addEventListener("click", (event) => { this.click(event); });
    table.addEventListener("keydown", (event) => { this.key(event); });
    table.addEventListener("focusin", (event) => { this.rove(event.target as HTMLElement); });
  }

  /** Cells and heads can be reached by keyboard: one stop, then the arrows. */
  private prepare(): void {
    for (const cell of this.cells()) {
      cell.setAttribute("role", "gridcell");
      cell.tabIndex = -1;
      this.name(cell);
    }
    const first = this.table.querySelector<HTMLElement>("td");
    if (first && !this.table.querySelector("td[tabindex='0']")) first.tabIndex = 0;
    for (const head of this.table.querySelectorAll<HTMLElement>("th[data-day]")) {
      if (head.querySelector("button")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.setAttribute("aria-pressed", "false");
      head.replaceChildren(button);
    }
    this.nameHeads();
  }

  showWeekend(): void {
    const head = this.table.querySelector("thead tr")!;
    for (const weekday of [6, 7]) {
      if (head.querySelector(`[data-day="${String(weekday)}"]`)) continue;
      const th = document.createElement("th");
      th.scope = "col";
      th.dataset["day"] = String(weekday);
      th.textContent = t(DAYS[weekday - 1]!);
      head.append(th);
      for (const row of this.table.tBodies[0]!.rows) {
        const td = row.insertCell();
        td.dataset["cell"] = `${String(weekday)}-${String(row.sectionRowIndex + 1)}`;
      }
    }
    this.prepare();
  }

  put({ weekday, period, contents }: Cell): void {
    this.week.put(weekday, period, contents);
    const cell = this.table.querySelector<HTMLElement>(`[data-cell="${String(weekday)}-${String(period)}"]`);
    if (!cell) return;
    cell.replaceChildren(...contents.map(drawn));
    this.name(cell);
  }

  // ---- what hands do -----------------------------------------------------------------------------

  private down(event: PointerEvent): void {
    const cell = this.cellOf(event.target);
    if (!cell || event.pointerType !== "mouse" || event.button !== 0) return;
    const brush = this.brushes.current;
    this.stroke = !brush || holds(this.contents(cell), brush) ? "rub" : "paint";
    this.apply(cell, this.stroke);
    event.preventDefault();
    cell.focus({ preventScroll: true });
  }

  private over(event: PointerEvent): void {
    const cell = this.cellOf(event.target);
    if (cell && this.stroke) this.apply(cell, this.stroke);
  }

  private click(event: MouseEvent): void {
    const head = (event.target as Element).closest<HTMLElement>("th[data-day]");
    if (head) {
      this.copyDay(Number(head.dataset["day"]));
      return;
    }
    const cell = this.cellOf(event.target);
    // a mouse has painted already when it was pressed
    if (cell && (event as PointerEvent).pointerType !== "mouse") this.toggle(cell);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.copied !== null) {
      this.copied = null;
      this.nameHeads();
      return;
    }
    const cell = this.cellOf(event.target);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) this.walk(cell, step, event.shiftKey);
    else if (event.key === " " || event.key === "Enter") this.toggle(cell);
    else if (event.key === "Delete" || event.key === "Backspace") this.change(cell, []);
    else if (/^[1-9]$/.test(event.key) && Number(event.key) <= this.brushes.count) {
      this.brushes.choose(Number(event.key) - 1);
    } else return;
    event.preventDefault();
  }

  private walk(cell: HTMLElement, [across, down]: [number, number], painting: boolean): void {
    const [weekday, period] = place(cell);
    const next = this.table.querySelector<HTMLElement>(
      `[data-cell="${String(weekday + across)}-${String(period + down)}"]`,
    );
    if (!next) return;
    if (painting) {
      this.apply(cell, "paint");
      this.apply(next, "paint");
    }
    next.focus();
  }

  // ---- what happens to cells -----------------------------------------------------------------------

  private toggle(cell: HTMLElement): void {
    const brush = this.brushes.current;
    this.apply(cell, !brush || holds(this.contents(cell), brush) ? "rub" : "paint");
  }

  private apply(cell: HTMLElement, stroke: "paint" | "rub"): void {
    const brush = this.brushes.current;
    if (!brush) this.change(cell, []);
    else if (stroke === "paint") this.change(cell, painted(this.contents(cell), brush));
    else this.change(cell, without(this.contents(cell), brush));
  }

  private change(cell: HTMLElement, contents: Lesson[]): void {
    const [weekday, period] = place(cell);
    if (!this.week.put(weekday, period, contents)) return;
    this.put({ weekday, period, contents });
    this.save({ weekday, period, contents });
  }

  private copyDay(weekday: number): void {
    if (this.copied === null) {
      this.copied = weekday;
      toast(t("再点一天，把{day}的课贴过去。", { day: t(DAYS[weekday - 1]!) }));
    } else {
      for (const cell of this.cells()) {
        const [day, period] = place(cell);
        if (day === weekday) this.change(cell, [...this.week.cell(this.copied, period)]);
      }
      this.copied = null;
    }
    this.nameHeads();
  }

  // ---- names ----------------------------------------------------------------------------------------

  private nameHeads(): void {
    for (const head of this.table.querySelectorAll<HTMLElement>("th[data-day]")) {
      const day = Number(head.dataset["day"]);
      const name = t(DAYS[day - 1]!);
      const button = head.querySelector("button")!;
      button.setAttribute("aria-pressed", String(this.copied === day));
      const words = this.copied === null ? t("{day}：复制这一天", { day: name })
        : this.copied === day ? t("{day}：不复制了", { day: name }) : t("{day}：贴到这一天", { day: name });
      button.setAttribute("aria-label", words);
      button.title = words;
    }
  }

  private name(cell: HTMLElement): void {
    const [weekday, period] = place(cell);
    const said = this.week.cell(weekday, period).map(({ subject, classLabel, weeks }) =>
      [weeks === "odd" ? t("单") : weeks === "even" ? t("双") : "", subject, classLabel].filter(Boolean).join(" "));
    const where = t("{day}第 {period} 节", { day: t(DAYS[weekday - 1]!), period });
    cell.setAttribute("aria-label", `${where}：${said.join(" ") || t("没有课")}`);
  }

  private rove(target: HTMLElement): void {
    const cell = this.cellOf(target);
    if (!cell) return;
    for (const each of this.cells()) each.tabIndex = each === cell ? 0 : -1;
  }

  private cells(): HTMLElement[] {
    return [...this.table.querySelectorAll<HTMLElement>("td[data-cell]")];
  }

  private cellOf(target: EventTarget | null): HTMLElement | null {
    return target instanceof Element ? target.closest<HTMLElement>("td[data-cell]") : null;
  }

  private contents(cell: HTMLElement): Lesson[] {
    return this.week.cell(...place(cell));
  }
}

function place(cell: HTMLElement): [number, number] {
  const [weekday, period] = cell.dataset["cell"]!.split("-").map(Number);
  return [weekday!, period!];
}

function drawn({ subject, classLabel, weeks }: Lesson): HTMLElement {
  const lesson = document.createElement("span");
  lesson.className = "c-lesson";
  if (weeks !== "every") {
    const mark = document.createElement("i");
    mark.textContent = weeks === "odd" ? t("单") : t("双");
    lesson.append(mark);
  }
  const name = document.createElement("b");
  name.textContent = subject;
  const label = document.createElement("small");
  label.textContent = classLabel;
  lesson.append(name, label);
  return lesson;
}

