import type { Editor } from "@tiptap/core";
import { t } from "../../shared/i18n";
import { toast } from "../../shared/toast";
import { button, element } from "../elements";
import { safeAddress } from "../marks/link";

/** Where a link is typed, changed or taken off. */
export class LinkBar {
  private readonly bar = element("form", "find-bar");
  private readonly address = element("input", "input");

  constructor(
    private readonly editor: Editor,
    place: HTMLElement,
  ) {
    this.address.type = "text";
    this.address.inputMode = "url";
    this.address.placeholder = "https://";
    this.address.setAttribute("aria-label", t("网址"));
    const set = button({ label: t("加上链接"), className: "btn btn-s btn-soft" });
    set.type = "submit";
    const remove = button({ label: t("去掉链接"), className: "btn btn-s" });
    const close = button({ label: t("关上"), icon: "x", className: "iconbtn", iconOnly: true });
    remove.addEventListener("click", () => {
      this.set(null);
    });
    close.addEventListener("click", () => {
      this.close();
    });
    this.bar.append(this.address, set, remove, close);
    this.bar.hidden = true;
    this.bar.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    place.append(this.bar);
  }

  open(): void {
    if (!this.editor.isEditable) return;
    if (this.editor.state.selection.$from.parent.type.name === "headerField") return;
    this.address.value = String(this.editor.getAttributes("link").href ?? "");
    this.bar.hidden = false;
    this.address.focus();
  }

  private close(): void {
    this.bar.hidden = true;
    this.editor.view.focus();
  }

  private submit(): void {
    const href = safeAddress(this.address.value);
    if (href) this.set(href);
    else toast(t("这不是网址。网址以 http:// 或 https:// 开头"), "pen");
  }

  private set(href: string | null): void {
    const chain = this.editor.chain().focus().extendMarkRange("link");
    if (!href) chain.unsetMark("link").run();
    else if (this.editor.state.selection.empty && !this.editor.isActive("link")) {
      chain.insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] }).run();
    } else chain.setMark("link", { href }).run();
    this.bar.hidden = true;
  }
}
