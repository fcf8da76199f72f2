import type { Editor } from "@tiptap/core";
import { t } from "../../shared/i18n";
import { element, required } from "../elements";
import { countDocument, countSelection, type WordCount } from "./word-count";

const PAUSE = 400;

function lines(count: WordCount): string {
  return t("汉字 {characters}，词和数 {words}", { characters: count.characters, words: count.words });
}

/** 字数: of the plan, and of what is selected. */
export class Counter {
  private timer = 0;

  constructor(
    private readonly editor: Editor,
    private readonly root: HTMLElement,
  ) {
    editor.on("transaction", () => {
      this.schedule();
    });
    this.show();
  }

  private schedule(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (!this.editor.isDestroyed) this.show();
    }, PAUSE);
  }

  private show(): void {
    const whole = countDocument(this.editor.state.doc);
    const selected = countSelection(this.editor.state);
    const words = selected
      ? t("选中 {selected} 字", { selected: selected.all })
      : t("{total} 字", { total: whole.all });
    required("[data-count]", this.root).textContent = words;
    const panel = required("[data-count-detail]", this.root);
    panel.replaceChildren(element("p", "", t("全文：{lines}", { lines: lines(whole) })));
    if (selected) panel.append(element("p", "", t("选中：{lines}", { lines: lines(selected) })));
  }
}
