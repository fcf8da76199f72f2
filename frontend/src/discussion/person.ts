import { button, element, icon } from "../editor/elements";
import { t } from "../shared/i18n";
import { ask } from "./api";
import type { Passage } from "./passages";
import type { PersonInPlan } from "./types";
import { shortened, time, unit } from "./words";

export interface PersonActs {
  close: () => void;
  thread: (id: string) => void;
  passage: (passage: Passage) => void;
  passages: (clients: ReadonlySet<number>) => Passage[];
  sectionTitle: (key: string) => string;
}

/** All that one person said and changed in this plan. */
export class PersonPanel {
  readonly root = element("section", "anno-person");

  constructor(
    private readonly url: string,
    private readonly acts: PersonActs,
  ) {
    this.root.tabIndex = -1;
    this.root.append(this.back(), element("p", "dim", t("正在取…")));
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.show(await ask<PersonInPlan>(this.url));
    } catch (error) {
      const words = element("p", "say-error", error instanceof Error ? error.message : "");
      words.setAttribute("role", "alert");
      this.root.replaceChildren(this.back(), words);
    }
  }

  private back(): HTMLElement {
    const made = button({ label: t("回到讨论"), icon: "left", className: "btn btn-s btn-quiet" });
    made.addEventListener("click", this.acts.close);
    return made;
  }

  private show(found: PersonInPlan): void {
    const { person } = found;
    const face = element("span", `av p${person.colour}`, person.initial);
    face.setAttribute("aria-hidden", "true");
    const head = element("header", "", face, element("h3", "", t("{name}说过和改过的", { name: person.name })), unit(person));
    const passages = this.acts.passages(new Set(found.clients));
    this.root.replaceChildren(
      this.back(),
      head,
      this.part(t("说过的"), t("在这份教案里还没说过话"), this.saidItems(found), found.next, found.person.id),
      this.part(t("写下的、现在还在的"), t("现在的教案里没有这位老师写的字"), passages.map((one) => this.passageItem(one))),
      this.part(t("改过的时候"), t("还没有留下版本"), found.worked.map((one) => this.workedItem(one))),
    );
    this.root.focus();
  }

  private part(title: string, empty: string, items: HTMLElement[], next: string | null = null, id = 0): HTMLElement {
    const list = element("ul", "anno-list", ...items);
    const made = element("section", "", element("h4", "", title));
    made.append(items.length > 0 ? list : element("p", "dim sm", empty));
    if (next !== null) made.append(this.more(list, next, id));
    return made;
  }

  private saidItems(found: PersonInPlan): HTMLElement[] {
    return found.said.map((said) => {
      const made = button({ label: "", className: "anno-item" });
      const kinds = { plain: "", viewpoint: t("观点"), consensus: t("共识") };
      const facts = [t("第 {number} 条", { number: said.number }), kinds[said.kind], time(said.when)].filter(Boolean).join(" · ");
      made.append(element("small", "dim", facts), element("span", "", shortened(said.text, 80)));
      made.addEventListener("click", () => {
        this.acts.thread(said.thread_id);
      });
      return element("li", "", made);
    });
  }

  private more(list: HTMLElement, next: string, id: number): HTMLElement {
    const made = button({ label: t("更早的"), className: "btn btn-s" });
    made.addEventListener("click", () => {
      made.disabled = true;
      const url = new URL(this.url, location.href);
      url.searchParams.set("cursor", next);
      ask<PersonInPlan>(url.href).then(
        (found) => {
          list.append(...this.saidItems(found));
          if (found.next === null) made.remove();
          else made.replaceWith(this.more(list, found.next, id));
        },
        () => {
          made.disabled = false;
        },
      );
    });
    return made;
  }

  private passageItem(passage: Passage): HTMLElement {
    const made = button({ label: "", className: "anno-item" });
    const title = this.acts.sectionTitle(passage.section);
    if (title) made.append(element("small", "dim", title));
    made.append(element("span", "", shortened(passage.text, 60)));
    made.addEventListener("click", () => {
      this.acts.passage(passage);
    });
    return element("li", "", made);
  }

  private workedItem({ label, when, path }: PersonInPlan["worked"][number]): HTMLElement {
    const link = element("a", "anno-item", element("small", "dim", time(when)), element("span", "", icon("compare"), t("{label}改了什么", { label })));
    link.href = path;
    return element("li", "", link);
  }
}
