/** “10:00 开始，还有 8 分钟”: rewritten every minute. */
import { t } from "../shared/i18n";

const MINUTE = 60_000;

export function soon(starts: Date, ends: Date, now: Date, clock: string): string {
  const left = Math.ceil((starts.getTime() - now.getTime()) / MINUTE);
  if (now >= ends) return t("已上完");
  if (left <= 0) return t("正在上，还有 {minutes} 分钟", { minutes: Math.ceil((ends.getTime() - now.getTime()) / MINUTE) });
  if (left > 90) return t("{clock} 开始", { clock });
  return t("{clock} 开始，还有 {minutes} 分钟", { clock, minutes: left });
}

export function startCountdown(): void {
  const line = document.querySelector<HTMLElement>("[data-starts]");
  if (!line) return;
  const starts = new Date(line.dataset["starts"]!);
  const ends = new Date(line.dataset["ends"]!);
  const clock = /T0?(\d+:\d\d)/.exec(line.dataset["starts"]!)?.[1] ?? "";
  const show = (): void => {
    line.textContent = soon(starts, ends, new Date(), clock);
  };
  show();
  setInterval(show, MINUTE / 2);
}
