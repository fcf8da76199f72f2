import { Extension } from "@tiptap/core";
import { type EditorState, Plugin, PluginKey } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import * as Y from "yjs";

interface SelectionBefore {
  anchor: Y.RelativePosition | null;
  head: Y.RelativePosition | null;
  absAnchor?: number | null;
  absHead?: number | null;
}

interface SyncState {
  doc: Y.Doc;
  type: Y.XmlFragment;
  binding: { beforeTransactionSelection: SelectionBefore | null } | null;
}

/** What may act on the place of the caret: keys, here or anywhere on the page, and tools. */
const ACTS = ["keydown", "click"] as const;

export interface OwnCaretOptions {
  beforeRemote: (listen: () => void) => () => void;
}

/**
 * Takes over what the browser has not yet told. It tells of a moved caret late, on a busy computer after the next
 * key: that key or tool, or what is drawn meanwhile, would act on the old place.
 */
export function readSelection(view: EditorView): void {
  if (view.isDestroyed || view.composing) return;
  (view as unknown as { domObserver: { flush(): void } }).domObserver.flush();
}

/**
 * Keeps our own caret beside its character when somebody else writes in the same paragraph.
 *
 * y-tiptap 3.0.9 distrusts the position in the shared document whenever the text of the paragraph has changed, and
 * falls back to the old offset: with each character typed before it the caret would slip one to the left. Without
 * the old offset it takes the shared position. It also distrusts a place at the very start of the document that is
 * told by a removed character, and looks for a line that was removed by its number.
 */
export const OwnCaret = Extension.create<OwnCaretOptions>({
  name: "ownCaret",

  addOptions: () => ({ beforeRemote: () => () => undefined }),

  addProseMirrorPlugins() {
    const { beforeRemote } = this.options;
    return [
      new Plugin({
        key: new PluginKey("own-caret"),
        view: (view) => {
          const { doc } = ySyncPluginKey.getState(view.state) as SyncState;
          const trust = (transaction: Y.Transaction): void => {
            if (transaction.local) return;
            const before = (ySyncPluginKey.getState(view.state) as SyncState).binding?.beforeTransactionSelection;
            if (!before) return;
            const anchor = standing(before.anchor, doc, () => moved(view.state, before.absAnchor));
            const head = standing(before.head, doc, () => moved(view.state, before.absHead));
            if (anchor !== null) Object.assign(before, { anchor, absAnchor: null });
            if (head !== null) Object.assign(before, { head, absHead: null });
          };
          doc.on("beforeObserverCalls", trust);
          const read = (): void => {
            readSelection(view);
          };
          const page = view.dom.ownerDocument;
          const stop = beforeRemote(read);
          for (const act of ACTS) page.addEventListener(act, read, true);
          return {
            destroy: () => {
              stop();
              for (const act of ACTS) page.removeEventListener(act, read, true);
              doc.off("beforeObserverCalls", trust);
            },
          };
        },
      }),
    ];
  },
});

/** The same position, told by what is still there; beside its line where that is gone and was not moved. */
function standing(
  position: Y.RelativePosition | null,
  doc: Y.Doc,
  moved: () => Y.RelativePosition | null,
): Y.RelativePosition | null {
  const place = position && Y.createAbsolutePositionFromRelativePosition(position, doc);
  if (!place) return null;
  const gone = outermostGone(place.type);
  if (gone !== null) return moved() ?? beside(gone);
  if (!(place.type instanceof Y.XmlText)) return position;
  return Y.createRelativePositionFromTypeIndex(place.type, place.index, -1);
}

function outermostGone(type: Y.AbstractType<unknown>): Y.Item | null {
  let gone: Y.Item | null = null;
  for (let item = type._item; item !== null; item = (item.parent as Y.AbstractType<unknown>)._item) {
    if (item.deleted) gone = item;
  }
  return gone;
}

/** The same place in the line of the same id: what is put into a frame, or taken out of one, is made anew there. */
function moved(state: EditorState, position: number | null | undefined): Y.RelativePosition | null {
  if (position === null || position === undefined) return null;
  const { parent, parentOffset } = state.doc.resolve(position);
  const id = parent.attrs["id"] as unknown;
  const line = typeof id === "string" ? lineOf((ySyncPluginKey.getState(state) as SyncState).type, id) : null;
  if (line === null) return null;
  let left = parentOffset;
  for (const part of line.toArray()) {
    const size = part instanceof Y.XmlText ? part.length : 1;
    if (part instanceof Y.XmlText && left <= size) return Y.createRelativePositionFromTypeIndex(part, left, -1);
    left -= size;
  }
  return Y.createRelativePositionFromTypeIndex(line, line.length, -1);
}

function lineOf(container: Y.XmlFragment, id: string): Y.XmlElement | null {
  for (const child of container.toArray()) {
    if (!(child instanceof Y.XmlElement)) continue;
    const found = child.getAttribute("id") === id ? child : lineOf(child, id);
    if (found) return found;
  }
  return null;
}

/** The start of what follows in the same section, cell or document, or the end of what precedes. */
function beside(gone: Y.Item): Y.RelativePosition | null {
  const neighbour = gone.next ?? gone.prev;
  if (!(neighbour?.content instanceof Y.ContentType)) return null;
  const atEnd = gone.next === null;
  let type = neighbour.content.type as unknown as Y.XmlElement | Y.XmlText;
  while (type instanceof Y.XmlElement && type.length > 0) type = type.get(atEnd ? type.length - 1 : 0);
  return Y.createRelativePositionFromTypeIndex(type, atEnd ? type.length : 0, -1);
}
