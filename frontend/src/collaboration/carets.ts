import { Extension } from "@tiptap/core";
import { Plugin, PluginKey, type EditorState } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
  type ProsemirrorBinding,
} from "@tiptap/y-tiptap";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { readSelection } from "./own-caret";
import type { PresenceState } from "./presence";
import { sectionAt } from "./sections";
import type { Identity } from "./types";

/** The flag shows the whole name for this long after a move, then the first character. */
const NAME_SHOWN = 2_000;

const caretsKey = new PluginKey<DecorationSet>("carets");

interface SyncState {
  doc: Y.Doc;
  type: Y.XmlFragment;
  binding: ProsemirrorBinding | null;
  isChangeOrigin: boolean;
}

export interface CaretOptions {
  awareness: Awareness | null;
}

/** Where the others are: a line and a flag in their colour (classes p1…p6), their selection behind the text. */
export const Carets = Extension.create<CaretOptions>({
  name: "carets",

  addOptions: () => ({ awareness: null }),

  addProseMirrorPlugins() {
    const { awareness } = this.options;
    if (awareness === null) return [];
    const flags = new Flags();
    let view: EditorView | null = null;
    return [
      new Plugin<DecorationSet>({
        key: caretsKey,
        state: {
          init: () => DecorationSet.empty,
          apply: (transaction, before, _old, state) => {
            const moved = transaction.getMeta(caretsKey) === true;
            if (!moved && !syncState(state)?.isChangeOrigin) return before.map(transaction.mapping, transaction.doc);
            // never draw around the text that an input method is composing
            if (view?.composing) return before.map(transaction.mapping, transaction.doc);
            return draw(state, awareness, flags);
          },
        },
        props: {
          decorations: (state) => caretsKey.getState(state) ?? DecorationSet.empty,
        },
        view: (created) => {
          view = created;
          return follow(created, awareness, flags);
        },
      }),
    ];
  },
});

function syncState(state: EditorState): SyncState | undefined {
  return ySyncPluginKey.getState(state) as SyncState | undefined;
}

// ---- the others' carets --------------------------------------------------------------------------------------

function draw(state: EditorState, awareness: Awareness, flags: Flags): DecorationSet {
  const sync = syncState(state);
  if (!sync?.binding) return DecorationSet.empty;
  const decorations: Decoration[] = [];
  for (const [client, value] of awareness.getStates()) {
    const { user, cursor } = value as PresenceState;
    if (client === awareness.clientID || !user || !cursor) continue;
    const anchor = toPosition(sync, cursor.anchor, state);
    const head = toPosition(sync, cursor.head, state);
    if (anchor === null || head === null) continue;
    decorations.push(
      Decoration.widget(head, () => flags.draw(client, user), {
        key: `${client}-${user.name}-${user.colour}`,
        side: 10,
      }),
    );
    if (anchor !== head) {
      const attributes = { class: `caret-selection p${user.colour}` };
      decorations.push(Decoration.inline(Math.min(anchor, head), Math.max(anchor, head), attributes));
    }
  }
  return DecorationSet.create(state.doc, decorations);
}

function toPosition(sync: SyncState, relative: unknown, state: EditorState): number | null {
  try {
    const position = relativePositionToAbsolutePosition(
      sync.doc,
      sync.type,
      Y.createRelativePositionFromJSON(relative),
      sync.binding!.mapping,
    );
    return position === null ? null : Math.max(0, Math.min(position, state.doc.content.size));
  } catch {
    return null; // a position in content that is not here yet
  }
}

/** The flags' elements, and when each caret last moved. */
class Flags {
  private readonly moves = new Map<number, { cursor: string; time: number }>();
  private readonly elements = new Map<number, HTMLElement>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  draw(client: number, user: Identity): HTMLElement {
    const caret = document.createElement("span");
    caret.className = `caret p${user.colour}`;
    caret.setAttribute("aria-hidden", "true");
    const flag = document.createElement("span");
    flag.className = "caret-flag";
    const first = document.createElement("span");
    const [initial = ""] = user.name;
    first.textContent = initial;
    const rest = document.createElement("span");
    rest.className = "caret-rest";
    rest.textContent = user.name.slice(initial.length);
    flag.append(first, rest);
    // a joiner that is no text: keeps the line from breaking beside the caret
    caret.append("\u2060", flag, "\u2060");
    this.elements.set(client, caret);
    this.show(client);
    return caret;
  }

  /** Notes who moved since the last look. */
  notice(awareness: Awareness): void {
    const now = Date.now();
    for (const [client, value] of awareness.getStates()) {
      const cursor = JSON.stringify((value as PresenceState).cursor ?? null);
      if (this.moves.get(client)?.cursor !== cursor) this.moves.set(client, { cursor, time: now });
      this.show(client);
    }
    for (const client of this.moves.keys()) {
      if (!awareness.getStates().has(client)) {
        this.moves.delete(client);
        this.elements.delete(client);
      }
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      for (const client of this.moves.keys()) this.show(client);
    }, NAME_SHOWN + 50);
  }

  destroy(): void {
    clearTimeout(this.timer);
  }

  private show(client: number): void {
    const moved = this.moves.get(client)?.time ?? 0;
    this.elements.get(client)?.classList.toggle("caret-named", Date.now() - moved < NAME_SHOWN);
  }
}

// ---- our own caret -------------------------------------------------------------------------------------------

function follow(view: EditorView, awareness: Awareness, flags: Flags): { update: () => void; destroy: () => void } {
  let redrawPlanned: ReturnType<typeof setTimeout> | undefined;

  const redraw = (): void => {
    redrawPlanned = undefined;
    if (view.isDestroyed) return;
    if (view.composing) planRedraw(200);
    else drawNow();
  };
  const drawNow = (): void => {
    readSelection(view);
    view.dispatch(view.state.tr.setMeta(caretsKey, true).setMeta("addToHistory", false));
  };
  const planRedraw = (wait: number): void => {
    redrawPlanned ??= setTimeout(redraw, wait);
  };
  const onAwareness = ({ added, updated, removed }: Record<"added" | "updated" | "removed", number[]>): void => {
    if ([...added, ...updated, ...removed].every((client) => client === awareness.clientID)) return;
    flags.notice(awareness);
    planRedraw(0);
  };
  const tell = (): void => {
    tellOwnCaret(view, awareness);
  };

  awareness.on("change", onAwareness);
  view.dom.addEventListener("focusin", tell);
  view.dom.addEventListener("focusout", tell);
  flags.notice(awareness);
  planRedraw(0);
  return {
    update: tell,
    destroy: () => {
      clearTimeout(redrawPlanned);
      flags.destroy();
      awareness.off("change", onAwareness);
      view.dom.removeEventListener("focusin", tell);
      view.dom.removeEventListener("focusout", tell);
    },
  };
}

function tellOwnCaret(view: EditorView, awareness: Awareness): void {
  const sync = syncState(view.state);
  const before = awareness.getLocalState() as PresenceState | null;
  if (!sync?.binding || before === null) return;
  if (!view.hasFocus()) {
    if (before.cursor) awareness.setLocalStateField("cursor", null);
    return;
  }
  const { $anchor, $head } = view.state.selection;
  const relative = (position: number): unknown =>
    Y.relativePositionToJSON(
      absolutePositionToRelativePosition(position, sync.type, sync.binding!.mapping) as Y.RelativePosition,
    );
  const cursor = { anchor: relative($anchor.pos), head: relative($head.pos) };
  const section = sectionAt($head);
  if (before.section === section && JSON.stringify(before.cursor) === JSON.stringify(cursor)) return;
  awareness.setLocalState({ ...before, cursor, section });
}
