import { Extension, type Editor } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

/** By the id of a section: where its text came from, as lines. */
type Lines = Readonly<Record<string, readonly string[]>>;

const key = new PluginKey<{ lines: Lines; shown: DecorationSet }>("origins");

function decorations(doc: ProseMirrorNode, lines: Lines): DecorationSet {
  const found: Decoration[] = [];
  doc.forEach((node, pos) => {
    const told = lines[String(node.attrs.id)];
    if (told) found.push(Decoration.node(pos, pos + node.nodeSize, { "data-origin": told.join(" · ") }));
  });
  return DecorationSet.create(doc, found);
}

/** A small line under a section's title. It is no part of the text: the server tells it, the style sheet shows it. */
export const Origins = Extension.create({
  name: "origins",

  addProseMirrorPlugins: () => [
    new Plugin({
      key,
      state: {
        init: () => ({ lines: {}, shown: DecorationSet.empty }),
        apply: (transaction, value) => {
          const lines = (transaction.getMeta(key) as Lines | undefined) ?? value.lines;
          if (lines === value.lines && !transaction.docChanged) return value;
          return { lines, shown: Object.keys(lines).length ? decorations(transaction.doc, lines) : DecorationSet.empty };
        },
      },
      props: { decorations: (state) => key.getState(state)?.shown },
    }),
  ],
});

/** Asks the server. Without a line, or where it does not answer, nothing is shown. */
export async function showOrigins(editor: Editor, address: string): Promise<void> {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const { parts } = (await response.json()) as { parts: Lines };
    if (editor.isDestroyed) return;
    editor.view.dispatch(editor.state.tr.setMeta(key, parts).setMeta("addToHistory", false));
  } catch {
    // offline
  }
}
