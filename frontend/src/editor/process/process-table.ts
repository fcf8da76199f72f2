import { Extension, type Editor } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, TextSelection, type Transaction } from "@tiptap/pm/state";
import { TableMap } from "@tiptap/pm/tables";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { t } from "../../shared/i18n";
import { button } from "../elements";
import { EDITABLE_CHANGED } from "../editable";
import { drawRuler } from "./ruler";
import { isProcessTable, readSteps, type Step } from "./steps";

const key = new PluginKey<DecorationSet>("processTable");

function columnNames(table: ProseMirrorNode): string[] {
  const names: string[] = [];
  table.firstChild?.forEach((cell) => {
    for (let column = 0; column < Number(cell.attrs.colspan); column += 1) names.push(cell.textContent.trim());
  });
  return names;
}

/** Each cell says which column it is, so that a phone can show a row as a card. */
function cellLabels(table: ProseMirrorNode, start: number, last: number): Decoration[] {
  const names = columnNames(table);
  const map = TableMap.get(table);
  const labels: Decoration[] = [];
  for (const offset of new Set(map.map)) {
    const cell = table.nodeAt(offset);
    const { left, top, right } = map.findCell(offset);
    if (!cell || top === 0) continue;
    const part = left === 0 ? "step" : right === map.width && left === last ? "minutes" : "activity";
    const from = start + offset;
    const attributes = { "data-label": names[left] ?? "", "data-part": part };
    labels.push(Decoration.node(from, from + cell.nodeSize, attributes));
  }
  return labels;
}

function currentStep(steps: readonly Step[], start: number, table: ProseMirrorNode, at: number): number | null {
  const index = steps.findIndex(({ offset }) => {
    const row = table.child(table.childAfter(offset).index);
    return at > start + offset && at < start + offset + row.nodeSize;
  });
  return index < 0 ? null : index;
}

/** A new row below the last, the caret in its first cell. */
export function addStep(state: EditorState, tablePos: number): Transaction | null {
  const table = state.doc.nodeAt(tablePos);
  if (!table || !isProcessTable(table)) return null;
  const { tableRow, tableCell } = state.schema.nodes;
  const width = TableMap.get(table).width;
  const cells = Array.from({ length: width }, () => tableCell!.createAndFill()!);
  const end = tablePos + table.nodeSize - 1;
  const tr = state.tr.insert(end, tableRow!.create(null, cells));
  return tr.setSelection(TextSelection.near(tr.doc.resolve(end + 2))).scrollIntoView();
}

function addStepButton(editor: Editor, getPos: () => number | undefined): HTMLElement {
  const element = button({ label: t("加一个环节"), icon: "plus", className: "btn btn-s btn-quiet add-step" });
  element.contentEditable = "false";
  element.addEventListener("mousedown", (event) => {
    event.preventDefault();
  });
  element.addEventListener("click", () => {
    const after = getPos();
    const table = after === undefined ? null : editor.state.doc.resolve(after).nodeBefore;
    if (!table || after === undefined) return;
    const tr = addStep(editor.state, after - table.nodeSize);
    if (tr) editor.view.dispatch(tr);
    editor.view.focus();
  });
  return element;
}

function decorate(editor: Editor, state: EditorState): DecorationSet {
  const decorations: Decoration[] = [];
  state.doc.descendants((node, pos) => {
    if (!isProcessTable(node)) return !node.isTextblock;
    const steps = readSteps(node);
    const current = currentStep(steps, pos + 1, node, state.selection.head);
    const shown = JSON.stringify([steps.map(({ name, minutes }) => [name, minutes]), current]);
    const map = TableMap.get(node);
    decorations.push(
      Decoration.widget(pos, () => drawRuler(steps, current), { side: -1, key: shown, ignoreSelection: true }),
      ...cellLabels(node, pos + 1, map.width - 1),
    );
    if (editor.isEditable) {
      decorations.push(
        Decoration.widget(pos + node.nodeSize, (_view, getPos) => addStepButton(editor, getPos), {
          side: -1,
          key: "add-step",
          ignoreSelection: true,
          stopEvent: () => true,
        }),
      );
    }
    return false;
  });
  return DecorationSet.create(state.doc, decorations);
}

/** What belongs to the teaching process beside its table: the ruler above, “add a step” below, card labels. */
export const ProcessTable = Extension.create({
  name: "processTable",

  addProseMirrorPlugins() {
    const editor = this.editor;
    return [
      new Plugin<DecorationSet>({
        key,
        state: {
          init: (_config, state) => decorate(editor, state),
          apply: (tr, shown, _before, after) =>
            tr.docChanged || tr.selectionSet || tr.getMeta(EDITABLE_CHANGED) ? decorate(editor, after) : shown,
        },
        props: { decorations: (state) => key.getState(state) },
      }),
    ];
  },

});
