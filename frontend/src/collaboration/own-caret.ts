import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
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
 * the old offset it takes the shared position. Where that is gone with its block, the old offset is left to it.
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
            if (stands(before.anchor, doc)) before.absAnchor = null;
            if (stands(before.head, doc)) before.absHead = null;
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

/** Whether the place of this position is still in the document. */
function stands(position: Y.RelativePosition | null, doc: Y.Doc): boolean {
  if (position === null) return false;
  const place = Y.createAbsolutePositionFromRelativePosition(position, doc);
  for (let type: Y.AbstractType<unknown> | null = place?.type ?? null; type !== null; ) {
    if (type._item === null) return true;
    if (type._item.deleted) return false;
    type = type._item.parent as Y.AbstractType<unknown> | null;
  }
  return false;
}
