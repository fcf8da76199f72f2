import { type Editor, Extension } from "@tiptap/core";
import { leave } from "./commands";
import { variantAt } from "./places";

function out(editor: Editor): boolean {
  const tr = leave(editor.state);
  if (tr) editor.view.dispatch(tr);
  return tr !== null;
}

/** At the very edge of a variant: its frame is not joined with what stands beside it. */
function atEdge(editor: Editor, end: boolean): boolean {
  const { $from, empty } = editor.state.selection;
  const place = variantAt($from);
  if (!empty || place === null || !$from.parent.isTextblock || $from.depth !== place.depth + 1) return false;
  const index = end ? place.node.childCount - 1 : 0;
  return $from.index(place.depth) === index && $from.parentOffset === (end ? $from.parent.content.size : 0);
}

/** Enter in an empty last line leads out of a variant; Backspace and Delete do not tear it. */
export const VariantKeys = Extension.create({
  name: "variantKeys",
  // after the keys of lists, before the base keys
  priority: 140,

  addKeyboardShortcuts() {
    return {
      Enter: () => out(this.editor),
      Backspace: () => atEdge(this.editor, false),
      Delete: () => atEdge(this.editor, true),
    };
  },
});
