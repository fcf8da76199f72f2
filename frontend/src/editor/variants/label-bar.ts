import type { Editor } from "@tiptap/core";
import type { Identity } from "../../collaboration";
import { t } from "../../shared/i18n";
import { sideName } from "../../shared/sides";
import { button, element } from "../elements";
import { setLabel } from "./commands";
import { selectedVariant } from "./places";

const LONGEST = 60;

/** Where it is typed which class or school a variant is for. */
export class LabelBar {
  private readonly bar = element("form", "find-bar");
  private readonly words = element("input", "input");
  private readonly side = element("label", "sm dim");
  private pos = -1;

  constructor(
    private readonly editor: Editor,
    private readonly own: Identity,
    place: HTMLElement,
  ) {
    this.words.type = "text";
    this.words.id = "variant-label";
    this.words.maxLength = LONGEST;
    this.words.placeholder = t("例如：青山小学 11 人");
    this.side.htmlFor = this.words.id;
    const set = button({ label: t("写上"), className: "btn btn-s btn-soft" });
    set.type = "submit";
    const close = button({ label: t("关上"), icon: "x", className: "iconbtn", iconOnly: true });
    close.addEventListener("click", () => {
      this.close();
    });
    this.bar.append(this.side, this.words, set, close);
    this.bar.hidden = true;
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    place.append(this.bar);
    // the place moves with what is written before it
    editor.on("transaction", ({ transaction }) => {
      if (!this.bar.hidden) this.pos = transaction.mapping.map(this.pos);
    });
  }

  open(): void {
    const place = selectedVariant(this.editor.state);
    if (place === null || !this.editor.isEditable) return;
    this.pos = place.pos;
    const { label } = place.node.attrs as { label: string };
    this.side.textContent = t("{side}是哪个班、哪所学校", { side: sideName(place.side) });
    this.words.value = label || (this.own.side === place.side ? this.own.school : "");
    this.bar.hidden = false;
    this.words.focus();
    this.words.select();
  }

  private close(): void {
    this.bar.hidden = true;
    this.editor.view.focus();
  }

  private submit(): void {
    const tr = setLabel(this.editor.state, this.pos, this.words.value.trim());
    if (tr) this.editor.view.dispatch(tr);
    this.close();
  }
}
