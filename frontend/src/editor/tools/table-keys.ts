import { type Editor, Extension } from "@tiptap/core";
import { findTable, isInTable } from "@tiptap/pm/tables";
import { CellSelection } from "@tiptap/pm/tables";
import { completeTables } from "../../collaboration";
import { addStep } from "../process/process-table";
import { isProcessTable } from "../process/steps";

function forward(editor: Editor): boolean {
  if (!isInTable(editor.state)) return false;
  if (editor.commands.goToNextCell()) return true;
  const table = findTable(editor.state.selection.$head);
  if (table && isProcessTable(table.node)) {
    const tr = addStep(editor.state, table.pos);
    if (tr) editor.view.dispatch(tr);
    return true;
  }
  completeTables(editor.view);
  return editor.chain().addRowAfter().goToNextCell().run();
}

function backward(editor: Editor): boolean {
  if (!isInTable(editor.state)) return false;
  editor.commands.goToPreviousCell();
  return true;
}

/** Deletes the table only when every cell of it is selected, as a word processor does. */
function deleteWhole(editor: Editor): boolean {
  const { selection } = editor.state;
  if (!(selection instanceof CellSelection) || !selection.isRowSelection() || !selection.isColSelection()) return false;
  return editor.commands.deleteTable();
}

/** Tab goes from cell to cell; after the last one comes a new row, in the teaching process a new step. */
export const TableKeys = Extension.create({
  name: "tableKeys",
  priority: 200,

  addKeyboardShortcuts() {
    return {
      Tab: () => forward(this.editor),
      "Shift-Tab": () => backward(this.editor),
      Backspace: () => deleteWhole(this.editor),
      Delete: () => deleteWhole(this.editor),
    };
  },
});
