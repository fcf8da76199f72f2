import type { Editor } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { TextSelection } from "@tiptap/pm/state";
import { t } from "../shared/i18n";
import type { Store } from "../shared/store";
import type { Person } from "../collaboration";
import { afterPaint } from "./after-paint";
import { element, required } from "./elements";
import { bringIntoSight } from "./in-sight";
import { personAvatar } from "./presence";
import { currentPart, findHeader, readSections, type SectionInfo } from "./sections";

const HEAD = "head";

/** Puts the caret at the start of a section (or of the header) and shows it. */
export function goToPart(editor: Editor, pos: number): void {
  const { doc } = editor.state;
  const tr = editor.state.tr.setSelection(TextSelection.near(doc.resolve(Math.min(pos + 1, doc.content.size))));
  editor.view.dispatch(tr);
  const shown = editor.view.nodeDOM(pos);
  if (shown instanceof HTMLElement) bringIntoSight(shown, "start");
  editor.view.focus();
}

function keyOf(part: ProseMirrorNode | null): string {
  return part?.type.name === "header" ? HEAD : String(part?.attrs.key ?? "");
}

function domKey(part: HTMLElement): string {
  return part.classList.contains("sheet-head") ? HEAD : (part.dataset.key ?? "");
}

/** Where a reader's eyes are: so far below the bars, as a share of the window. */
const EYES = 0.25;

/** The list of sections: where I am, who is where, what is not written yet. */
export class Outline {
  private shown = "";
  /** The part in which the caret stands, and the one that is marked: where the caret went or what was scrolled to. */
  private caret = "";
  private current = "";

  constructor(
    private readonly editor: Editor,
    private readonly list: HTMLElement,
    private readonly people: Store<Person[]>,
    private readonly onGo: () => void,
  ) {
    const schedule = afterPaint(() => {
      if (!this.editor.isDestroyed) this.show();
    });
    people.subscribe(schedule);
    editor.on("transaction", schedule);
    const follow = afterPaint(() => {
      if (this.editor.isDestroyed) return;
      this.current = this.partInView();
      this.show();
    });
    addEventListener("scroll", follow, { passive: true });
    editor.on("destroy", () => {
      removeEventListener("scroll", follow);
    });
    list.addEventListener("click", (event) => {
      this.onClick(event);
    });
    this.show();
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

  /**
   * The last part that begins above a reader's eyes, at the end of the page the last of all. Of several that begin
   * between the bars and the eyes, or stand at the end or side by side, it is the one with the caret.
   */
  private partInView(): string {
    const places = [...this.editor.view.dom.querySelectorAll<HTMLElement>(":scope > .sheet-head, :scope > .sec")].map(
      (part) => ({ key: domKey(part), box: part.getBoundingClientRect() }),
    );
    const bars = Math.max(0, required(".editor-top").getBoundingClientRect().bottom);
    const eyes = bars + innerHeight * EYES;
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const begun = places.filter(({ box }) => box.top <= (atEnd ? innerHeight : eyes));
    const last = begun[begun.length - 1];
    const caret = begun.find(({ key }) => key === this.caret)?.box;
    const stays = caret && (caret.top >= bars || caret.top === last?.box.top || (atEnd && caret.bottom > eyes));
    return stays ? this.caret : (last?.key ?? this.current);
  }

  private show(): void {
    const { state } = this.editor;
    const sections = readSections(state.doc);
    const caret = keyOf(currentPart(state));
    if (caret !== this.caret) this.current = this.caret = caret;
    const { current } = this;
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
    if (key === current) link.setAttribute("aria-current", "location");
    const here = others.filter((person) => person.section === key);
    const end = element("span", "e");
    if (here.length) {
      end.append(...here.map(personAvatar), element("span", "sr", here.map((person) => person.name).join("、")));
      link.append(end);
    } else if (!written) link.append(element("span", "todo", t("未写")));
    return element("li", "", link);
  }
}
