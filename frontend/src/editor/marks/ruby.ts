import { Mark } from "@tiptap/core";

const LONGEST = 40;

/** 拼音: what stands small above a character. The style sheet draws it, so that the text stays plain text. */
export const Ruby = Mark.create({
  name: "ruby",
  inclusive: false,

  addAttributes: () => ({
    text: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-ruby")?.slice(0, LONGEST) ?? "",
      renderHTML: ({ text }) => ({ "data-ruby": String(text) }),
    },
  }),

  parseHTML: () => [{ tag: "span[data-ruby]" }],

  renderHTML: ({ HTMLAttributes }) => ["span", HTMLAttributes, 0],
});
