import { Extension, type Editor } from "@tiptap/core";
import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, TextSelection, type Transaction } from "@tiptap/pm/state";
import { TableMap } from "@tiptap/pm/tables";
import { ReplaceStep } from "@tiptap/pm/transform";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { t } from "../../shared/i18n";
import { button } from "../elements";
import { EDITABLE_CHANGED } from "../editable";
import { drawRuler } from "./ruler";
import { isProcessTable, readSteps, type Step } from "./steps";

const key = new PluginKey<Drawn>("processTable");

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

interface Drawn {
  decorations: DecorationSet
  /** What the decorations tell: they are made anew when it changes. */
  told: string
}

function processTables(doc: ProseMirrorNode): { table: ProseMirrorNode; pos: number }[] {
  const found: { table: ProseMirrorNode; pos: number }[] = [];
  doc.descendants((node, pos) => {
    if (isProcessTable(node)) found.push({ table: node, pos });
    return !node.isTextblock && node.type.name !== "table";
  });
  return found;
}

/** What is read from a table is read once: a node never changes, it is replaced. */
const read = new WeakMap<ProseMirrorNode, { steps: Step[]; words: string }>();

function readTable(table: ProseMirrorNode): { steps: Step[]; words: string } {
  let known = read.get(table);
  if (known === undefined) {
    const steps = readSteps(table);
    known = { steps, words: JSON.stringify([steps.map(({ name, minutes }) => [name, minutes]), columnNames(table)]) };
    read.set(table, known);
  }
  return known;
}

function rulerKey({ table, pos }: { table: ProseMirrorNode; pos: number }, at: number): string {
  const { steps, words } = readTable(table);
  return `${String(currentStep(steps, pos + 1, table, at))} ${words}`;
}

function told(editor: Editor, state: EditorState): string {
  const rulers = processTables(state.doc).map((one) => rulerKey(one, state.selection.head));
  return [editor.isEditable, ...rulers].join();
}

function draw(editor: Editor, state: EditorState): Drawn {
  const decorations = processTables(state.doc).flatMap(({ table, pos }) => {
    const { steps } = readTable(table);
    const current = currentStep(steps, pos + 1, table, state.selection.head);
    const ruler = Decoration.widget(pos, () => drawRuler(steps, current), {
      side: -1,
      key: rulerKey({ table, pos }, state.selection.head),
      ignoreSelection: true,
    });
    const labels = cellLabels(table, pos + 1, TableMap.get(table).width - 1);
    if (!editor.isEditable) return [ruler, ...labels];
    const add = Decoration.widget(pos + table.nodeSize, (_view, getPos) => addStepButton(editor, getPos), {
      side: -1,
      key: "add-step",
      ignoreSelection: true,
      stopEvent: () => true,
    });
    return [ruler, ...labels, add];
  });
  return { decorations: DecorationSet.create(state.doc, decorations), told: told(editor, state) };
}

/** Whether nothing but text within lines has changed: then every decoration of a cell stays where it is. */
function staysInLines(tr: Transaction): boolean {
  return tr.steps.every((step, index) => {
    if (!(step instanceof ReplaceStep)) return false;
    const $from = tr.docs[index]!.resolve(step.from);
    return $from.parent.isTextblock && step.to <= $from.end() && step.slice.content.firstChild?.isInline !== false;
  });
}

function next(editor: Editor, drawn: Drawn, tr: Transaction, after: EditorState): Drawn {
  if (!tr.docChanged && !tr.selectionSet && !tr.getMeta(EDITABLE_CHANGED)) return drawn;
  if (!staysInLines(tr) || told(editor, after) !== drawn.told) return draw(editor, after);
  return tr.docChanged ? { ...drawn, decorations: drawn.decorations.map(tr.mapping, tr.doc) } : drawn;
}

/** What belongs to the teaching process beside its table: the ruler above, “add a step” below, card labels. */
export const ProcessTable = Extension.create({
  name: "processTable",

  addProseMirrorPlugins() {
    const editor = this.editor;
    return [
      new Plugin<Drawn>({
        key,
        state: {
          init: (_config, state) => draw(editor, state),
          apply: (tr, drawn, _before, after) => next(editor, drawn, tr, after),
        },
        props: { decorations: (state) => key.getState(state)?.decorations },
      }),
    ];
  },
});
