import { t } from "../shared/i18n";
import type { SharedPlan } from "../collaboration";
import { button, element, icon } from "./elements";
import { endingWords } from "./opening";
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
    if (ending) {
      const { title, text } = endingWords(ending);
      return this.box("notice notice-pen", "warn", title, text, true);
    }
    if (content === "local" && line !== "online") {
      return this.box("notice notice-plain", "device", t("这是本机那份。"), t("线断着，别人的新改动还没到。你写的连上后自动合上"), false);
    }
    return null;
  }

  private box(className: string, name: string, title: string, text: string, rescue: boolean): HTMLElement {
    const words = element("p", "", element("b", "", title), text);
    const box = element("div", className, icon(name), words);
    box.setAttribute("role", "alert");
    if (rescue && this.shared.rescue()) {
      const save = button({ label: t("另存一份"), className: "btn btn-s" });
      save.addEventListener("click", () => {
        saveCopy(this.shared.text(), this.title());
      });
      words.append(" ", save);
    }
    return box;
  }
}
