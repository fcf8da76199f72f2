import type { Editor } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import { t } from "../../shared/i18n";
import { button, element } from "../elements";
import { bringIntoSight } from "../in-sight";
import { unfold } from "../variants/shown";
import { findHighlights, findKey, type Found, replaceAll, replaceMatch } from "./highlights";

/** Find and replace in the plan. Loaded when first asked for. */
export class FindBar {
  private readonly bar = element("div", "find-bar");
  private readonly words = element("input", "input");
  private readonly replacement = element("input", "input");
  private readonly count = element("span", "find-count sm dim");
  private readonly replaceRow = element("span", "find-replace");

  constructor(
    private readonly editor: Editor,
    place: HTMLElement,
  ) {
    editor.registerPlugin(findHighlights());
    this.build();
    place.append(this.bar);
    editor.on("transaction", () => {
      this.showCount();
    });
  }

  open(): void {
    const { from, to } = this.editor.state.selection;
    const selected = this.editor.state.doc.textBetween(from, to, "\n");
    if (selected && !selected.includes("\n") && selected.length <= 40) this.words.value = selected;
    this.bar.hidden = false;
    this.replaceRow.hidden = !this.editor.isEditable;
    this.search();
    this.words.focus();
    this.words.select();
  }

  close(): void {
    this.bar.hidden = true;
    this.change({ words: "" });
    this.editor.view.focus();
  }

  private get found(): Found {
    return findKey.getState(this.editor.state) ?? { words: "", matches: [], current: -1 };
  }

  private build(): void {
    this.bar.hidden = true;
    this.bar.setAttribute("role", "search");
    this.count.setAttribute("role", "status");
    this.words.setAttribute("aria-label", t("查找"));
    this.words.placeholder = t("查找");
    this.replacement.setAttribute("aria-label", t("换成"));
    this.replacement.placeholder = t("换成");
    this.words.addEventListener("input", () => {
      this.search();
    });
    this.bar.addEventListener("keydown", (event) => {
      this.onKey(event);
    });

    const act = (label: string, run: () => void, icon?: string) => {
      const made = button({ label, className: icon ? "iconbtn" : "btn btn-s", icon, iconOnly: icon !== undefined });
      made.addEventListener("click", run);
      return made;
    };
    this.replaceRow.append(
      this.replacement,
      act(t("换这一处"), () => {
        this.replaceOne();
      }),
      act(t("全部换"), () => {
        this.replaceEvery();
      }),
    );
    this.bar.append(
      this.words,
      this.count,
      act(t("上一处"), () => { this.go(-1); }, "left"),
      act(t("下一处"), () => { this.go(1); }, "right"),
      this.replaceRow,
      act(t("关上查找"), () => { this.close(); }, "x"),
    );
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape") this.close();
    else if (event.key !== "Enter" || event.target instanceof HTMLButtonElement) return;
    else if (event.target === this.replacement) this.replaceOne();
    else this.go(event.shiftKey ? -1 : 1);
    event.preventDefault();
    event.stopPropagation();
  }

  private change(change: { words: string } | { current: number }): void {
    this.editor.view.dispatch(this.editor.state.tr.setMeta(findKey, change));
  }

  private search(): void {
    this.change({ words: this.words.value });
    this.showMatch();
  }

  private go(step: 1 | -1): void {
    const { matches, current } = this.found;
    if (!matches.length) return;
    this.change({ current: (current + step + matches.length) % matches.length });
    this.showMatch();
  }

  /** Selects the match without taking the focus from the bar. */
  private showMatch(): void {
    const match = this.found.matches[this.found.current];
    if (!match) return;
    unfold(this.editor, [match.from]);
    const { tr } = this.editor.state;
    this.editor.view.dispatch(tr.setSelection(TextSelection.create(tr.doc, match.from, match.to)));
    const { node } = this.editor.view.domAtPos(match.from);
    const target = node instanceof Element ? node : node.parentElement;
    if (target instanceof HTMLElement) bringIntoSight(target, "center");
  }

  private replaceOne(): void {
    const match = this.found.matches[this.found.current];
    if (!match || !this.editor.isEditable) return;
    this.editor.view.dispatch(replaceMatch(this.editor.state.tr, match, this.replacement.value));
    // what was put in may hold the words again: go on behind it
    const after = this.found.matches.findIndex(({ from }) => from >= match.from + this.replacement.value.length);
    this.change({ current: after < 0 ? 0 : after });
    this.showMatch();
  }

  private replaceEvery(): void {
    const { matches } = this.found;
    if (!matches.length || !this.editor.isEditable) return;
    unfold(this.editor, matches.map(({ from }) => from));
    this.editor.view.dispatch(replaceAll(this.editor.state, matches, this.replacement.value));
    this.count.textContent = t("换了 {count} 处", { count: matches.length });
  }

  private showCount(): void {
    if (this.bar.hidden) return;
    const { words, matches, current } = this.found;
    if (!words) this.count.textContent = "";
    else if (!matches.length) this.count.textContent = t("没找到");
    else this.count.textContent = t("第 {current} 处，共 {total} 处", { current: current + 1, total: matches.length });
  }
}
