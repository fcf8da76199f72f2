import type { ChainedCommands, Editor } from "@tiptap/core";
import type { EditorState, Transaction } from "@tiptap/pm/state";
import { isInTable, toggleHeaderRow } from "@tiptap/pm/tables";
import { completeTables, endUndoStep } from "../../collaboration";
import { PARAGRAPH_KINDS, type ParagraphKind } from "../nodes/paragraph";
import { selectedParagraphs, setAlign, setKind, sharedKind, shiftLevel, toggleKind } from "./paragraphs";
import { addPartner, changeSide, insertPair, remove, unwrap, wrap } from "../variants/commands";
import { showWays } from "../variants/shown";

/** What a tool does; `data-act` in the template names it. */
export interface Action {
  run: (editor: Editor) => void
  /** Pressed: what it does is so already. */
  active?: (editor: Editor) => boolean
  possible?: (editor: Editor) => boolean
}

/** The focus goes back into the text at once: Tiptap's own command waits a frame, and keys typed in it are lost. */
function chain(editor: Editor): ChainedCommands {
  editor.view.focus();
  return editor.chain();
}

function dispatch(editor: Editor, tr: Transaction | null): void {
  editor.view.focus();
  if (tr) editor.view.dispatch(tr);
}

function mark(name: string): Action {
  return {
    run: (editor) => chain(editor).toggleMark(name).run(),
    active: (editor) => editor.isActive(name),
    possible: (editor) => editor.state.selection.$from.parent.type.name !== "headerField",
  };
}

function inParagraph(editor: Editor): boolean {
  return selectedParagraphs(editor.state).length > 0;
}

function kind(name: ParagraphKind): Action {
  const change = name === "body" || name === "heading" || name === "subheading" ? setKind : toggleKind;
  return {
    run: (editor) => {
      dispatch(editor, change(editor.state, name));
    },
    active: (editor) => sharedKind(editor.state) === name,
    possible: inParagraph,
  };
}

function align(value: "center" | "right" | null): Action {
  return {
    run: (editor) => {
      dispatch(editor, setAlign(editor.state, value));
    },
    active: (editor) => {
      const places = selectedParagraphs(editor.state);
      return places.length > 0 && places.every((place) => place.align === value);
    },
    possible: inParagraph,
  };
}

type TableCommand =
  | "addRowBefore"
  | "addRowAfter"
  | "deleteRow"
  | "addColumnBefore"
  | "addColumnAfter"
  | "deleteColumn"
  | "mergeCells"
  | "splitCell"
  | "deleteTable"

function table(command: TableCommand): Action {
  return {
    run: (editor) => {
      completeTables(editor.view);
      chain(editor)[command]().run();
    },
    possible: (editor) => isInTable(editor.state) && editor.can()[command](),
  };
}

function insertTable(rows: number, cols: number): Action {
  return {
    run: (editor) => chain(editor).insertTable({ rows, cols, withHeaderRow: true }).run(),
    possible: (editor) => inParagraph(editor) && !isInTable(editor.state),
  };
}

/**
 * One step of the history of its own: Ctrl+Z takes back this and nothing typed before. Nobody puts in what they do
 * not see.
 */
function variant(command: (state: EditorState) => Transaction | null): Action {
  return {
    run: (editor) => {
      showWays(editor, "all");
      endUndoStep(editor.state);
      dispatch(editor, command(editor.state));
      endUndoStep(editor.state);
    },
    possible: (editor) => command(editor.state) !== null,
  };
}

/** Takes every mark off, and the kind: plain text. Comments stay where they are: they are not the writer's. */
function clear(editor: Editor): void {
  const { from, to } = editor.state.selection;
  const { tr, schema } = editor.state;
  for (const mark of Object.values(schema.marks)) if (mark.name !== "comment") tr.removeMark(from, to, mark);
  dispatch(editor, tr);
  dispatch(editor, setKind(editor.state, "body"));
}

export const ACTIONS: Readonly<Record<string, Action>> = {
  undo: { run: (editor) => chain(editor).undo().run(), possible: (editor) => editor.can().undo() },
  redo: { run: (editor) => chain(editor).redo().run(), possible: (editor) => editor.can().redo() },
  ...Object.fromEntries(PARAGRAPH_KINDS.map((name) => [name, kind(name)])),
  ...Object.fromEntries(
    ["bold", "italic", "underline", "strike", "highlight", "subscript", "superscript"].map((name) => [name, mark(name)]),
  ),
  indent: { run: (editor) => { dispatch(editor, shiftLevel(editor.state, 1)); }, possible: inParagraph },
  outdent: { run: (editor) => { dispatch(editor, shiftLevel(editor.state, -1)); }, possible: inParagraph },
  left: align(null),
  center: align("center"),
  right: align("right"),
  clear: { run: clear, possible: inParagraph },
  "table-2": insertTable(2, 2),
  "table-3": insertTable(3, 3),
  "table-4": insertTable(4, 4),
  "row-above": table("addRowBefore"),
  "row-below": table("addRowAfter"),
  "row-delete": table("deleteRow"),
  "column-left": table("addColumnBefore"),
  "column-right": table("addColumnAfter"),
  "column-delete": table("deleteColumn"),
  "cells-merge": table("mergeCells"),
  "cell-split": table("splitCell"),
  "table-delete": table("deleteTable"),
  "variant-pair": variant(insertPair),
  "variant-town": variant(wrap("town")),
  "variant-village": variant(wrap("village")),
  "variant-partner": variant(addPartner),
  "variant-side": variant(changeSide),
  "variant-unwrap": variant(unwrap),
  "variant-delete": variant(remove),
  "header-row": {
    run: (editor) => {
      completeTables(editor.view);
      toggleHeaderRow(editor.state, editor.view.dispatch);
    },
    possible: (editor) => isInTable(editor.state),
  },
};
