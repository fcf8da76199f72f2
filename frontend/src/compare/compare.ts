import type { Authors, PersonCard } from "./authors";
import { difference, readable, settled } from "./difference";
import { markMoved } from "./moves";
import type { Block, Cell, Character, Field, Paragraph, Plan, Row, Section } from "./model";

/** A piece of a line that is all the same, all deleted or all written anew, by one person. */
export interface Piece {
  text: string;
  marks: Character["marks"];
  /** "moved": deleted here and written again elsewhere by a split, a join or cut and paste; nobody's words. */
  change: "same" | "deleted" | "written" | "moved";
  person: PersonCard | null;
}

export interface LinePair {
  before: Piece[];
  after: Piece[];
  /** Both in one: what was deleted, then what was written in its place. */
  together: Piece[];
  changed: boolean;
}

export interface BlockPair {
  before: Block | null;
  after: Block | null;
  changed: boolean;
  /** Only the form changed (kind of line, marks, size of a picture), not a word. */
  formOnly: boolean;
  line: LinePair | null;
  rows: RowPair[];
  /** What stands in a variant. */
  inner: BlockPair[];
}

export interface RowPair {
  before: Row | null;
  after: Row | null;
  cells: CellPair[];
}

export interface CellPair {
  before: Cell | null;
  after: Cell | null;
  blocks: BlockPair[];
}

export interface FieldPair {
  key: string;
  label: string;
  line: LinePair;
}

export interface SectionPair {
  title: string;
  blocks: BlockPair[];
}

export interface Comparison {
  fields: FieldPair[];
  sections: SectionPair[];
}

const NO_LINE: readonly Character[] = [];

/** Compares two plans part by part; what belongs together is found by the lasting ids. */
export class Comparer {
  constructor(private readonly authors: Authors) {}

  compare(before: Plan, after: Plan): Comparison {
    const comparison = {
      fields: pairs(before.fields, after.fields, (field) => field.key).map(([one, other]) => this.field(one, other)),
      sections: pairs(before.sections, after.sections, sectionKey).map(([one, other]) => ({
        title: (other ?? one)!.title,
        blocks: this.blocks(one?.blocks ?? [], other?.blocks ?? []),
      })),
    };
    markMoved(allLines(comparison));
    return comparison;
  }

  private field(before: Field | null, after: Field | null): FieldPair {
    const { key, label } = (after ?? before)!;
    return { key, label, line: this.line(before?.line ?? NO_LINE, after?.line ?? NO_LINE) };
  }

  private blocks(before: readonly Block[], after: readonly Block[]): BlockPair[] {
    return pairs(before, after, blockKey).map(([one, other]) => this.block(one, other));
  }

  private block(before: Block | null, after: Block | null): BlockPair {
    const table = before?.type === "table" || after?.type === "table";
    const variant = before?.type === "variant" || after?.type === "variant";
    const line = table || variant ? null : this.line(characters(before), characters(after));
    const rows = table ? this.rows(tableRows(before), tableRows(after)) : [];
    const inner = this.blocks(variantBlocks(before), variantBlocks(after));
    const words = !before || !after || (line?.changed ?? false) || rows.some(isRowChanged) || inner.some(isChanged);
    const form = !words && JSON.stringify(formOf(before)) !== JSON.stringify(formOf(after));
    return { before, after, line, rows, inner, changed: words || form, formOnly: form };
  }

  private rows(before: readonly Row[], after: readonly Row[]): RowPair[] {
    return pairs(before, after, (row, index) => row.id || `row ${index}`).map(([one, other]) => {
      const count = Math.max(one?.cells.length ?? 0, other?.cells.length ?? 0);
      const cells = Array.from({ length: count }, (_cell, index) => {
        const old = one?.cells[index] ?? null;
        const now = other?.cells[index] ?? null;
        return { before: old, after: now, blocks: this.blocks(old?.blocks ?? [], now?.blocks ?? []) };
      });
      return { before: one, after: other, cells };
    });
  }

  private line(before: readonly Character[], after: readonly Character[]): LinePair {
    const found = difference(before.length, after.length, (one, other) => before[one]!.text === after[other]!.text);
    const steps = settled(readable(found), before, after);
    const changed = steps.some((step) => step.kind !== "same");
    const pair: LinePair = { before: [], after: [], together: [], changed };
    for (const step of steps) {
      const same = step.kind === "same";
      const old = pieces(before.slice(step.oldFrom, step.oldTo), same ? "same" : "deleted", this.authors);
      const now = pieces(after.slice(step.newFrom, step.newTo), same ? "same" : "written", this.authors);
      pair.before.push(...old);
      pair.after.push(...now);
      pair.together.push(...(same ? now : [...old, ...now]));
    }
    return pair;
  }
}

function sectionKey(section: Section): string {
  return section.key || section.id;
}

function blockKey(block: Block, index: number): string {
  return block.id || `${block.type} ${index}`;
}

/** Matches two lists by key, in the order in which a reader meets them. */
function pairs<T>(before: readonly T[], after: readonly T[], key: (one: T, index: number) => string): [T | null, T | null][] {
  const oldKeys = before.map(key);
  const newKeys = after.map(key);
  return difference(before.length, after.length, (one, other) => oldKeys[one] === newKeys[other]).flatMap((step) => {
    const old = before.slice(step.oldFrom, step.oldTo);
    const now = after.slice(step.newFrom, step.newTo);
    if (step.kind === "old") return old.map((one): [T | null, T | null] => [one, null]);
    if (step.kind === "new") return now.map((one): [T | null, T | null] => [null, one]);
    return old.map((one, index): [T | null, T | null] => [one, now[index]!]);
  });
}

function characters(block: Block | null): readonly Character[] {
  return block?.type === "paragraph" ? block.line : NO_LINE;
}

function variantBlocks(block: Block | null): readonly Block[] {
  return block?.type === "variant" ? block.blocks : [];
}

function tableRows(block: Block | null): readonly Row[] {
  return block?.type === "table" ? block.rows : [];
}

export function isRowChanged(row: RowPair): boolean {
  return !row.before || !row.after || row.cells.some((cell) => !cell.before || !cell.after || cell.blocks.some(isChanged));
}

function isChanged(block: BlockPair): boolean {
  return block.changed;
}

/** What can change beside the words. */
function formOf(block: Block | null): unknown {
  if (block?.type === "image") return [block.file, block.alt, block.width];
  if (block?.type === "variant") return [block.side, block.label];
  if (block?.type === "paragraph") return [...paragraphForm(block), block.line.map((character) => character.marks)];
  return null;
}

function paragraphForm({ kind, level, checked, align, marker }: Paragraph): unknown[] {
  return [kind, level, checked, align, marker];
}

function whoseChange(character: Character, change: Piece["change"], authors: Authors): PersonCard | null {
  if (change === "written") return authors.writer(character);
  return change === "deleted" ? authors.deleter(character) : null;
}

function pieces(line: readonly Character[], change: Piece["change"], authors: Authors): Piece[] {
  const found: Piece[] = [];
  for (const character of line) {
    const person = whoseChange(character, change, authors);
    const last = found[found.length - 1];
    const fits =
      last?.person?.id === person?.id && JSON.stringify(last?.marks) === JSON.stringify(character.marks);
    if (last && fits) last.text += character.text;
    else found.push({ text: character.text, marks: character.marks, change, person });
  }
  return found;
}

// ---- what the summary and the list of changes are made of ----

/** All lines of a block, those in the cells of a table too. */
export function blockLines(block: BlockPair): LinePair[] {
  const inCells = block.rows.flatMap((row) => row.cells.flatMap((cell) => cell.blocks.flatMap(blockLines)));
  const inner = [...inCells, ...block.inner.flatMap(blockLines)];
  return block.line ? [block.line, ...inner] : inner;
}

export function allLines(comparison: Comparison): LinePair[] {
  return [
    ...comparison.fields.map((field) => field.line),
    ...comparison.sections.flatMap((section) => section.blocks.flatMap(blockLines)),
  ];
}

export interface Share {
  person: PersonCard | null;
  written: number;
  deleted: number;
}

/** Who wrote and deleted how many characters, the busiest first. */
export function shares(lines: readonly LinePair[]): Share[] {
  const found = new Map<number, Share>();
  for (const piece of lines.flatMap((line) => [...line.before, ...line.after])) {
    if (piece.change === "same" || piece.change === "moved") continue;
    const id = piece.person?.id ?? 0;
    const share = found.get(id) ?? { person: piece.person, written: 0, deleted: 0 };
    share[piece.change] += piece.text.replace(/\s/g, "").length;
    found.set(id, share);
  }
  return [...found.values()]
    .filter((share) => share.written + share.deleted > 0)
    .sort((one, other) => other.written + other.deleted - (one.written + one.deleted));
}
