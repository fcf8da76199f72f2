import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import type { EditorState } from "@tiptap/pm/state";
import { isProcessTable } from "./process/steps";
import { WRITTEN_LATER } from "../generated/contracts";

const LATER = new Set<string>(WRITTEN_LATER);

export interface SectionInfo {
  key: string
  title: string
  pos: number
  size: number
  /** False when it is to be written before the lesson and nobody has. */
  written: boolean
}

export function children(node: ProseMirrorNode): ProseMirrorNode[] {
  return Array.from({ length: node.childCount }, (_child, index) => node.child(index));
}

/** The cells that teachers fill: not the head row, and not the names and minutes of the steps. */
export function ownCells(table: ProseMirrorNode): ProseMirrorNode[] {
  const rows = children(table);
  const body = rows.filter((row) => children(row).some((cell) => cell.type.name === "tableCell"));
  const process = isProcessTable(table);
  return (body.length ? body : rows).flatMap((row) => (process ? children(row).slice(1, -1) : children(row)));
}

/** Whether a line says more than a template's own words: headings, labels such as 基础： */
export function isOwnLine(line: ProseMirrorNode): boolean {
  if (line.attrs.kind === "heading" || line.attrs.kind === "subheading") return false;
  const text = line.textContent.trim();
  return text !== "" && !/[：:]$/.test(text);
}

/** Whether somebody has written in it. The same rule as lessons/outline.py. */
export function isWritten(node: ProseMirrorNode): boolean {
  if (node.type.name === "image") return true;
  if (node.type.name === "table") return ownCells(node).some(isWritten);
  if (node.type.name === "paragraph") return isOwnLine(node);
  return children(node).some(isWritten);
}

export function readSections(doc: ProseMirrorNode): SectionInfo[] {
  const sections: SectionInfo[] = [];
  doc.forEach((node, pos) => {
    if (node.type.name !== "section") return;
    const { key, title } = node.attrs as { key: string; title: string };
    sections.push({ key, title, pos, size: node.nodeSize, written: LATER.has(key) || isWritten(node) });
  });
  return sections;
}

/** The header of the plan and where it stands. */
export function findHeader(doc: ProseMirrorNode): { header: ProseMirrorNode; pos: number } | null {
  let pos = 0;
  for (const header of doc.children) {
    if (header.type.name === "header") return { header, pos };
    pos += header.nodeSize;
  }
  return null;
}

/** Which top-level part holds the caret: a section, the header, or neither. */
export function currentPart(state: EditorState): ProseMirrorNode | null {
  const { $head } = state.selection;
  return $head.depth === 0 ? null : $head.node(1);
}
