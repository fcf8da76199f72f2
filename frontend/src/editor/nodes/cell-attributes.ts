import type { Attributes } from "@tiptap/core";
import { readNumber } from "./attributes";

export const CELL_CONTENT = "(block | variant)+";
const MOST_CELLS = 60;

function readWidths(element: HTMLElement): number[] | null {
  const widths = (element.getAttribute("colwidth") ?? "").split(",").map((width) => Number.parseInt(width, 10));
  return widths.every((width) => width > 0) ? widths : null;
}

/** What a cell of either sort knows: how many columns and rows it covers, how wide they are. */
export const cellAttributes: Attributes = {
  colspan: { default: 1, parseHTML: (element) => readNumber(element.getAttribute("colspan"), 1, MOST_CELLS, 1) },
  rowspan: { default: 1, parseHTML: (element) => readNumber(element.getAttribute("rowspan"), 1, MOST_CELLS, 1) },
  colwidth: { default: null, parseHTML: readWidths },
};
