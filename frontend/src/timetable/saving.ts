/** Sends what was painted, soon after the last stroke; what did not arrive is kept and sent again. */
import { csrfToken } from "../shared/csrf";
import { t } from "../shared/i18n";
import { toast } from "../shared/toast";
import { type Cell, type Lesson, type TimetableData, key } from "./week";

const PAUSE = 400;
const AGAIN = 5_000;

export class Saving {
  private waiting = new Map<string, Cell>();
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stored = new Map<string, Lesson[]>();

  constructor(
    private readonly data: TimetableData,
    private readonly chip: HTMLElement,
    private readonly total: HTMLElement,
    private readonly restore: (cell: Cell) => void,
  ) {
    for (const { weekday, period, contents } of data.cells) this.stored.set(key(weekday, period), contents);
    window.addEventListener("online", () => void this.send());
    window.addEventListener("beforeunload", (event) => {
      if (this.waiting.size > 0 || this.sending) event.preventDefault();
    });
  }

  note(cell: Cell): void {
    this.waiting.set(key(cell.weekday, cell.period), cell);
    this.say(t("正在保存…"), "chip-plain");
    this.later(PAUSE);
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), milliseconds);
  }

  private async send(): Promise<void> {
    if (this.sending || this.waiting.size === 0) return;
    const cells = [...this.waiting.values()];
    this.waiting = new Map();
    this.sending = true;
    const answer = await this.post(cells);
    this.sending = false;
    if (answer === null) {
      this.waiting = new Map([...cells.map((cell): [string, Cell] => [key(cell.weekday, cell.period), cell]), ...this.waiting]);
      this.say(t("没存上，连上自动再试"), "chip-pen");
      this.later(AGAIN);
    } else if (answer.ok) {
      for (const { weekday, period, contents } of cells) this.stored.set(key(weekday, period), contents);
      this.count();
      if (this.waiting.size > 0) this.later(0);
      else this.say(t("已保存"), "chip-ok");
    } else {
      await this.refused(answer, cells);
    }
  }

  private async post(cells: Cell[]): Promise<Response | null> {
    const { url, term, since } = this.data;
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ term, since, cells }),
      });
      return answer.status >= 500 ? null : answer;
    } catch {
      return null;
    }
  }

  /** The cells go back to what the server has. */
  private async refused(answer: Response, cells: Cell[]): Promise<void> {
    const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
    toast(problem.detail ?? t("没存上。请刷新页面再试。"), "pen");
    for (const { weekday, period } of cells) {
      if (this.waiting.has(key(weekday, period))) continue;
      this.restore({ weekday, period, contents: this.stored.get(key(weekday, period)) ?? [] });
    }
    if (this.waiting.size > 0) this.later(0);
    else this.say(t("没存上，已改回原样"), "chip-pen");
  }

  /** The heading says how many lessons a week has, in the page's own words for one and for several. */
  private count(): void {
    let lessons = 0;
    for (const contents of this.stored.values()) lessons += contents.length;
    const words = this.total.dataset[lessons === 1 ? "one" : "many"] ?? "";
    this.total.textContent = words.replace(/\d+/, String(lessons));
  }

  private say(text: string, kind: string): void {
    this.chip.textContent = text;
    this.chip.className = `end chip ${kind}`;
  }
}
