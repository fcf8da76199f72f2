import { Table } from "@tiptap/extension-table";
import { idAttribute, textAttribute } from "./attributes";
import { PlanTableView } from "./table-view";

/** A table; `kind` "process" marks the teaching process, from which the lesson ruler is computed. */
export const PlanTable = Table.extend({
  addAttributes: () => ({ ...idAttribute, kind: textAttribute("kind", "plain") }),

  // the keys are those of tools/table-keys.ts
  addKeyboardShortcuts: () => ({}),
}).configure({ resizable: true, View: PlanTableView, cellMinWidth: 40, lastColumnResizable: false });
