import { Node, mergeAttributes } from "@tiptap/core";
import { idAttribute, textAttribute } from "./attributes";

/** One fact that teachers fill in; the label is shown, the text is typed. */
export const HeaderField = Node.create({
  name: "headerField",
  content: "text*",
  marks: "",
  isolating: true,
  defining: true,
  selectable: false,

  addAttributes: () => ({
    ...idAttribute,
    key: textAttribute("key", ""),
    label: textAttribute("label", ""),
  }),

  parseHTML: () => [{ tag: "div.field-cell", contentElement: ".field-text" }],

  renderHTML: ({ node, HTMLAttributes }) => [
    "div",
    mergeAttributes(HTMLAttributes, {
      class: "field-cell",
      ...(node.attrs.key === "title" ? { role: "heading", "aria-level": "1" } : {}),
    }),
    ["span", { class: "field-label", contenteditable: "false" }, String(node.attrs.label)],
    ["span", { class: "field-text" }, 0],
  ],

  addKeyboardShortcuts() {
    const next = () => {
      const { $from } = this.editor.state.selection;
      if ($from.parent.type.name !== this.name) return false;
      return this.editor.chain().focus($from.after() + 1).scrollIntoView().run();
    };
    return { Enter: next, "Shift-Enter": next };
  },
});
