import { t } from "../shared/i18n";

const EVERY = 15_000;
const PATIENCE = 10_000;

/**
 * Fetches the part that changes and puts it in place of the old one: whoever stands in it with the keyboard, or has
 * scrolled its table, stays there. A screen reader hears the state when it is another one, not every figure.
 */
export class RunningPage {
  private readonly part: HTMLElement | null;
  private readonly said: HTMLElement | null;
  private readonly stale: HTMLElement | null;
  private timer = 0;
  private asking = false;
  private lastGood = new Date();

  constructor(private readonly page: Document) {
    this.part = page.querySelector<HTMLElement>("[data-running]");
    this.said = page.querySelector<HTMLElement>("[data-running-said]");
    this.stale = page.querySelector<HTMLElement>("[data-running-stale]");
  }

  start(): void {
    this.timer = window.setInterval(() => void this.refresh(), EVERY);
    this.page.addEventListener("visibilitychange", this.seen);
  }

  stop(): void {
    clearInterval(this.timer);
    this.page.removeEventListener("visibilitychange", this.seen);
  }

  private readonly seen = (): void => {
    void this.refresh();
  };

  async refresh(): Promise<void> {
    if (!this.part || this.asking || this.page.visibilityState === "hidden") return;
    this.asking = true;
    const patience = new AbortController();
    const timer = setTimeout(() => {
      patience.abort();
    }, PATIENCE);
    try {
      const answer = await fetch(this.part.dataset.running ?? "", {
        headers: { "HX-Request": "true" },
        signal: patience.signal,
      });
      if (answer.ok) this.show(this.part, await answer.text());
      else this.cannot(answer.status);
    } catch {
      this.cannot(0);
    } finally {
      clearTimeout(timer);
      this.asking = false;
    }
  }

  private show(part: HTMLElement, html: string): void {
    const before = this.state();
    const focused = part.contains(this.page.activeElement) ? this.page.activeElement?.id : "";
    const scrolled = part.querySelector(".table-scroll")?.scrollLeft ?? 0;
    part.innerHTML = html;
    const table = part.querySelector(".table-scroll");
    if (table) table.scrollLeft = scrolled;
    if (focused) this.page.getElementById(focused)?.focus({ preventScroll: true });
    this.lastGood = new Date();
    if (this.stale) this.stale.hidden = true;
    if (this.said && this.state() !== before) this.said.textContent = this.state();
  }

  private state(): string {
    return this.part?.querySelector("[data-running-state]")?.textContent.trim() ?? "";
  }

  private cannot(status: number): void {
    const text = this.stale?.querySelector("span");
    if (!this.stale || !text) return;
    const words = t("{why}下面是 {at} 的情况，还在接着试。", {
      why: reason(status),
      at: this.lastGood.toLocaleTimeString("zh-CN", { hour12: false }),
    });
    if (text.textContent !== words) text.textContent = words;
    this.stale.hidden = false;
  }
}

function reason(status: number): string {
  if (status === 401 || status === 403) return t("你已经退出登录，或者不再有这一页的权限，更新不了。");
  if (status === 0) return t("连不上服务器，更新不了。");
  return t("服务器没有答上来（{status}），更新不了。", { status });
}
