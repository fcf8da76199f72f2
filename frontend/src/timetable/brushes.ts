/** The lessons one can paint with: one is chosen; new ones are added by subject and class. */
import { t } from "../shared/i18n";
import type { Lesson, TimetableData, Weeks } from "./week";

export class Brushes {
  private readonly all: { subject: string; classLabel: string }[];
  private chosen = 0;
  private weeks: Weeks = "every";

  constructor(
    private readonly host: HTMLElement,
    form: HTMLFormElement,
    brushes: TimetableData["brushes"],
  ) {
    this.all = [...brushes];
    this.host.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-brush]");
      if (button) this.choose(Number(button.dataset["brush"]));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(form);
    });
    for (const button of document.querySelectorAll<HTMLElement>("[data-weeks]")) {
      button.addEventListener("click", () => {
        this.weeks = button.dataset["weeks"] as Weeks;
        for (const each of document.querySelectorAll<HTMLElement>("[data-weeks]")) {
          each.setAttribute("aria-pressed", String(each === button));
        }
      });
    }
    this.show();
  }

  /** What to paint with; null: the rubber. */
  get current(): Lesson | null {
    const brush = this.all[this.chosen];
    return brush ? { ...brush, weeks: this.weeks } : null;
  }

  get count(): number {
    return this.all.length;
  }

  choose(number: number): void {
    if (number > this.all.length) return;
    this.chosen = number;
    this.show();
  }

  private add(form: HTMLFormElement): void {
    const [subject, classLabel] = form.querySelectorAll<HTMLInputElement>("input");
    const brush = { subject: tidy(subject!.value, " "), classLabel: tidy(classLabel!.value, "") };
    if (!brush.subject) return;
    const known = this.all.findIndex((each) => each.subject === brush.subject && each.classLabel === brush.classLabel);
    if (known < 0) this.all.push(brush);
    this.choose(known < 0 ? this.all.length - 1 : known);
    subject!.value = "";
    subject!.focus();
  }

  private show(): void {
    const buttons = this.all.map(({ subject, classLabel }, number) => this.button(number, subject, classLabel));
    buttons.push(this.button(this.all.length, t("擦掉"), ""));
    this.host.replaceChildren(...buttons);
  }

  private button(number: number, subject: string, classLabel: string): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = number === this.all.length ? "brush brush-rubber" : "brush";
    button.dataset["brush"] = String(number);
    button.setAttribute("aria-pressed", String(number === this.chosen));
    const name = document.createElement("b");
    name.textContent = subject;
    button.append(name);
    if (classLabel) button.append(` ${classLabel}`);
    return button;
  }
}

/** As the server tidies it. */
function tidy(text: string, between: string): string {
  return text.trim().split(/\s+/).join(between);
}
