import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { LESSON_MINUTES } from "../../generated/contracts";

/** One 环节 of the teaching process. */
export interface Step {
  name: string
  minutes: number
  /** Where its row starts, counted from the start of the table's content. */
  offset: number
}

export function isProcessTable(node: ProseMirrorNode): boolean {
  return node.type.name === "table" && node.attrs.kind === "process";
}

/** The minutes that a teacher wrote: the first number of the cell. The same rule as lessons/outline.py. */
export function readMinutes(text: string): number {
  const digits = text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
  return Number(/\d{1,3}/.exec(digits)?.[0] ?? 0);
}

/** The sub-title when there is one (初读), else the step itself (新课教学). */
function stepName(cell: ProseMirrorNode): string {
  const lines = cellLines(cell);
  return lines[1] ?? lines[0] ?? "";
}

/** The lines of a cell, those in its variants too. */
function cellLines(cell: ProseMirrorNode): string[] {
  const lines: string[] = [];
  cell.descendants((line) => {
    if (line.isTextblock && line.textContent.trim()) lines.push(line.textContent.trim());
    return !line.isTextblock;
  });
  return lines;
}

/** The steps of a process table, from top to bottom, those without minutes too. */
export function readSteps(table: ProseMirrorNode): Step[] {
  const steps: Step[] = [];
  table.forEach((row, offset, index) => {
    if (index === 0 || row.childCount < 2) return;
    steps.push({ name: stepName(row.firstChild!), minutes: readMinutes(cellLines(row.lastChild!).join("\n")), offset });
  });
  return steps;
}

export interface Reading {
  planned: number
  /** What the ruler is as long as: the lesson, or more if more is planned. */
  scale: number
  left: number
  over: number
}

export function measure(steps: readonly Step[], total: number = LESSON_MINUTES): Reading {
  const planned = steps.reduce((sum, step) => sum + step.minutes, 0);
  return {
    planned,
    scale: Math.max(planned, total),
    left: Math.max(total - planned, 0),
    over: Math.max(planned - total, 0),
  };
}
