import { required } from "../editor/elements";
import { t } from "../shared/i18n";
import { Drafts } from "./drafts";
import { type Desk } from "./keys";

export interface DeskData {
  /** The name under which this device keeps what was not sent. */
  draft: string;
  given: { level: string; opinion: string };
  /** Addresses, empty at the ends. */
  previous: string;
  next: string;
}

/** The form beside the plan: kept on the device while it is written, sent without leaving the page until it is stored. */
export class ReviewDesk implements Desk {
  private readonly form = required("#review-form") as HTMLFormElement;
  private readonly opinion = document.querySelector<HTMLTextAreaElement>("#opinion");
  private readonly note = required("#draft-note");
  private readonly drafts: Drafts;
  private sending = false;

  constructor(private readonly data: DeskData) {
    this.drafts = new Drafts(data.draft);
    if (!this.opinion) {
      this.drafts.drop(); // the author has replied: nothing can be sent any more
      return;
    }
    this.restore();
    this.form.addEventListener("input", () => {
      this.keep();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.form.addEventListener("click", (event) => {
      const phrase = (event.target as Element).closest<HTMLElement>("[data-phrase]");
      if (phrase) this.add(phrase.dataset.phrase ?? "");
    });
  }

  choose(place: number): void {
    const level = this.levels()[place - 1];
    if (!level) return;
    level.checked = true;
    this.keep();
  }

  go(step: 1 | -1): void {
    const address = step === 1 ? this.data.next : this.data.previous;
    if (address) location.assign(address);
  }

  save(): void {
    if (this.opinion) void this.send();
    else document.querySelector<HTMLElement>("#go-on")?.click();
  }

  private levels(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("[name=level]")];
  }

  private level(): string {
    return this.levels().find((level) => level.checked)?.value ?? "";
  }

  private restore(): void {
    const draft = this.drafts.read();
    if (!draft || !this.opinion) return;
    for (const level of this.levels()) level.checked = level.value === draft.level;
    this.opinion.value = draft.opinion;
    this.keep();
  }

  private keep(): void {
    const level = this.level();
    const opinion = this.opinion?.value ?? "";
    const same = level === this.data.given.level && opinion === this.data.given.opinion;
    if (same) this.drafts.drop();
    this.note.hidden = same || !this.drafts.write(level, opinion);
    this.complain("");
  }

  private add(phrase: string): void {
    if (!this.opinion) return;
    const before = this.opinion.value.trimEnd();
    this.opinion.value = before ? `${before}\n${phrase}` : phrase;
    this.opinion.focus();
    this.keep();
  }

  private async send(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.busy(true);
    const answer = await this.post();
    this.sending = false;
    if (answer?.ok) {
      this.drafts.drop();
      location.assign(((await answer.json()) as { next: string }).next);
      return;
    }
    this.busy(false);
    if (answer?.status === 404) {
      this.complain(t("作者收回了，或者换了一版。写的还在这台电脑上。"));
      return;
    }
    const problem = answer ? ((await answer.json().catch(() => ({}))) as { detail?: string }) : null;
    this.complain(problem ? (problem.detail ?? t("没存上。请刷新页面再试。")) : t("线断了，没有送到。写的都在这台电脑上，连上再保存。"));
  }

  private async post(): Promise<Response | null> {
    try {
      const body = new FormData(this.form);
      const answer = await fetch(this.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      return answer.status >= 500 ? null : answer;
    } catch {
      return null;
    }
  }

  private busy(is: boolean): void {
    const button = required("#save-review");
    if (is) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }

  private complain(text: string): void {
    const place = required("#review-error");
    required("span", place).textContent = text;
    place.hidden = !text;
  }
}
