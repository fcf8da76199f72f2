import { t } from "../shared/i18n";
import type { Ending, SharedPlan } from "../collaboration";
import { button, element, icon } from "./elements";
import { endingWords, isSharedComputer, signInLink } from "./opening";
import { saveCopy } from "./rescue";

/** What the person must know above the sheet: the plan was taken away, or this is the copy on this device. */
export class Notices {
  constructor(
    private readonly place: HTMLElement,
    private readonly shared: SharedPlan,
    private readonly title: () => string,
  ) {
    shared.status.subscribe(() => {
      this.show();
    });
    this.show();
  }

  private show(): void {
    const notice = this.notice();
    this.place.replaceChildren(...(notice ? [notice] : []));
  }

  private notice(): HTMLElement | null {
    const { ending, content, line } = this.shared.status.get();
    if (ending) return this.endingNotice(ending);
    if (content === "local" && line !== "online") {
      const text = t("线断着，别人的新改动还没到。你写的连上后自动合上");
      return this.box("notice notice-plain", "device", { title: t("这是本机那份。"), text });
    }
    return null;
  }

  private endingNotice(ending: Ending): HTMLElement {
    const signedOut = ending === "signed-out";
    const unsent = this.shared.hasUnsent();
    const acts: HTMLElement[] = signedOut ? [signInLink()] : [];
    // on a shared computer the next person would save it
    if (unsent && !(signedOut && isSharedComputer())) acts.push(this.rescueButton());
    return this.box("notice notice-pen", "warn", endingWords(ending, unsent), ...acts);
  }

  private rescueButton(): HTMLElement {
    const save = button({ label: t("另存一份"), className: "btn btn-s" });
    save.addEventListener("click", () => {
      saveCopy(this.shared.text(), this.title());
    });
    return save;
  }

  private box(
    className: string,
    name: string,
    { title, text }: { title: string; text: string },
    ...acts: HTMLElement[]
  ): HTMLElement {
    const words = element("p", "", element("b", "", title), text, ...acts.flatMap((act) => [" ", act]));
    const box = element("div", className, icon(name), words);
    box.setAttribute("role", "alert");
    return box;
  }
}
