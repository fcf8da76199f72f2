import { element } from "../editor/elements";
import { t } from "../shared/i18n";
import {
  blockLines,
  type BlockPair,
  type Comparison,
  isRowChanged,
  type LinePair,
  type RowPair,
  type Share,
  shares,
} from "./compare";
import type { Block, Cell, Picture, Table, Variant } from "./model";
import { drawParagraph, drawPicture, drawPiece, drawTable, drawVariant } from "./render";

/** The two plans beside each other, one row for a block; changed rows can be jumped to. */

export interface Change {
  row: HTMLElement;
  part: string;
  words: string;
  shares: Share[];
}

export interface Drawn {
  rows: HTMLElement[];
  changes: Change[];
}

type Side = "before" | "after";

function drawSide(pair: BlockPair, side: Side): Node[] {
  const block = pair[side];
  if (block?.type === "paragraph") return [drawParagraph(block, pair.line?.[side] ?? [])];
  return block?.type === "image" ? [drawImage(pair, block, side)] : [];
}

function drawImage(pair: BlockPair, block: Picture, side: Side): HTMLElement {
  const picture = drawPicture(block);
  const other = pair[side === "before" ? "after" : "before"];
  if (!other) picture.classList.add(side === "before" ? "picture-deleted" : "picture-written");
  return picture;
}

/** Two tables beside each other would be too narrow to read: one table shows what was deleted and written. */
function drawTogether(pair: BlockPair): Node[] {
  if (pair.line) {
    const paragraph = [pair.after, pair.before].find((block) => block?.type === "paragraph");
    return paragraph ? [drawParagraph(paragraph, pair.line.together)] : [...drawSide(pair, "before"), ...drawSide(pair, "after")];
  }
  const variant = variantOf(pair);
  if (variant) return [drawVariant(variant, pair.inner.flatMap(drawTogether))];
  const kind = [pair.after, pair.before].find((block) => block?.type === "table")?.kind ?? "plain";
  const rows = pair.rows.map((row) => ({
    id: "",
    cells: row.cells.map((cell) => (cell.after ?? cell.before)!),
  }));
  const table: Table = { type: "table", id: "", kind, rows };
  const draw = (_cell: Cell, row: number, column: number) => pair.rows[row]!.cells[column]!.blocks.flatMap(drawTogether);
  return [drawTable(table, draw, (_row, index) => rowClass(pair.rows[index]!))];
}

function variantOf(pair: BlockPair): Variant | undefined {
  return [pair.after, pair.before].find((block) => block?.type === "variant");
}

function isTable(pair: BlockPair): boolean {
  return pair.before?.type === "table" || pair.after?.type === "table";
}

function rowClass(row: RowPair): string {
  if (!row.before) return "row-written";
  if (!row.after) return "row-deleted";
  return isRowChanged(row) ? "row-changed" : "cmp-same";
}

export function sharesWords(found: readonly Share[]): string {
  return found
    .map(({ person, written, deleted }) => {
      const name = person?.name ?? t("不知道是谁");
      if (!deleted) return t("{name} 写 {written} 字", { name, written });
      if (!written) return t("{name} 删 {deleted} 字", { name, deleted });
      return t("{name} 写 {written} 字、删 {deleted} 字", { name, written, deleted });
    })
    .join("，");
}

function changedWords(lines: readonly LinePair[]): string {
  const pieces = lines.flatMap((line) => [...line.after, ...line.before]).filter((piece) => piece.change !== "same");
  const words = pieces.map((piece) => piece.text.replace(/^[\s，、；：。]+/, "").trim()).find(Boolean) ?? "";
  return words.length > 24 ? `${words.slice(0, 24)}…` : words;
}

function note(pair: BlockPair, lines: readonly LinePair[], found: readonly Share[]): string {
  if (pair.formOnly) return t("只改了格式");
  const words = sharesWords(found);
  if (words) return words;
  if (lines.some((line) => [...line.before, ...line.after].some((piece) => piece.change === "moved"))) return t("挪了地方");
  if (!pair.before) return t("加了这一块");
  if (!pair.after) return t("删了这一块");
  if (variantOf(pair)) return t("改了是哪一边、哪个班的做法");
  return t("改了表格的行或列");
}

const LISTS = ["bullet", "ordered", "task"];

/** The rows stand apart, so that the style sheet cannot count the items of a list over them. */
class ListCount {
  private counts: number[] = [];

  /** What the numbers of all levels are before this block. */
  next(block: Block | null): number[] {
    if (!block) return [];
    if (block.type !== "paragraph" || !LISTS.includes(block.kind)) {
      this.counts = [];
      return [];
    }
    const before = Array.from({ length: block.level + 1 }, (_count, level) => this.counts[level] ?? 0);
    this.counts = before.slice(0, block.level);
    if (block.kind === "ordered") this.counts.push(before[block.level]! + 1);
    return before;
  }
}

function column(className: string, content: Node[], counts: readonly number[] = []): HTMLElement {
  const made = element("div", className, ...content);
  if (counts.length) made.style.counterReset = counts.map((count, level) => `list-${level} ${count}`).join(" ");
  return made;
}

function row(before: HTMLElement, after: HTMLElement): HTMLElement {
  return element("div", "cmp-row", before, after);
}

class Drawing implements Drawn {
  readonly rows: HTMLElement[] = [];
  readonly changes: Change[] = [];

  fields(comparison: Comparison): void {
    for (const field of comparison.fields) {
      if (!field.line.changed && field.key !== "title") continue;
      const draw = (side: Side) => [
        element("p", "cmp-field", element("span", "dim", `${field.label}：`), ...field.line[side].map(drawPiece)),
      ];
      const made = row(column("cmp-old", draw("before")), column("cmp-new", draw("after")));
      this.rows.push(made);
      if (field.line.changed) this.change(made, t("基本信息"), [field.line], sharesWords(shares([field.line])));
      else made.classList.add("cmp-same");
    }
  }

  sections(comparison: Comparison): void {
    for (const { title, blocks } of comparison.sections) {
      const changed = blocks.some((block) => block.changed);
      if (title) this.rows.push(element("h2", changed ? "cmp-title" : "cmp-title cmp-same", title));
      const counts = { before: new ListCount(), after: new ListCount() };
      for (const block of blocks) this.block(block, title, counts);
    }
  }

  /** A row with its name, then a row for each block that stands in it. */
  private variant(pair: BlockPair, part: string): void {
    const name = (side: Side): Node[] => (pair[side]?.type === "variant" ? [drawVariant(pair[side], [])] : []);
    const [before, after] = [column("cmp-old", name("before")), column("cmp-new", name("after"))];
    const head = row(before, after);
    const first = this.rows.push(head);
    if (before.textContent !== after.textContent) this.change(head, part, [], note({ ...pair, formOnly: false }, [], []));
    else if (!pair.changed) head.classList.add("cmp-same");
    const counts = { before: new ListCount(), after: new ListCount() };
    for (const block of pair.inner) this.block(block, part, counts);
    for (const inner of this.rows.slice(first)) inner.classList.add("cmp-in-variant");
  }

  private block(pair: BlockPair, part: string, counts: Record<Side, ListCount>): void {
    if (variantOf(pair)) {
      this.variant(pair, part);
      return;
    }
    const side = (name: Side, className: string) => column(className, drawSide(pair, name), counts[name].next(pair[name]));
    const made = isTable(pair)
      ? element("div", "cmp-row", column("cmp-both", drawTogether(pair)))
      : row(side("before", "cmp-old"), side("after", "cmp-new"));
    this.rows.push(made);
    if (!pair.changed) {
      made.classList.add("cmp-same");
      return;
    }
    const lines = blockLines(pair);
    this.change(made, part, lines, note(pair, lines, shares(lines)));
  }

  private change(made: HTMLElement, part: string, lines: readonly LinePair[], words: string): void {
    made.classList.add("cmp-changed");
    made.tabIndex = -1;
    made.id = `change-${this.changes.length + 1}`;
    made.append(element("p", "cmp-by", words));
    this.changes.push({ row: made, part, words: changedWords(lines) || words, shares: shares(lines) });
  }
}

export function drawComparison(comparison: Comparison): Drawn {
  const drawing = new Drawing();
  drawing.fields(comparison);
  drawing.sections(comparison);
  return drawing;
}
