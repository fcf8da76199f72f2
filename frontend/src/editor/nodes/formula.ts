import { Node, mergeAttributes } from "@tiptap/core";

function text(element: HTMLElement, name: string): string {
  return element.getAttribute(`data-${name}`)?.slice(0, 2000) ?? "";
}

/** A formula brought from Word: shown as a line that can be read, kept as LaTeX. */
export const Formula = Node.create({
  name: "formula",
  group: "inline",
  inline: true,
  atom: true,

  addAttributes: () => ({
    latex: { default: "", parseHTML: (element) => text(element, "latex"), rendered: false },
    text: { default: "", parseHTML: (element) => text(element, "text"), rendered: false },
  }),

  parseHTML: () => [{ tag: "span[data-latex]" }],

  renderHTML: ({ node, HTMLAttributes }) => {
    const { latex, text: line } = node.attrs as { latex: string; text: string };
    return [
      "span",
      mergeAttributes(HTMLAttributes, { class: "formula", "data-latex": latex, "data-text": line, role: "math", "aria-label": line }),
      line,
    ];
  },

  renderText: ({ node }) => String(node.attrs.text),
});
