import { Extension } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { pairStarts } from "../../shared/sides";
import { holdsVariant, sidesIn } from "./places";

function inSection(section: ProseMirrorNode, pos: number): Decoration[] {
  const starts = pairStarts(sidesIn(section));
  if (starts.length === 0) return [];
  const found = [Decoration.node(pos, pos + section.nodeSize, { class: "has-pairs" })];
  section.forEach((child, offset, index) => {
    const from = pos + 1 + offset;
    const name = starts.includes(index) ? "pair-left" : starts.includes(index - 1) ? "pair-right" : "";
    if (name) found.push(Decoration.node(from, from + child.nodeSize, { class: name }));
  });
  return found;
}

function decorations(doc: ProseMirrorNode): DecorationSet {
  if (!holdsVariant(doc)) return DecorationSet.empty;
  const found: Decoration[] = [];
  doc.forEach((part, pos) => {
    if (part.type.name === "section" && holdsVariant(part)) found.push(...inSection(part, pos));
  });
  return DecorationSet.create(doc, found);
}

/** Marks the variants of a section that stand side by side where there is room. */
export const VariantPairs = Extension.create({
  name: "variantPairs",

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
