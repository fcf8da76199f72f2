import { Node, mergeAttributes } from "@tiptap/core";
import { idAttribute, textAttribute } from "./attributes";

/** A part of the plan (教学目标 …). Its number 一、二、… is counted by the style sheet. */
export const Section = Node.create({
  name: "section",
  content: "(block | variant)+",
  isolating: true,
  defining: true,
  selectable: false,

  addAttributes: () => ({
    ...idAttribute,
    key: textAttribute("key", ""),
    title: textAttribute("title", ""),
  }),

  parseHTML: () => [{ tag: "section.sec", contentElement: ".sec-body" }],

  renderHTML: ({ node, HTMLAttributes }) => [
    "section",
    mergeAttributes(HTMLAttributes, { class: "sec", "aria-label": String(node.attrs.title) }),
    ["div", { class: "sec-h", contenteditable: "false" }, ["h2", {}, String(node.attrs.title)]],
    ["div", { class: "sec-body" }, 0],
  ],
});
