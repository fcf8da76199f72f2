import type { Extension } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";

import { BlockIds } from "./block-ids";
import { Carets } from "./carets";
import { CompositionHold } from "./composition";
import { FirstContent, KeptMapping } from "./first-content";
import { OwnCaret } from "./own-caret";
import { TableRepair } from "./table-repair";
import type { SharedPlan } from "./types";
import { createUndoManager, UndoSteps } from "./undo";

/** Binds an editor to the shared plan. Make the editor only after `shared.whenReady`. */
export function collaborationExtensions(shared: SharedPlan): Extension[] {
  const mapping = new KeptMapping();
  return [
    FirstContent.configure({ fragment: shared.fragment, mapping }),
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
