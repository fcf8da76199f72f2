import { Extension } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { t } from "../../shared/i18n";

/** What to write in each section, by its key, as the plan's template says. */
export type Hints = Readonly<Record<string, string>>;

function hintFor(hints: Hints, key: string): string {
  const hint = hints[key];
  return hint ? t("还没写。{hint}", { hint }) : t("还没写");
}

function isEmptyLine(node: ProseMirrorNode): boolean {
  return node.type.name === "paragraph" && node.content.size === 0 && node.attrs.kind === "body";
}

function decorations(doc: ProseMirrorNode, hints: Hints): DecorationSet {
  const found: Decoration[] = [];
  const hint = (pos: number, node: ProseMirrorNode, text: string) =>
    found.push(Decoration.node(pos, pos + node.nodeSize, { class: "is-empty", "data-placeholder": text }));
  doc.forEach((part, pos) => {
    if (part.type.name === "section" && part.childCount === 1 && isEmptyLine(part.firstChild!)) {
      hint(pos + 1, part.firstChild!, hintFor(hints, String(part.attrs.key)));
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
export const Placeholder = Extension.create<{ hints: Hints }>({
  name: "planPlaceholder",

  addOptions: () => ({ hints: {} }),

  addProseMirrorPlugins() {
    const { hints } = this.options;
    return [
      new Plugin<DecorationSet>({
        state: {
          init: (_config, state) => decorations(state.doc, hints),
          apply: (tr, shown) => (tr.docChanged ? decorations(tr.doc, hints) : shown),
        },
        props: {
          decorations(state) {
            return this.getState(state);
          },
        },
      }),
    ];
  },
});
