import type { Editor } from "@tiptap/core";

/** On a transaction: whether the text may be changed has turned; what depends on it is drawn again. */
export const EDITABLE_CHANGED = "editableChanged";

export function setEditable(editor: Editor, editable: boolean): void {
  if (editor.isEditable === editable) return;
  editor.setEditable(editable, false);
  editor.view.dispatch(editor.state.tr.setMeta(EDITABLE_CHANGED, true).setMeta("addToHistory", false));
}
