import { Node, mergeAttributes } from "@tiptap/core";
import { idAttribute } from "./attributes";

/** The fields at the head of a plan: title, lesson type, period … */
export const Header = Node.create({
  name: "header",
  content: "headerField+",
  isolating: true,
  defining: true,
  selectable: false,
  // what is typed between two fields would become a field without a name
  allowGapCursor: false,

  addAttributes: () => idAttribute,

  parseHTML: () => [{ tag: "div.sheet-head" }],

  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes(HTMLAttributes, { class: "sheet-head" }), 0],
});
