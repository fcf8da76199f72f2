import { Extension, type Editor, type MappablePosition } from "@tiptap/core";
import { Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

/** A picture on its way: shown on this screen only, until it is stored. */
export interface Pending {
  id: number
  position: MappablePosition
  element: HTMLElement
}

type Change = { add: Pending } | { remove: number }

const key = new PluginKey<readonly Pending[]>("pendingPictures");

function next(editor: Editor, pending: readonly Pending[], tr: Transaction): readonly Pending[] {
  const change = tr.getMeta(key) as Change | undefined;
  let list = pending;
  if (tr.docChanged) {
    list = list.map((one) => ({ ...one, position: editor.utils.getUpdatedPosition(one.position, tr).position }));
  }
  if (!change) return list;
  return "add" in change ? [...list, change.add] : list.filter((one) => one.id !== change.remove);
}

/** Keeps the places of pictures on their way while everyone goes on writing. */
function pendingPictures(editor: Editor): Plugin<readonly Pending[]> {
  return new Plugin<readonly Pending[]>({
    key,
    state: { init: () => [], apply: (tr, pending) => next(editor, pending, tr) },
    props: {
      decorations: (state) =>
        DecorationSet.create(
          state.doc,
          (key.getState(state) ?? []).map(({ id, position, element }) =>
            Decoration.widget(inside(position.position, state.doc.content.size), element, {
              key: `picture-${String(id)}`,
              ignoreSelection: true,
              stopEvent: () => true,
            }),
          ),
        ),
    },
  });
}

export const PendingPictures = Extension.create({
  name: "pendingPictures",

  addProseMirrorPlugins() {
    return [pendingPictures(this.editor)];
  },
});

function inside(position: number, size: number): number {
  return Math.min(Math.max(position, 0), size);
}

export function addPending(editor: Editor, pending: Pending): void {
  editor.view.dispatch(editor.state.tr.setMeta(key, { add: pending }));
}

/** Takes the placeholder away and tells where it stood. */
export function removePending(editor: Editor, id: number, tr: Transaction): number | null {
  const found = key.getState(editor.state)?.find((one) => one.id === id);
  tr.setMeta(key, { remove: id });
  return found ? inside(found.position.position, editor.state.doc.content.size) : null;
}
