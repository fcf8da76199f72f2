import { Node } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { ySyncPluginKey } from "@tiptap/y-tiptap";

/**
 * A lesson plan: its header, then sections. Blocks outside any section are legal.
 *
 * Another client, or edits that met, may have put something before the header. It must be shown where it stands: if
 * the editor had to rearrange what the shared document holds, carets would slide and the header would be taken apart
 * for everyone. So every order is legal, and what is done in this page keeps the header first.
 */
export const PlanDocument = Node.create({
  name: "doc",
  topNode: true,
  content: "(section | header | block)+",

  addProseMirrorPlugins: () => [
    new Plugin({
      filterTransaction: (transaction, state) =>
        !transaction.docChanged ||
        transaction.getMeta(ySyncPluginKey) !== undefined ||
        headerFirst(transaction.doc) ||
        !headerFirst(state.doc),
    }),
  ],
});

function headerFirst(doc: ProseMirrorNode): boolean {
  return doc.children.every((part, index) => part.type.name !== "header" || index === 0);
}
