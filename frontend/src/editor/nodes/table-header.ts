import { TableHeader } from "@tiptap/extension-table";
import { cellAttributes } from "./cell-attributes";

export const PlanTableHeader = TableHeader.extend({ addAttributes: () => cellAttributes });
