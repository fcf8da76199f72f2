import { type Editor, Extension } from "@tiptap/core";
import type { ParagraphKind } from "../nodes/paragraph";
import { nextMarker, renumberFrom } from "./markers";
import { isList, selectedParagraphs, setKind, shiftLevel } from "./paragraphs";

/** The paragraph in which the caret stands, or null if something is selected. */
function caretParagraph(editor: Editor) {
  const { $from, empty } = editor.state.selection;
  if (!empty || $from.parent.type.name !== "paragraph") return null;
  const { kind, level, marker } = $from.parent.attrs as { kind: ParagraphKind; level: number; marker: string | null };
  return { kind, level, marker, atStart: $from.parentOffset === 0, atEnd: $from.parentOffset === $from.parent.content.size };
}

/** One step out of the list: a level up, or plain text. */
function leave(editor: Editor, level: number): boolean {
  const tr = level > 0 ? shiftLevel(editor.state, -1) : setKind(editor.state, "body");
  if (tr) editor.view.dispatch(tr.scrollIntoView());
  return true;
}

/** A new item after this one; a number from Word counts on. */
function nextItem(editor: Editor, marker: string | null): boolean {
  if (!marker) return editor.commands.splitBlock();
  return editor
    .chain()
    .splitBlock()
    .command(({ tr }) => {
      const pos = tr.selection.$from.before();
      tr.setNodeAttribute(pos, "marker", nextMarker(marker));
      renumberFrom(tr, pos);
      return true;
    })
    .run();
}

function enter(editor: Editor): boolean {
  const place = caretParagraph(editor);
  if (!place || place.kind === "body") return false;
  if (isList(place.kind)) return place.atStart && place.atEnd ? leave(editor, place.level) : nextItem(editor, place.marker);
  // after a heading comes text; within one, two headings
  if (!place.atEnd) return false;
  return editor.chain().splitBlock().updateAttributes("paragraph", { kind: "body", level: 0, marker: null }).run();
}

function backspace(editor: Editor): boolean {
  const place = caretParagraph(editor);
  if (!place?.atStart || place.kind === "body") return false;
  if (editor.commands.undoInputRule()) return true;
  return leave(editor, place.level);
}

function shift(editor: Editor, step: 1 | -1): boolean {
  const tr = shiftLevel(editor.state, step);
  if (!tr) return false;
  editor.view.dispatch(tr);
  return true;
}

function toggleDone(editor: Editor): boolean {
  const tasks = selectedParagraphs(editor.state).filter((place) => place.kind === "task");
  if (!tasks.length) return false;
  const tr = editor.state.tr;
  for (const { pos } of tasks) tr.setNodeAttribute(pos, "checked", !editor.state.doc.nodeAt(pos)?.attrs.checked);
  editor.view.dispatch(tr);
  return true;
}

/** Enter, Backspace, Tab and the box of a task, in lists and headings. */
export const ListKeys = Extension.create({
  name: "listKeys",
  // after the table's Tab (200), before the base keys (100)
  priority: 150,

  addKeyboardShortcuts() {
    return {
      Enter: () => enter(this.editor),
      Backspace: () => backspace(this.editor),
      Tab: () => shift(this.editor, 1),
      "Shift-Tab": () => shift(this.editor, -1),
      "Mod-]": () => shift(this.editor, 1),
      "Mod-[": () => shift(this.editor, -1),
      "Mod-Enter": () => toggleDone(this.editor),
    };
  },
});
