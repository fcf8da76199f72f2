import type { Editor, NodeViewRendererProps } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import type { NodeView } from "@tiptap/pm/view";
import { t } from "../../shared/i18n";
import { button, element } from "../elements";
import type { ImageAttributes } from "../nodes/image";

/** The three sizes, in pixels on the sheet. */
const SIZES = [
  { label: () => t("小"), width: 200 },
  { label: () => t("中"), width: 360 },
  { label: () => t("大"), width: 640 },
];

/** A picture in the plan; when it is chosen, its words and size can be changed. */
export class PictureView implements NodeView {
  readonly dom = element("figure", "picture");
  private readonly image = element("img");
  private readonly words = element("input", "input picture-alt");
  private readonly tools = element("figcaption", "picture-tools");
  private node: ProseMirrorNode;

  constructor(
    private readonly props: NodeViewRendererProps,
    private readonly fileUrl: (file: string) => string,
  ) {
    this.node = props.node;
    this.image.loading = "lazy";
    this.image.decoding = "async";
    this.image.draggable = false;
    this.image.addEventListener("error", () => {
      this.dom.classList.add("picture-broken");
    });
    this.image.addEventListener("load", () => {
      this.dom.classList.remove("picture-broken");
    });
    this.dom.dataset.broken = t("这张图没取到");
    this.buildTools();
    this.dom.append(this.image);
    this.show();
  }

  private get editor(): Editor {
    return this.props.editor;
  }

  update(node: ProseMirrorNode): boolean {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.show();
    return true;
  }

  selectNode(): void {
    this.dom.classList.add("ProseMirror-selectednode");
    if (this.editor.isEditable) this.dom.append(this.tools);
  }

  deselectNode(): void {
    this.dom.classList.remove("ProseMirror-selectednode");
    this.tools.remove();
  }

  stopEvent(event: Event): boolean {
    return this.tools.contains(event.target as Node);
  }

  ignoreMutation(): boolean {
    return true;
  }

  private show(): void {
    const { id, file, alt, width, height } = this.node.attrs as ImageAttributes;
    const source = this.fileUrl(file ?? "");
    if (this.image.getAttribute("src") !== source) this.image.src = source;
    this.image.alt = alt;
    if (id) this.dom.dataset.id = id;
    if (width) this.image.width = width;
    else this.image.removeAttribute("width");
    if (height) this.image.height = height;
    else this.image.removeAttribute("height");
    if (document.activeElement !== this.words) this.words.value = alt;
  }

  private buildTools(): void {
    this.words.placeholder = t("图上是什么，读屏会念");
    this.words.setAttribute("aria-label", t("图片说明"));
    this.words.addEventListener("change", () => {
      this.set({ alt: this.words.value.trim() });
    });
    this.words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      this.set({ alt: this.words.value.trim() });
      this.editor.view.focus();
    });
    const sizes = element("span", "seg seg-s");
    sizes.setAttribute("role", "group");
    sizes.setAttribute("aria-label", t("图片大小"));
    for (const { label, width } of SIZES) {
      const choice = button({ label: label(), className: "" });
      choice.addEventListener("click", () => {
        this.resize(width);
      });
      sizes.append(choice);
    }
    const remove = button({ label: t("删掉图片"), icon: "trash", className: "iconbtn", iconOnly: true });
    remove.addEventListener("click", () => this.editor.chain().focus().deleteSelection().run());
    this.tools.contentEditable = "false";
    this.tools.append(this.words, sizes, remove);
  }

  private resize(width: number): void {
    const { naturalWidth, naturalHeight } = this.image;
    const known = naturalWidth > 0;
    const shown = known ? Math.min(width, naturalWidth) : width;
    this.set({ width: shown, height: known ? Math.round((naturalHeight * shown) / naturalWidth) : null });
  }

  private set(attributes: Partial<ImageAttributes>): void {
    const pos = this.props.getPos();
    if (pos === undefined || !this.editor.isEditable) return;
    const tr = this.editor.state.tr;
    for (const [name, value] of Object.entries(attributes)) {
      if (this.node.attrs[name] !== value) tr.setNodeAttribute(pos, name, value);
    }
    if (tr.docChanged) this.editor.view.dispatch(tr);
  }
}
