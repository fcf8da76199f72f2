import { button, element } from "../editor/elements";
import { t } from "../shared/i18n";
import { SayForm } from "./say-form";
import { shortened } from "./words";

export type About = "text" | "block" | "plan";

export interface DraftOptions {
  people: string;
  kept: string;
  /** Which of them there are to choose from, and which is meant first. */
  choices: readonly About[];
  quote: () => string;
  submit: (draft: { about: About; kind: "comment" | "question"; text: string; mentions: number[] }) => Promise<void>;
  keep: (text: string) => void;
  cancel: () => void;
}

/** What is being written about the plan and not said yet. */
export class Draft {
  readonly root = element("section", "anno-card anno-draft is-active");
  private readonly form: SayForm;
  private readonly quote = element("p", "anno-about");
  private about: About;
  private kind: "comment" | "question" = "comment";

  constructor(private readonly options: DraftOptions) {
    this.about = options.choices[0] ?? "plan";
    this.root.setAttribute("aria-label", t("写批注"));
    this.form = new SayForm({
      label: t("想说什么"),
      send: t("发表"),
      text: options.kept,
      people: options.people,
      submit: (text, mentions) => options.submit({ about: this.about, kind: this.kind, text, mentions }),
      cancel: options.cancel,
    });
    this.form.field.addEventListener("input", () => {
      options.keep(this.form.field.value);
    });
    this.root.append(this.kinds(), ...(options.choices.length > 1 ? [this.abouts()] : []), this.quote, this.form.root);
    this.refresh();
  }

  focus(): void {
    this.form.focus();
  }

  /** The text has changed under it. */
  refresh(): void {
    if (this.about === "plan") this.quote.textContent = t("对整份教案");
    else if (this.about === "block") this.quote.textContent = t("对光标所在的这一段");
    else {
      const words = this.options.quote();
      this.quote.textContent = words ? `“${shortened(words)}”` : t("选中的文字刚被删掉了，请另选一处，或对整份教案说");
    }
  }

  private kinds(): HTMLElement {
    const names = { comment: t("批注"), question: t("问题") };
    return this.choice(t("写什么"), names, this.kind, (kind) => {
      this.kind = kind;
    });
  }

  private abouts(): HTMLElement {
    const all = { text: t("选中的文字"), block: t("这一段"), plan: t("整份教案") };
    const names = Object.fromEntries(this.options.choices.map((about) => [about, all[about]])) as Record<About, string>;
    return this.choice(t("对什么说"), names, this.about, (about) => {
      this.about = about;
      this.refresh();
    });
  }

  private choice<K extends string>(label: string, names: Record<K, string>, chosen: K, choose: (key: K) => void): HTMLElement {
    const group = element("div", "seg seg-s");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    const buttons = (Object.keys(names) as K[]).map((key) => {
      const made = button({ label: names[key], className: "" });
      made.setAttribute("aria-pressed", String(key === chosen));
      made.addEventListener("click", () => {
        for (const one of buttons) one.setAttribute("aria-pressed", String(one === made));
        choose(key);
      });
      return made;
    });
    group.append(...buttons);
    return group;
  }
}
