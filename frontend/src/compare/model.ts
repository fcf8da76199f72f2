/** A stored plan as plain data, every character with the Yjs item it comes from. */

import type { VariantSide } from "../shared/sides";

export type Marks = Readonly<Record<string, unknown>>;

/** One character (or a line break) and the item that holds it. */
export interface Character {
  text: string;
  client: number;
  clock: number;
  marks: Marks;
}

export interface Paragraph {
  type: "paragraph";
  id: string;
  kind: string;
  level: number;
  checked: boolean;
  align: string;
  marker: string;
  line: Character[];
}

export interface Picture {
  type: "image";
  id: string;
  file: string;
  alt: string;
  width: number | null;
}

export interface Cell {
  header: boolean;
  colspan: number;
  rowspan: number;
  blocks: Block[];
}

export interface Row {
  id: string;
  cells: Cell[];
}

export interface Table {
  type: "table";
  id: string;
  kind: string;
  rows: Row[];
}

export interface Variant {
  type: "variant";
  id: string;
  side: VariantSide;
  label: string;
  blocks: Block[];
}

export type Block = Paragraph | Picture | Table | Variant;

export interface Field {
  key: string;
  label: string;
  line: Character[];
}

export interface Section {
  id: string;
  key: string;
  title: string;
  blocks: Block[];
}

export interface Plan {
  fields: Field[];
  sections: Section[];
}

export function lineText(line: readonly Character[]): string {
  return line.map((character) => character.text).join("");
}

/** All characters of a block, from top to bottom. */
export function blockCharacters(block: Block): Character[] {
  if (block.type === "paragraph") return block.line;
  if (block.type === "image") return [];
  if (block.type === "variant") return block.blocks.flatMap(blockCharacters);
  return block.rows.flatMap((row) => row.cells.flatMap((cell) => cell.blocks.flatMap(blockCharacters)));
}
