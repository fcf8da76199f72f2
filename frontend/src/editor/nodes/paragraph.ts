import { Node, mergeAttributes } from "@tiptap/core";
import { idAttribute, readNumber } from "./attributes";

export const PARAGRAPH_KINDS = ["body", "heading", "subheading", "bullet", "ordered", "task"] as const;
export type ParagraphKind = (typeof PARAGRAPH_KINDS)[number]

export const LIST_KINDS: readonly ParagraphKind[] = ["bullet", "ordered", "task"];
export const DEEPEST_LEVEL = 4;
const LONGEST_MARKER = 40;

function readKind(element: HTMLElement): ParagraphKind {
  if (/^H[12]$/.test(element.tagName)) return "heading";
  if (/^H[3-6]$/.test(element.tagName)) return "subheading";
  const kind = element.getAttribute("data-kind");
  return PARAGRAPH_KINDS.find((known) => known === kind) ?? "body";
}

function readAlign(element: HTMLElement): "center" | "right" | null {
  const align = element.style.textAlign || element.getAttribute("align");
  return align === "center" || align === "right" ? align : null;
}

function headingRole(kind: unknown): Record<string, string> {
  if (kind === "heading") return { role: "heading", "aria-level": "3" };
  if (kind === "subheading") return { role: "heading", "aria-level": "4" };
  return {};
}

/**
 * Every line of text. Headings and list items are attributes of this one node: when one person changes
 * the kind while another types, nothing is lost, as it would be if the node were replaced.
 */
export const Paragraph = Node.create({
  name: "paragraph",
  priority: 1000,
  group: "block",
  content: "inline*",

  addAttributes: () => ({
    ...idAttribute,
    kind: {
      default: "body",
      parseHTML: readKind,
      renderHTML: ({ kind }) => (kind && kind !== "body" ? { "data-kind": String(kind) } : {}),
    },
    level: {
      default: 0,
      parseHTML: (element) => readNumber(element.getAttribute("data-level"), 0, DEEPEST_LEVEL, 0),
      renderHTML: ({ level }) => (level ? { "data-level": String(level) } : {}),
    },
    checked: {
      default: false,
      keepOnSplit: false,
      parseHTML: (element) => element.hasAttribute("data-checked"),
      renderHTML: ({ checked }) => (checked ? { "data-checked": "" } : {}),
    },
    // the number or sign that an item brought from Word, shown in place of the counted one
    marker: {
      default: null,
      parseHTML: (element) => element.getAttribute("data-marker")?.slice(0, LONGEST_MARKER) ?? null,
      renderHTML: ({ marker }) => (marker ? { "data-marker": String(marker) } : {}),
    },
    align: {
      default: null,
      parseHTML: readAlign,
      renderHTML: ({ align }) => (align ? { style: `text-align: ${String(align)}` } : {}),
    },
  }),

  parseHTML: () => ["p", "h1", "h2", "h3", "h4", "h5", "h6"].map((tag) => ({ tag })),

  renderHTML: ({ node, HTMLAttributes }) => ["p", mergeAttributes(HTMLAttributes, headingRole(node.attrs.kind)), 0],
});
