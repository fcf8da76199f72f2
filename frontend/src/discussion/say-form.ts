import { button, element } from "../editor/elements";
import { t } from "../shared/i18n";
import { Refused } from "./api";
import { Mentions } from "./mentions";

const LONGEST = 4000;

export interface SayOptions {
  /** What the field is called. */
  label: string;
  send: string;
  text?: string;
  people: string;
  /** Sends it; what it throws is shown, and the words stay. */
  submit: (text: string, mentions: number[]) => Promise<void>;
  cancel: () => void;
}

let numbers = 0;

/** A few words to say: they stay in the field until the server has them. */
export class SayForm {
  readonly root = element("form", "say");
  readonly field = document.createElement("textarea");
  private readonly error = element("p", "say-error");
  private readonly mentions: Mentions;
  private readonly send: HTMLButtonElement;

  constructor(private readonly options: SayOptions) {
    numbers += 1;
    const label = element("label", "sr", options.label);
    this.field.id = label.htmlFor = `say-${numbers}`;
    this.field.className = "input";
    this.field.rows = 3;
    this.field.maxLength = LONGEST;
    this.field.value = options.text ?? "";
    this.field.placeholder = t("{label}，@ 可以提到人", { label: options.label });
    this.error.id = `${this.field.id}-error`;
    this.error.setAttribute("role", "alert");
    this.error.hidden = true;
    this.send = button({ label: options.send, className: "btn btn-s btn-soft" });
    this.send.type = "submit";
    const cancel = button({ label: t("不写了"), className: "btn btn-s btn-quiet" });
    cancel.addEventListener("click", options.cancel);
    const place = element("div", "say-field", this.field);
    this.root.append(label, place, this.error, element("div", "anno-acts", this.send, cancel));
    this.mentions = new Mentions(this.field, options.people);
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.field.addEventListener("keydown", (event) => {
      this.onKey(event);
    });
  }

  focus(): void {
    this.field.focus();
  }

  complain(words: string): void {
    this.error.textContent = words;
    this.error.hidden = words === "";
    this.field.setAttribute("aria-invalid", String(words !== ""));
    if (words) this.field.setAttribute("aria-describedby", this.error.id);
    else this.field.removeAttribute("aria-describedby");
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.submit();
    else if (event.key === "Escape") this.options.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private async submit(): Promise<void> {
    const text = this.field.value.trim();
    if (!text) {
      this.complain(t("写上要说的话"));
      this.focus();
      return;
    }
    if (this.send.disabled) return;
    this.send.disabled = true;
    this.complain("");
    try {
      await this.options.submit(text, this.mentions.ids());
    } catch (error) {
      if (!(error instanceof Refused)) console.error(error);
      this.complain(error instanceof Refused ? error.message : t("没发出去。你写的还在，再试一次"));
    } finally {
      this.send.disabled = false;
    }
  }
}
