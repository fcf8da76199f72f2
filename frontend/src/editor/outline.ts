import type { Editor } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import { t } from "../shared/i18n";
import type { Store } from "../shared/store";
import type { Person } from "../collaboration";
import { element } from "./elements";
import { personAvatar } from "./presence";
import { currentPart, findHeader, readSections, type SectionInfo } from "./sections";

const HEAD = "head";

/** Puts the caret at the start of a section (or of the header) and shows it. */
export function goToPart(editor: Editor, pos: number): void {
  const { doc } = editor.state;
  const tr = editor.state.tr.setSelection(TextSelection.near(doc.resolve(Math.min(pos + 1, doc.content.size))));
  editor.view.dispatch(tr);
  const shown = editor.view.nodeDOM(pos);
  if (shown instanceof HTMLElement) shown.scrollIntoView({ block: "start" });
  editor.view.focus();
}

/** The list of sections: where I am, who is where, what is not written yet. */
export class Outline {
  private shown = "";
  private scheduled = false;

  constructor(
    private readonly editor: Editor,
    private readonly list: HTMLElement,
    private readonly people: Store<Person[]>,
    private readonly onGo: () => void,
  ) {
    people.subscribe(() => {
      this.schedule();
    });
    editor.on("transaction", () => {
      this.schedule();
    });
    list.addEventListener("click", (event) => {
      this.onClick(event);
    });
    this.show();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      if (!this.editor.isDestroyed) this.show();
    });
  }

  private onClick(event: Event): void {
    const link = (event.target as Element).closest<HTMLElement>("a[data-key]");
    if (!link) return;
    event.preventDefault();
    const key = link.dataset.key;
    const { doc } = this.editor.state;
    const part = key === HEAD ? findHeader(doc) : readSections(doc).find((one) => one.key === key);
    if (part) goToPart(this.editor, part.pos);
    this.onGo();
  }

  private show(): void {
    const { state } = this.editor;
    const sections = readSections(state.doc);
    const part = currentPart(state);
    const current = part?.type.name === "header" ? HEAD : String(part?.attrs.key ?? "");
    const others = this.people.get().filter((person) => !person.me && !person.away);
    const hasHead = findHeader(state.doc) !== null;
    const now = JSON.stringify([sections.map(({ key, title, written }) => [key, title, written]), current, others, hasHead]);
    if (now === this.shown) return;
    this.shown = now;
    const links = sections.map((section) => this.link(section, current, others));
    if (hasHead) links.unshift(this.link({ key: HEAD, title: t("基本信息"), written: true }, current, others));
    this.list.replaceChildren(...links);
  }

  private link(
    { key, title, written }: Pick<SectionInfo, "key" | "title" | "written">,
    current: string,
    others: readonly Person[],
  ): HTMLElement {
    const link = element("a", "", title);
    link.href = `#${key}`;
    link.dataset.key = key;
    if (key === current) link.setAttribute("aria-current", "true");
    const here = others.filter((person) => person.section === key);
    const end = element("span", "e");
    if (here.length) {
      end.append(...here.map(personAvatar), element("span", "sr", here.map((person) => person.name).join("、")));
      link.append(end);
    } else if (!written) link.append(element("span", "todo", t("未写")));
    return element("li", "", link);
  }
}
