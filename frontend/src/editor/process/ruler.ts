import { LESSON_MINUTES } from "../../generated/contracts";
import { t } from "../../shared/i18n";
import { element } from "../elements";
import { measure, type Step } from "./steps";

/** Narrower parts than this share of the ruler have room for their minutes only (as in templates/partials/ruler.html). */
const NARROW = 0.12;
/** Even on a wide page. */
const BARE = 0.075;

function rulerWords(steps: readonly Step[]): string {
  const { left, over } = measure(steps);
  if (over > 0) return t("超出 {minutes} 分钟", { minutes: over });
  if (left > 0) return t("还余 {minutes} 分钟没安排", { minutes: left });
  return t("{minutes} 分钟已排满", { minutes: LESSON_MINUTES });
}

function spokenRuler(steps: readonly Step[]): string {
  const parts = steps
    .filter((step) => step.minutes > 0)
    .map((step) => t("{name} {minutes} 分钟", { name: step.name || t("没写名称"), minutes: step.minutes }));
  return [parts.join("，"), rulerWords(steps)].filter(Boolean).join("；");
}

function part(step: Step, scale: number, now: boolean): HTMLElement {
  const shown = element("span", now ? "on" : "", element("b", "", step.name), element("span", "", String(step.minutes)));
  shown.classList.toggle("tiny", step.minutes / scale < NARROW);
  shown.classList.toggle("bare", step.minutes / scale < BARE);
  shown.style.setProperty("--m", String(step.minutes));
  shown.title = t("{name} {minutes} 分钟", { name: step.name, minutes: step.minutes });
  return shown;
}

function gap(minutes: number): HTMLElement {
  const shown = element("span", "todo", element("span", "", String(minutes)));
  shown.style.setProperty("--m", String(minutes));
  return shown;
}

/** 课时尺: forty minutes as a ruler, above the table of the teaching process. */
export function drawRuler(steps: readonly Step[], current: number | null): HTMLElement {
  const { scale, left, over } = measure(steps);
  const ruler = element("div", over > 0 ? "ruler ruler-over" : "ruler");
  ruler.contentEditable = "false";
  const bar = element("div", "ruler-bar");
  bar.setAttribute("role", "img");
  bar.setAttribute("aria-label", spokenRuler(steps));
  steps.forEach((step, index) => {
    if (step.minutes > 0) bar.append(part(step, scale, index === current));
  });
  if (left > 0) bar.append(gap(left));

  ruler.append(element("p", "ruler-words", rulerWords(steps)), bar);
  return ruler;
}
