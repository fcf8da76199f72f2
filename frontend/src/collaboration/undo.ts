import { Extension } from "@tiptap/core";
import { type EditorState, Plugin, PluginKey } from "@tiptap/pm/state";
import { ySyncPluginKey, yUndoPluginKey } from "@tiptap/y-tiptap";
import * as Y from "yjs";

import { sectionAt } from "./sections";

/** Changes within this time are undone in one step. */
const CAPTURE = 700;

/** One history per person: only what was done in this page, never what others did meanwhile. */
export function createUndoManager(fragment: Y.XmlFragment): Y.UndoManager {
  return new Y.UndoManager(fragment, {
    trackedOrigins: new Set([ySyncPluginKey]),
    captureTimeout: CAPTURE,
    captureTransaction: (transaction) => transaction.meta.get("addToHistory") !== false,
    deleteFilter: holdsNothing,
  });
}

/**
 * Undoing the making of a block deletes its content first, then the block. What is still in it by then was put
 * there by somebody else: the block stays.
 */
function holdsNothing(item: Y.Item): boolean {
  if (!(item instanceof Y.Item) || !(item.content instanceof Y.ContentType)) return true;
  const { type } = item.content;
  return type._length === 0;
}

/** Leaving the text or going to another section ends a step of the history. */
export const UndoSteps = Extension.create({
  name: "undoSteps",

  addProseMirrorPlugins() {
    return [
      new Plugin({
        key: new PluginKey("undo-steps"),
        view: () => ({
          update: (view, before) => {
            if (sectionAt(view.state.selection.$head) === sectionAt(before.selection.$head)) return;
            stopCapturing(yUndoPluginKey.getState(view.state));
          },
        }),
        props: {
          handleDOMEvents: {
            blur: (view) => {
              stopCapturing(yUndoPluginKey.getState(view.state));
              return false;
            },
          },
        },
      }),
    ];
  },
});

/** What is done next is undone by itself. */
export function endUndoStep(state: EditorState): void {
  stopCapturing(yUndoPluginKey.getState(state));
}

function stopCapturing(state: unknown): void {
  (state as { undoManager?: Y.UndoManager } | undefined)?.undoManager?.stopCapturing();
}
