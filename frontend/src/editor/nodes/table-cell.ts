import { TableCell } from "@tiptap/extension-table";
import { cellAttributes, CELL_CONTENT } from "./cell-attributes";

export const PlanTableCell = TableCell.extend({ content: CELL_CONTENT, addAttributes: () => cellAttributes });
