import { safeAddress } from "../editor/marks/link";
import { element } from "../editor/elements";
import { drawRuler } from "../editor/process/ruler";
import { readMinutes, type Step } from "../editor/process/steps";
import { t } from "../shared/i18n";
import type { Piece } from "./compare";
import { variantName } from "../shared/sides";
import {
  blockCharacters,
  type Block,
  type Cell,
  lineText,
  type Paragraph,
  type Picture,
  type Row,
  type Table,
  type Variant,
} from "./model";

/** The blocks of a plan as page elements, in the form that the styles of plan-text know. */

const MARK_TAGS: readonly [string, keyof HTMLElementTagNameMap][] = [
  ["bold", "strong"],
  ["italic", "em"],
  ["underline", "u"],
  ["strike", "s"],
  ["subscript", "sub"],
  ["superscript", "sup"],
  ["highlight", "mark"],
];

function text(piece: Piece): Node {
  const fragment = document.createDocumentFragment();
  piece.text.split("\n").forEach((part, index) => {
    if (index > 0) fragment.append(document.createElement("br"));
    fragment.append(part);
  });
  return fragment;
}

function marked(piece: Piece): Node {
  let node = text(piece);
  for (const [mark, tag] of MARK_TAGS) {
    if (piece.marks[mark] !== undefined) node = element(tag, "", node);
  }
  const ruby = piece.marks.ruby as { text?: unknown } | undefined;
  if (typeof ruby?.text === "string") {
    const above = element("span", "", node);
    above.dataset.ruby = ruby.text;
    node = above;
  }
  const link = piece.marks.link as { href?: unknown } | undefined;
  const href = typeof link?.href === "string" ? safeAddress(link.href) : null;
  if (href) {
    const anchor = element("a", "", node);
    anchor.href = href;
    anchor.rel = "noopener noreferrer nofollow";
    node = anchor;
  }
  return node;
}

/** Written text underlined in its author's colour, deleted text struck; the name is said and shown on hover. */
export function drawPiece(piece: Piece): Node {
  if (piece.change === "same") return marked(piece);
  if (piece.change === "moved") {
    const moved = element("span", "moved", marked(piece));
    moved.title = t("挪了地方，字没有改");
    return moved;
  }
  const written = piece.change === "written";
  const made = element(written ? "ins" : "del", piece.person ? `p${piece.person.colour}` : "", marked(piece));
  const name = piece.person?.name ?? t("不知道是谁");
  made.title = written ? t("{name} 写", { name }) : t("{name} 删", { name });
  return made;
}

export function drawParagraph(paragraph: Paragraph, pieces: readonly Piece[]): HTMLElement {
  const line = element("p", "", ...pieces.map(drawPiece));
  if (paragraph.kind !== "body") line.dataset.kind = paragraph.kind;
  if (paragraph.level > 0) line.dataset.level = String(paragraph.level);
  if (paragraph.checked) line.dataset.checked = "";
  if (paragraph.marker) line.dataset.marker = paragraph.marker;
  if (paragraph.align) line.style.textAlign = paragraph.align;
  if (paragraph.kind === "heading" || paragraph.kind === "subheading") {
    line.setAttribute("role", "heading");
    line.setAttribute("aria-level", paragraph.kind === "heading" ? "3" : "4");
  }
  return line;
}

export function drawPicture({ file, alt, width }: Picture): HTMLElement {
  const image = element("img");
  image.src = `/files/${encodeURIComponent(file)}/`;
  image.alt = alt;
  image.loading = "lazy";
  if (width) image.width = width;
  return element("figure", "picture", image);
}

export function drawVariant({ side, label }: Variant, content: Node[]): HTMLElement {
  const name = variantName(side, label);
  const made = element("div", "variant", element("div", "variant-h", name), element("div", "variant-body", ...content));
  made.dataset.side = side;
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  return made;
}

type DrawCell = (cell: Cell, row: number, column: number) => Node[];

function drawCell(table: Table, rowIndex: number, column: number, draw: DrawCell): HTMLElement {
  const row = table.rows[rowIndex]!;
  const cell = row.cells[column]!;
  const made = element(cell.header ? "th" : "td", "", ...draw(cell, rowIndex, column));
  if (cell.colspan > 1) made.colSpan = cell.colspan;
  if (cell.rowspan > 1) made.rowSpan = cell.rowspan;
  const label = table.rows[0]?.cells[column];
  if (label) made.dataset.label = label.blocks.map((block) => lineText(blockCharacters(block))).join("");
  made.dataset.part = column === 0 ? "step" : column === row.cells.length - 1 ? "minutes" : "activity";
  return made;
}

export function drawTable(table: Table, draw: DrawCell, rowClass: (row: Row, index: number) => string): HTMLElement {
  const made = element("table");
  made.dataset.kind = table.kind;
  const widest = Math.max(0, ...table.rows.map((row) => row.cells.reduce((sum, cell) => sum + cell.colspan, 0)));
  made.append(element("colgroup", "", ...Array.from({ length: widest }, () => document.createElement("col"))));
  const body = element("tbody");
  table.rows.forEach((row, index) => {
    const cells = row.cells.map((_cell, column) => drawCell(table, index, column, draw));
    body.append(element("tr", rowClass(row, index), ...cells));
  });
  made.append(body);
  return element("div", "tableWrapper", made);
}

function cellText(cell: Cell | undefined): string[] {
  const lines = (cell?.blocks ?? []).flatMap((block) => (block.type === "variant" ? block.blocks : [block]));
  return lines.map((block) => lineText(blockCharacters(block)).trim()).filter(Boolean);
}

export function tableSteps(table: Table): Step[] {
  return table.rows.slice(1).map((row) => {
    const name = cellText(row.cells[0]);
    const minutes = readMinutes(cellText(row.cells[row.cells.length - 1]).join(" "));
    return { name: name[1] ?? name[0] ?? "", minutes, offset: 0 };
  });
}

/** A line without changes. */
export function plainPieces(line: Paragraph["line"]): Piece[] {
  return line.map((character) => ({ text: character.text, marks: character.marks, change: "same", person: null }));
}

/** A block as it stands, with the ruler above a teaching process. */
export function drawBlock(block: Block): Node[] {
  if (block.type === "paragraph") return [drawParagraph(block, plainPieces(block.line))];
  if (block.type === "image") return [drawPicture(block)];
  if (block.type === "variant") return [drawVariant(block, block.blocks.flatMap(drawBlock))];
  const table = drawTable(
    block,
    (cell) => cell.blocks.flatMap(drawBlock),
    () => "",
  );
  return block.kind === "process" ? [drawRuler(tableSteps(block), null), table] : [table];
}
