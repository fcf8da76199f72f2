import { Extension, InputRule } from "@tiptap/core";
import type { ParagraphKind } from "../nodes/paragraph";

/** What a teacher types at the start of a line, and the kind of line it makes. */
const BEGINNINGS: readonly [RegExp, ParagraphKind][] = [
  [/^[-*•·]\s$/, "bullet"],
  [/^\d{1,2}(?:[.．]\s|、)$/, "ordered"],
  [/^\[\s?\]\s$/, "task"],
  [/^#\s$/, "heading"],
  [/^##\s$/, "subheading"],
];

function rule(find: RegExp, kind: ParagraphKind): InputRule {
  return new InputRule({
    find,
    handler: ({ state, range }) => {
      const { $from } = state.selection;
      if ($from.parent.type.name !== "paragraph" || $from.parent.attrs.kind !== "body") return null;
      state.tr.delete(range.from, range.to).setNodeAttribute(range.from - 1, "kind", kind);
      return undefined;
    },
  });
}

/** “- ”, “1. ”, “1、”, “[] ”, “# ” and “## ”. “一、” stays text: it numbers the plan's own headings. */
export const InputRules = Extension.create({
  name: "planInputRules",
  addInputRules: () => BEGINNINGS.map(([find, kind]) => rule(find, kind)),
});
