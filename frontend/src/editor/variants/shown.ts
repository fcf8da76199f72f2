import { type Editor, Extension } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, Selection, type Transaction } from "@tiptap/pm/state";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import { readSide } from "../../shared/sides";
import type { Ways } from "../../shared/ways";
import { isVariant, variantAt } from "./places";

const key = new PluginKey<Ways>("shownWays");

export function shownWays(state: EditorState): Ways {
  return key.getState(state) ?? "all";
}

export function showWays(editor: Editor, ways: Ways): void {
  if (shownWays(editor.state) === ways) return;
  editor.view.dispatch(editor.state.tr.setMeta(key, ways).setMeta("addToHistory", false));
}

/** Shows both sides if one of these places stands in what is folded away. */
export function unfold(editor: Editor, positions: readonly number[]): void {
  const { doc } = editor.state;
  const ways = shownWays(editor.state);
  if (positions.some((pos) => foldedAt(doc, pos, ways) !== null)) showWays(editor, "all");
}

function isFolded(node: ProseMirrorNode, ways: Ways): boolean {
  return ways !== "all" && isVariant(node) && readSide(node.attrs.side) !== ways;
}

function foldedAt(doc: ProseMirrorNode, pos: number, ways: Ways) {
  const place = ways === "all" ? null : variantAt(doc.resolve(pos));
  return place && isFolded(place.node, ways) ? place : null;
}

/** Whether a change made here takes away text that this person does not see. */
function takesFolded(tr: Transaction, ways: Ways): boolean {
  return tr.mapping.maps.some((map, index) => {
    let takes = false;
    map.forEach((from, to) => {
      if (to === from) return;
      tr.docs[index]!.nodesBetween(from, to, (node) => {
        takes ||= isFolded(node, ways);
        return !takes && !node.isTextblock;
      });
    });
    return takes;
  });
}

/** The nearest line to write in outside of what is folded away. */
function outside(state: EditorState, ways: Ways): Selection | null {
  for (const direction of [1, -1] as const) {
    let place = foldedAt(state.doc, state.selection.head, ways);
    while (place) {
      const edge = direction > 0 ? place.pos + place.node.nodeSize : place.pos;
      const found = Selection.findFrom(state.doc.resolve(edge), direction, true);
      if (!found) break;
      place = foldedAt(state.doc, found.head, ways);
      if (!place) return found;
    }
  }
  return null;
}

export interface ShownWaysOptions {
  /** Called when a change is refused because it would take away what is folded. */
  refused: () => void;
}

/**
 * 显示做法: the other side's variants are folded away, in this person's view alone. The caret does not go into them,
 * and nothing that is done here takes away what is not seen.
 */
export const ShownWays = Extension.create<ShownWaysOptions>({
  name: "shownWays",

  addOptions: () => ({ refused: () => undefined }),

  addProseMirrorPlugins() {
    const { refused } = this.options;
    return [
      new Plugin<Ways>({
        key,
        state: {
          init: () => "all",
          apply: (tr, ways) => (tr.getMeta(key) as Ways | undefined) ?? ways,
        },
        filterTransaction: (tr, state) => {
          const ways = shownWays(state);
          if (ways === "all" || !tr.docChanged || tr.getMeta(ySyncPluginKey) !== undefined) return true;
          const takes = takesFolded(tr, ways);
          if (takes) refused();
          return !takes;
        },
        appendTransaction: (_transactions, _before, state) => {
          const ways = shownWays(state);
          if (foldedAt(state.doc, state.selection.head, ways) === null) return null;
          const found = outside(state, ways);
          return found && state.tr.setSelection(found).setMeta("addToHistory", false);
        },
        props: { attributes: (state) => ({ "data-ways": shownWays(state) }) },
      }),
    ];
  },
});
