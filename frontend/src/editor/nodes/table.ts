import { Table } from "@tiptap/extension-table";
import { idAttribute, textAttribute } from "./attributes";
import { PlanTableView } from "./table-view";

const CELL_MIN_WIDTH = 40;

/** A table; `kind` "process" marks the teaching process, from which the lesson ruler is computed. */
export const PlanTable = Table.extend({
  addAttributes: () => ({ ...idAttribute, kind: textAttribute("kind", "plain") }),

  // the keys are those of tools/table-keys.ts
  addKeyboardShortcuts: () => ({}),

  // with a view from the resizing plugin ProseMirror would draw the whole plan twice: before it knows the plugin, and then
  addNodeView:
    () =>
    ({ node }) =>
      new PlanTableView(node, CELL_MIN_WIDTH),
}).configure({ resizable: true, View: null, cellMinWidth: CELL_MIN_WIDTH, lastColumnResizable: false });
