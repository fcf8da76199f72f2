import type { Extension } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";

import { BlockIds } from "./block-ids";
import { Carets } from "./carets";
import { CompositionHold } from "./composition";
import { KeptMapping } from "./first-content";
import { OwnCaret } from "./own-caret";
import { TableRepair } from "./table-repair";
import type { SharedPlan } from "./types";
import { createUndoManager, UndoSteps } from "./undo";

/** Binds an editor to the shared plan. Put the editor on the page only after `shared.whenReady`, and `fill` it before. */
export function collaborationExtensions(shared: SharedPlan, mapping = new KeptMapping()): Extension[] {
  return [
    Collaboration.configure({
      fragment: shared.fragment,
      ySyncOptions: { mapping },
      yUndoOptions: { undoManager: createUndoManager(shared.fragment) },
    }),
    OwnCaret.configure({ beforeRemote: (listen) => shared.beforeRemote(listen) }),
    UndoSteps,
    BlockIds,
    CompositionHold.configure({
      hold: (waiting) => {
        shared.hold(waiting);
      },
    }),
    TableRepair.configure({ awareness: shared.awareness }),
    Carets.configure({ awareness: shared.awareness }),
  ];
}
