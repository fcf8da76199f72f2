import { Node, mergeAttributes } from "@tiptap/core";
import { t } from "../../shared/i18n";
import { readSide, variantName } from "../../shared/sides";
import { idAttribute, textAttribute } from "./attributes";

/**
 * How one side does it, town or village, in a section or a cell. It is named as a group for those who cannot see the
 * sign and the colour, which the style sheet draws.
 */
export const Variant = Node.create({
  name: "variant",
  content: "block+",
  isolating: true,
  defining: true,
  selectable: false,

  addAttributes: () => ({
    ...idAttribute,
    side: {
      default: "town",
      parseHTML: (element) => readSide(element.getAttribute("data-side")),
      renderHTML: ({ side }) => ({ "data-side": readSide(side) }),
    },
    label: textAttribute("label", ""),
  }),

  parseHTML: () => [{ tag: "div.variant", contentElement: ".variant-body" }],

  renderHTML: ({ node, HTMLAttributes }) => {
    const name = variantName(node.attrs.side, node.attrs.label);
    return [
      "div",
      mergeAttributes(HTMLAttributes, { class: "variant", role: "group", "aria-label": name }),
      ["div", { class: "variant-h", contenteditable: "false", "data-folded": t("收起了") }, name],
      ["div", { class: "variant-body" }, 0],
    ];
  },
});
