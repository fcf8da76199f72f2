import { TableHeader } from "@tiptap/extension-table";
import { cellAttributes, CELL_CONTENT } from "./cell-attributes";

export const PlanTableHeader = TableHeader.extend({ content: CELL_CONTENT, addAttributes: () => cellAttributes });
