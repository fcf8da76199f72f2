/** The switches for colours and text size, wherever a page shows them. */
import { t } from "../shared/i18n";
import { nextTextSize, setTextSize, textSize, type TextSize } from "../shared/text-size";
import { setTheme, shownTheme, theme, type Theme } from "../shared/theme";

const SIZE_NAMES: Record<TextSize, string> = { normal: "标准", large: "大", largest: "特大" };

function press(attribute: string, chosen: string): void {
  for (const button of document.querySelectorAll<HTMLElement>(`[${attribute}]`)) {
    button.setAttribute("aria-pressed", String(button.getAttribute(attribute) === chosen));
  }
}

function show(): void {
  press("data-theme-choice", theme());
  press("data-text-size-choice", textSize());
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-toggle]")) {
    const dark = shownTheme() === "dark";
    name(button, dark ? t("换成备课本色") : t("换成黑板色"));
    button.querySelector("use")?.setAttribute("href", dark ? "#i-sun" : "#i-moon");
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-text-size-next]")) {
    const names = { now: t(SIZE_NAMES[textSize()]), next: t(SIZE_NAMES[nextTextSize()]) };
    name(button, t("字号：{now}，换成{next}", names));
  }
}

function name(button: HTMLElement, text: string): void {
  button.setAttribute("aria-label", text);
  button.title = text;
}

export function startPreferences(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (!button) return;
    const { themeChoice, textSizeChoice } = button.dataset;
    if (themeChoice) setTheme(themeChoice as Theme);
    else if (textSizeChoice) setTextSize(textSizeChoice as TextSize);
    else if ("themeToggle" in button.dataset) setTheme(shownTheme() === "dark" ? "light" : "dark");
    else if ("textSizeNext" in button.dataset) setTextSize(nextTextSize());
    else return;
    show();
  });
  show();
}
