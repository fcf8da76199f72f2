import { Extension } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { t } from "../../shared/i18n";

/** What to write in a section, by its key. */
function hints(): Record<string, string> {
  return {
    goals: t("还没写。学生学完能做到什么"),
    textbook_analysis: t("还没写。这一课在单元里的位置，要用好什么"),
    pupil_analysis: t("还没写。学生已经会什么，难在哪里"),
    key_points: t("还没写"),
    difficult_points: t("还没写"),
    methods: t("还没写。怎么教，怎么学"),
    preparation: t("还没写。教师准备，学生准备"),
    board: t("还没写。画出这节课留在黑板上的样子"),
    homework: t("还没写。分三层写：基础 · 提高 · 实践"),
    reflection: t("上完课再写"),
  };
}

function isEmptyLine(node: ProseMirrorNode): boolean {
  return node.type.name === "paragraph" && node.content.size === 0 && node.attrs.kind === "body";
}

function decorations(doc: ProseMirrorNode): DecorationSet {
  const texts = hints();
  const found: Decoration[] = [];
  const hint = (pos: number, node: ProseMirrorNode, text: string) =>
    found.push(Decoration.node(pos, pos + node.nodeSize, { class: "is-empty", "data-placeholder": text }));
  doc.forEach((part, pos) => {
    if (part.type.name === "section" && part.childCount === 1 && isEmptyLine(part.firstChild!)) {
      hint(pos + 1, part.firstChild!, texts[String(part.attrs.key)] ?? t("还没写"));
    }
    if (part.type.name === "header") {
      part.forEach((field, offset) => {
        if (field.content.size === 0) hint(pos + 1 + offset, field, t("没填"));
      });
    }
  });
  return DecorationSet.create(doc, found);
}

/** A pale line in what nobody has written yet; it is drawn by the style sheet and is not text. */
export const Placeholder = Extension.create({
  name: "planPlaceholder",
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet>({
      state: {
        init: (_config, state) => decorations(state.doc),
        apply: (tr, shown) => (tr.docChanged ? decorations(tr.doc) : shown),
      },
      props: {
        decorations(state) {
          return this.getState(state);
        },
      },
    }),
  ],
});
