import { TableRow } from "@tiptap/extension-table";
import { idAttribute } from "./attributes";

export const PlanTableRow = TableRow.extend({ addAttributes: () => idAttribute });
