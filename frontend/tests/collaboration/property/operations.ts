/** What the two random editors do: the commands behind keys and buttons, at random places. */

import { joinBackward, joinForward, selectParentNode, splitBlock } from "@tiptap/pm/commands";
import type { Node } from "@tiptap/pm/model";
import { TextSelection, type Command } from "@tiptap/pm/state";
import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  CellSelection,
  deleteColumn,
  deleteRow,
  deleteTable,
  mergeCells,
  splitCell,
  TableMap,
} from "@tiptap/pm/tables";
import type { EditorView } from "@tiptap/pm/view";

import type { Letters } from "./letters";
import type { Random } from "./random";
import type { Writer } from "./writer";

export interface Act {
  name: string;
  /** What is no longer in the person's view afterwards was deleted by them. */
  deletes: boolean;
  /** False: it did not apply where the cursor stood. */
  run(writer: Writer, random: Random, letters: Letters): boolean;
}

// ---- places --------------------------------------------------------------------------------------------------

/** Sections in which the two meet most of the time. */
const MEETING = new Set(["goals", "process"]);

interface Block {
  position: number;
  node: Node;
}

function textBlocks(doc: Node): Block[] {
  const blocks: Block[] = [];
  doc.forEach((top, offset) => {
    if (top.type.name === "section" && !MEETING.has(String(top.attrs["key"]))) return;
    if (top.type.name === "header") return;
    if (top.isTextblock) blocks.push({ position: offset, node: top });
    top.descendants((node, position) => {
      if (node.isTextblock) blocks.push({ position: offset + 1 + position, node });
      return !node.isTextblock;
    });
  });
  return blocks;
}

/** Puts the cursor somewhere in a paragraph; `null` when there is none. */
function goTo(writer: Writer, random: Random, where: "anywhere" | "start" | "end" = "anywhere"): Block | null {
  const { state, view } = { state: writer.editor.state, view: writer.editor.view };
  const block = random.pick(textBlocks(state.doc));
  if (!block) return null;
  const size = block.node.content.size;
  const offset = where === "start" ? 0 : where === "end" ? size : random.below(size + 1);
  view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, block.position + 1 + offset)));
  return block;
}

function selectWithin(writer: Writer, random: Random, far: boolean): boolean {
  const { state, view } = writer.editor;
  const blocks = textBlocks(state.doc);
  const first = random.below(blocks.length);
  const second = far ? Math.min(blocks.length - 1, first + 1 + random.below(2)) : first;
  const [from, to] = [blocks[first], blocks[second]];
  if (!from || !to) return false;
  const start = from.position + 1 + random.below(from.node.content.size + 1);
  const end = to.position + 1 + random.below(to.node.content.size + 1);
  if (start === end) return false;
  const selection = TextSelection.create(state.doc, Math.min(start, end), Math.max(start, end));
  view.dispatch(state.tr.setSelection(selection));
  return true;
}

interface Cell {
  table: number;
  position: number;
}

function cells(doc: Node): Cell[] {
  const found: Cell[] = [];
  doc.descendants((node, position) => {
    if (node.type.name !== "table") return !node.isTextblock;
    for (const offset of new Set(TableMap.get(node).map)) found.push({ table: position, position: position + 1 + offset });
    return false;
  });
  return found;
}

function goToCell(writer: Writer, random: Random): boolean {
  const { state, view } = writer.editor;
  const cell = random.pick(cells(state.doc));
  if (!cell) return false;
  view.dispatch(state.tr.setSelection(TextSelection.near(state.doc.resolve(cell.position + 2))));
  return true;
}

function selectCells(writer: Writer, random: Random): boolean {
  const { state, view } = writer.editor;
  const all = cells(state.doc);
  const from = random.pick(all);
  if (!from) return false;
  const to = random.pick(all.filter(({ table }) => table === from.table))!;
  view.dispatch(state.tr.setSelection(CellSelection.create(state.doc, from.position, to.position)));
  return true;
}

function run(view: EditorView, command: Command): boolean {
  return command(view.state, view.dispatch.bind(view), view);
}

// ---- acts ----------------------------------------------------------------------------------------------------

function typing(writer: Writer, random: Random, letters: Letters): boolean {
  if (!goTo(writer, random)) return false;
  const { view } = writer.editor;
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    view.dispatch(view.state.tr.insertText(letters.take(1)));
  }
  return true;
}

function typingInTable(writer: Writer, random: Random, letters: Letters): boolean {
  if (!goToCell(writer, random)) return false;
  const { view } = writer.editor;
  if (!view.state.selection.$head.parent.isTextblock) return false;
  view.dispatch(view.state.tr.insertText(letters.take(1 + random.below(2))));
  return true;
}

/** An input method: raw letters that are replaced until the characters are chosen. Ends in `endComposition`. */
function beginComposition(writer: Writer, random: Random): boolean {
  if (writer.composing || !goTo(writer, random)) return false;
  const { view } = writer.editor;
  writer.composing = true;
  view.dom.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  view.dispatch(view.state.tr.insertText("ni"));
  return true;
}

export function endComposition(writer: Writer, _random: Random, letters: Letters): boolean {
  if (!writer.composing) return false;
  const { view } = writer.editor;
  const head = view.state.selection.head;
  view.dispatch(view.state.tr.insertText(letters.take(2), head - 2, head));
  view.dom.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  writer.composing = false;
  return true;
}

function changeKind(writer: Writer, random: Random): boolean {
  if (!goTo(writer, random)) return false;
  const kind = random.pick(["body", "heading", "subheading", "bullet", "ordered", "task"]);
  return writer.editor.commands.updateAttributes("paragraph", { kind, level: random.below(3) });
}

function mark(writer: Writer, random: Random): boolean {
  if (!selectWithin(writer, random, false)) return false;
  return writer.editor.commands.toggleMark(random.pick(["bold", "highlight", "underline"])!);
}

function removeCharacter(writer: Writer, random: Random): boolean {
  if (!goTo(writer, random)) return false;
  const { view } = writer.editor;
  const { $head } = view.state.selection;
  if ($head.parentOffset === 0) return false;
  view.dispatch(view.state.tr.delete($head.pos - 1, $head.pos));
  return true;
}

const removeRange =
  (far: boolean) =>
  (writer: Writer, random: Random): boolean => {
    if (!selectWithin(writer, random, far)) return false;
    return writer.editor.commands.deleteSelection();
  };

function hardBreak(writer: Writer, random: Random): boolean {
  if (!goTo(writer, random)) return false;
  return writer.editor.commands.setHardBreak();
}

const inText =
  (command: Command, where: "anywhere" | "start" | "end") =>
  (writer: Writer, random: Random): boolean =>
    goTo(writer, random, where) !== null && run(writer.editor.view, command);

const inTable =
  (command: Command) =>
  (writer: Writer, random: Random): boolean =>
    goToCell(writer, random) && run(writer.editor.view, command);

const onCells =
  (command: Command) =>
  (writer: Writer, random: Random): boolean =>
    selectCells(writer, random) && run(writer.editor.view, command);

function insertTable(writer: Writer, random: Random): boolean {
  if (!goTo(writer, random)) return false;
  if (cells(writer.editor.state.doc).length > 40) return false;
  return writer.editor.commands.insertTable({ rows: 2, cols: 2, withHeaderRow: false });
}

function removeBlock(writer: Writer, random: Random): boolean {
  if (!goTo(writer, random)) return false;
  if (!run(writer.editor.view, selectParentNode)) return false;
  return writer.editor.commands.deleteSelection();
}

function act(name: string, run: Act["run"], deletes = false): Act {
  return { name, deletes, run };
}

const COMPOSING: (readonly [number, Act])[] = [
  [3, act("end composition", endComposition)],
  [
    2,
    act("type pre-edit", (writer) => {
      const { view } = writer.editor;
      const head = view.state.selection.head;
      view.dispatch(view.state.tr.insertText("ha", head - 2, head));
      return true;
    }),
  ],
];

const ACTS: (readonly [number, Act])[] = [
  [30, act("type", typing)],
  [10, act("type in a table", typingInTable)],
  [6, act("begin composition", beginComposition)],
  [9, act("split", inText(splitBlock, "anywhere"))],
  [6, act("join with the one before", inText(joinBackward, "start"))],
  [4, act("join with the next", inText(joinForward, "end"))],
  [8, act("change the kind", changeKind)],
  [4, act("mark", mark)],
  [2, act("break the line", hardBreak)],
  [5, act("delete a character", removeCharacter, true)],
  [3, act("delete within a paragraph", removeRange(false), true)],
  [2, act("delete across paragraphs", removeRange(true), true)],
  [2, act("delete a block", removeBlock, true)],
  [2, act("add a row", inTable(addRowAfter))],
  [1, act("add a row above", inTable(addRowBefore))],
  [2, act("add a column", inTable(addColumnAfter))],
  [1, act("add a column before", inTable(addColumnBefore))],
  [2, act("delete a row", inTable(deleteRow), true)],
  [2, act("delete a column", inTable(deleteColumn), true)],
  [3, act("merge cells", onCells(mergeCells))],
  [3, act("split a cell", inTable(splitCell))],
  [1, act("insert a table", insertTable)],
  [0.5, act("delete a table", inTable(deleteTable), true)],
  [4, act("undo", (writer) => writer.editor.commands.undo(), true)],
  [2, act("redo", (writer) => writer.editor.commands.redo(), true)],
];

export function chooseAct(writer: Writer, random: Random): Act {
  return random.weighted(writer.composing ? COMPOSING : ACTS);
}
