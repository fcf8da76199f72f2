import { Extension } from "@tiptap/core";
import { Plugin, PluginKey, type EditorState, type PluginView } from "@tiptap/pm/state";
import { fixTables, fixTablesKey } from "@tiptap/pm/tables";
import type { EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import type { Awareness } from "y-protocols/awareness";

import type { PresenceState } from "./presence";

/** Lets what several people did to a table arrive before it is judged. */
const SETTLING = 200;

/**
 * One person adds a column while another adds a row: the new row is a cell short. If everyone repaired it, there
 * would be a cell too many, everyone would repair again, and the table would grow for ever. So one page repairs:
 * of those that may write and are on line, the one with the lowest client id.
 */
export function repairs(awareness: Awareness): boolean {
  const mine = awareness.clientID;
  for (const [client, state] of awareness.getStates()) {
    if (client < mine && (state as PresenceState).writes) return false;
  }
  return true;
}

function isRemote(state: EditorState): boolean {
  return (ySyncPluginKey.getState(state) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin === true;
}

/** Makes the tables whole, also before a command counts their cells: it would take a missing one for something else. */
export function completeTables(view: EditorView): void {
  const fix = fixTables(view.state);
  // without the key by which the table's own repairs are told and kept back
  if (fix?.docChanged) view.dispatch(fix.setMeta(fixTablesKey, undefined).setMeta("addToHistory", false));
}

export interface TableRepairOptions {
  awareness: Awareness | null;
}

export const TableRepair = Extension.create<TableRepairOptions>({
  name: "tableRepair",

  addOptions: () => ({ awareness: null }),

  addProseMirrorPlugins() {
    const { awareness } = this.options;
    if (awareness === null) return [];
    return [
      new Plugin({
        key: new PluginKey("table-repair"),
        // a repair inside a remote change would stay in this page alone, see y-tiptap's mutex
        filterTransaction: (transaction, state) =>
          transaction.getMeta(fixTablesKey) === undefined || (!isRemote(state) && repairs(awareness)),
        view: (view) => watchTables(view, awareness),
      }),
    ];
  },
});

function watchTables(view: EditorView, awareness: Awareness): PluginView {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (): void => {
    timer ??= setTimeout(repair, SETTLING);
  };
  const repair = (): void => {
    timer = undefined;
    if (view.isDestroyed || !view.editable || !repairs(awareness)) return;
    if (view.composing) later();
    else completeTables(view);
  };
  awareness.on("change", later);
  return {
    update: (_view, before) => {
      if (view.state.doc !== before.doc) later();
    },
    destroy: () => {
      clearTimeout(timer);
      awareness.off("change", later);
    },
  };
}
