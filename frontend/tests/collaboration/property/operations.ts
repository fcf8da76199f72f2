/** What the two random editors do: what keys and buttons do, at random places. */

import { joinBackward, joinForward, selectParentNode, splitBlock } from "@tiptap/pm/commands";
import type { Node } from "@tiptap/pm/model";
import { TextSelection, type Command } from "@tiptap/pm/state";
import { CellSelection, TableMap } from "@tiptap/pm/tables";
import type { EditorView } from "@tiptap/pm/view";

import { ACTIONS } from "../../../src/editor/tools/actions";
import { variantAt } from "../../../src/editor/variants/places";
import type { Letters } from "./letters";
import type { Random } from "./random";
import type { Writer } from "./writer";

/** What an act may take out of the person's own view: nothing, whatever they chose, or only what they typed. */
export type Deletes = "nothing" | "anything" | "own";

export interface Act {
  name: string;
  deletes: Deletes;
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

function headerFields(doc: Node): Block[] {
  const fields: Block[] = [];
  doc.descendants((node, position) => {
    if (node.type.name === "headerField") fields.push({ position, node });
    return node.type.name === "header";
  });
  return fields;
}

function putCursor({ editor }: Writer, block: Block, offset: number): void {
  const selection = TextSelection.create(editor.state.doc, block.position + 1 + offset);
  editor.view.dispatch(editor.state.tr.setSelection(selection));
}

/** Puts the cursor somewhere in a paragraph; false when there is none. */
function goTo(writer: Writer, random: Random, where: "anywhere" | "start" | "end" = "anywhere"): boolean {
  const block = random.pick(textBlocks(writer.editor.state.doc));
  if (!block) return false;
  const size = block.node.content.size;
  putCursor(writer, block, where === "start" ? 0 : where === "end" ? size : random.below(size + 1));
  return true;
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
  merged: boolean;
  last: boolean;
}

function cells(doc: Node): Cell[] {
  const found: Cell[] = [];
  doc.descendants((node, position) => {
    if (node.type.name !== "table") return !node.isTextblock;
    // a table may be ragged for a moment: 0 stands for a cell that is missing
    const offsets = [...new Set(TableMap.get(node).map)].filter((offset) => offset > 0);
    for (const offset of offsets) {
      const { colspan, rowspan } = node.nodeAt(offset)!.attrs;
      const merged = colspan * rowspan > 1;
      found.push({ table: position, position: position + 1 + offset, merged, last: offset === Math.max(...offsets) });
    }
    return false;
  });
  return found;
}

function goToCell(writer: Writer, random: Random, which: (cell: Cell) => boolean = () => true): boolean {
  const { state, view } = writer.editor;
  const cell = random.pick(cells(state.doc).filter(which));
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

// ---- acts ----------------------------------------------------------------------------------------------------

type Run = Act["run"];

const act = (name: string, run: Run, deletes: Deletes = "nothing"): Act => ({ name, deletes, run });

function command(view: EditorView, chosen: Command): boolean {
  return chosen(view.state, view.dispatch.bind(view), view);
}

/** A button of the bar. */
function useTool({ editor }: Writer, name: string): boolean {
  const tool = ACTIONS[name]!;
  if (tool.possible?.(editor) === false) return false;
  const before = editor.state.doc;
  tool.run(editor);
  return !editor.state.doc.eq(before);
}

function press({ editor }: Writer, key: string): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  const before = editor.state.doc;
  editor.view.dom.dispatchEvent(event);
  return !editor.state.doc.eq(before);
}

const inText =
  (run: (writer: Writer) => boolean, where: "anywhere" | "start" | "end" = "anywhere"): Run =>
  (writer, random) =>
    goTo(writer, random, where) && run(writer);

const inTable =
  (run: (writer: Writer) => boolean): Run =>
  (writer, random) =>
    goToCell(writer, random) && run(writer);

const tool = (name: string) => (writer: Writer) => useTool(writer, name);
const key = (name: string) => (writer: Writer) => press(writer, name);
const directly = (chosen: Command) => (writer: Writer) => command(writer.editor.view, chosen);

function insert({ editor, name }: Writer, letters: Letters, count: number): void {
  for (let left = count; left > 0; left -= 1) {
    editor.view.dispatch(editor.state.tr.insertText(letters.take(name, 1)));
  }
}

const typing: Run = (writer, random, letters) => {
  if (!goTo(writer, random)) return false;
  insert(writer, letters, 1 + random.below(4));
  return true;
};

const typingInTable: Run = (writer, random, letters) => {
  if (!goToCell(writer, random)) return false;
  if (!writer.editor.state.selection.$head.parent.isTextblock) return false;
  insert(writer, letters, 1 + random.below(2));
  return true;
};

const typingInHeader: Run = (writer, random, letters) => {
  const field = random.pick(headerFields(writer.editor.state.doc));
  if (!field) return false;
  putCursor(writer, field, random.below(field.node.content.size + 1));
  insert(writer, letters, 1);
  return true;
};

/** An input method: raw letters that are replaced until the characters are chosen. Ends in `endComposition`. */
const beginComposition: Run = (writer, random) => {
  if (writer.composing || !goTo(writer, random)) return false;
  const { view } = writer.editor;
  writer.composing = "ni";
  view.dom.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  view.dispatch(view.state.tr.insertText(writer.composing));
  return true;
};

function replaceRawLetters({ editor, composing }: Writer, text: string): void {
  const { head } = editor.state.selection;
  const raw = editor.state.doc.textBetween(head - composing.length, head);
  if (raw !== composing) throw new Error(`“${composing}” was being composed, “${raw}” stands there`);
  editor.view.dispatch(editor.state.tr.insertText(text, head - composing.length, head));
}

const goOnComposing: Run = (writer) => {
  const next = writer.composing === "ni" ? "hao" : "ni";
  replaceRawLetters(writer, next);
  writer.composing = next;
  return true;
};

export const endComposition: Run = (writer, _random, letters) => {
  if (!writer.composing) return false;
  replaceRawLetters(writer, letters.take(writer.name, 2));
  writer.composing = "";
  writer.editor.view.dom.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  return true;
};

const changeKind: Run = (writer, random) =>
  goTo(writer, random) &&
  useTool(writer, random.pick(["body", "heading", "subheading", "bullet", "ordered", "task"])!);

const changeLevel: Run = (writer, random) =>
  goTo(writer, random) && useTool(writer, random.pick(["indent", "outdent", "center", "left"])!);

const growTable: Run = (writer, random) => goToCell(writer, random, ({ last }) => last) && press(writer, "Tab");

const splitCell: Run = (writer, random) =>
  goToCell(writer, random, ({ merged }) => merged) && useTool(writer, "cell-split");

const mark: Run = (writer, random) =>
  selectWithin(writer, random, false) && useTool(writer, random.pick(["bold", "highlight", "underline", "clear"])!);

const removeCharacter: Run = (writer, random) => {
  if (!goTo(writer, random)) return false;
  const { view } = writer.editor;
  const { $head } = view.state.selection;
  if ($head.parentOffset === 0) return false;
  view.dispatch(view.state.tr.delete($head.pos - 1, $head.pos));
  return true;
};

const removeRange =
  (far: boolean): Run =>
  (writer, random) =>
    selectWithin(writer, random, far) && writer.editor.commands.deleteSelection();

const removeBlock: Run = (writer, random) =>
  goTo(writer, random) && command(writer.editor.view, selectParentNode) && writer.editor.commands.deleteSelection();

const insertTable: Run = (writer, random) => {
  if (cells(writer.editor.state.doc).length > 40) return false;
  // not within another table
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if (goTo(writer, random) && useTool(writer, "table-2")) return true;
  }
  return false;
};

/** A frame around one line or several. */
const wrap: Run = (writer, random) => {
  const there = random.below(2) === 0 ? selectWithin(writer, random, true) : goTo(writer, random);
  return there && useTool(writer, random.pick(["variant-town", "variant-village"])!);
};

const inVariant =
  (name: string): Run =>
  (writer, random) => {
    const { doc } = writer.editor.state;
    const block = random.pick(textBlocks(doc).filter(({ position }) => variantAt(doc.resolve(position)) !== null));
    if (!block) return false;
    putCursor(writer, block, random.below(block.node.content.size + 1));
    return useTool(writer, name);
  };

const typingInVariant: Run = (writer, random, letters) => {
  const { doc } = writer.editor.state;
  const block = random.pick(textBlocks(doc).filter(({ position }) => variantAt(doc.resolve(position)) !== null));
  if (!block) return false;
  putCursor(writer, block, random.below(block.node.content.size + 1));
  insert(writer, letters, 1 + random.below(3));
  return true;
};

const insertPair: Run = (writer, random) =>
  textBlocks(writer.editor.state.doc).length < 60 && goTo(writer, random) && useTool(writer, "variant-pair");

const GO_ON_COMPOSING = act("type raw letters", goOnComposing);
const END_COMPOSITION = act("end a composition", endComposition);

const WEIGHTED: readonly (readonly [number, Act])[] = [
  [30, act("type", typing)],
  [10, act("type in a table", typingInTable)],
  [4, act("type in the header", typingInHeader)],
  [8, act("begin a composition", beginComposition)],
  [9, act("split", inText(directly(splitBlock)))],
  [3, act("press Enter", inText(key("Enter")))],
  [6, act("join with the one before", inText(directly(joinBackward), "start"))],
  [4, act("join with the next", inText(directly(joinForward), "end"))],
  [3, act("press Backspace at the start", inText(key("Backspace"), "start"))],
  [8, act("change the kind", changeKind)],
  [3, act("change level or alignment", changeLevel)],
  [4, act("change a mark", mark)],
  [2, act("break the line", inText((writer) => writer.editor.commands.setHardBreak()))],
  [5, act("delete a character", removeCharacter, "anything")],
  [3, act("delete within a paragraph", removeRange(false), "anything")],
  [2, act("delete across paragraphs", removeRange(true), "anything")],
  [2, act("delete a block", removeBlock, "anything")],
  [2, act("add a row below", inTable(tool("row-below")))],
  [1, act("add a row above", inTable(tool("row-above")))],
  [1, act("press Tab in the last cell", growTable)],
  [2, act("add a column after", inTable(tool("column-right")))],
  [1, act("add a column before", inTable(tool("column-left")))],
  [2, act("delete a row", inTable(tool("row-delete")), "anything")],
  [2, act("delete a column", inTable(tool("column-delete")), "anything")],
  [3, act("merge cells", (writer, random) => selectCells(writer, random) && useTool(writer, "cells-merge"))],
  [3, act("split a cell", splitCell)],
  [1, act("make a row a heading", inTable(tool("header-row")))],
  [1, act("insert a table", insertTable)],
  [0.5, act("delete a table", inTable(tool("table-delete")), "anything")],
  [2, act("put in a pair", insertPair)],
  [5, act("make a variant", wrap)],
  [8, act("type in a variant", typingInVariant)],
  [5, act("take the frame away", inVariant("variant-unwrap"))],
  [1, act("add the other side", inVariant("variant-partner"))],
  [1, act("change the side", inVariant("variant-side"))],
  [0.5, act("delete a variant", inVariant("variant-delete"), "anything")],
  [4, act("undo", (writer) => useTool(writer, "undo"), "own")],
];
const REDO = act("redo", (writer) => useTool(writer, "redo"), "own");

export const ACT_NAMES: readonly string[] = [
  ...[...WEIGHTED.map(([, kind]) => kind), GO_ON_COMPOSING, END_COMPOSITION, REDO].map(({ name }) => name),
];

/** Chooses acts: some by their weight in ordinary work, and in between every kind once. */
export class Chooser {
  private readonly toCome: Act[];

  constructor(private readonly random: Random) {
    this.toCome = random.shuffled(WEIGHTED.map(([, kind]) => kind));
  }

  next(writer: Writer): Act {
    if (writer.composing) return this.random.below(3) === 0 ? END_COMPOSITION : GO_ON_COMPOSING;
    if (this.random.below(3) === 0 && ACTIONS["redo"]!.possible!(writer.editor)) return REDO;
    if (this.toCome.length > 0 && this.random.below(3) === 0) return this.toCome[0]!;
    return this.random.weighted(WEIGHTED);
  }

  did(kind: Act): void {
    const at = this.toCome.indexOf(kind);
    if (at >= 0) this.toCome.splice(at, 1);
  }

  /** It did not apply: later, perhaps. */
  failed(kind: Act): void {
    if (this.toCome[0] === kind) this.toCome.push(this.toCome.shift()!);
  }
}
