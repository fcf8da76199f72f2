import { TableCell } from "@tiptap/extension-table";
import { cellAttributes } from "./cell-attributes";

export const PlanTableCell = TableCell.extend({ addAttributes: () => cellAttributes });
