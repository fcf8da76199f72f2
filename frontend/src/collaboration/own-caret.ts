import { Extension } from "@tiptap/core";
import { type EditorState, Plugin, PluginKey } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import * as Y from "yjs";

import { lineText } from "./plain-text";

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
          const returns = new Returns();
          const follow = (position: Y.RelativePosition | null, old: number | null | undefined) =>
            returns.place(view.state, old) ?? standing(position, doc, () => returns.moved(view.state, old));
          const trust = (transaction: Y.Transaction): void => {
            if (transaction.local) return;
            const before = (ySyncPluginKey.getState(view.state) as SyncState).binding?.beforeTransactionSelection;
            if (!before) return;
            const anchor = follow(before.anchor, before.absAnchor);
            const head = follow(before.head, before.absHead);
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

/** How long what was typed into a removed line may take to come back from the server. */
const RETURNING = 15_000;

/**
 * The caret in a line that somebody else puts into a frame, or takes out of one: it is removed and made anew there, with
 * the same id. What was typed here meanwhile went with the old one; the server writes it into the new one, and the
 * caret goes behind it then.
 */
class Returns {
  private line = "";
  private awaited = 0;
  private until = 0;

  /** The place in the new line that belongs to this one in the removed line. */
  moved(state: EditorState, position: number | null | undefined): Y.RelativePosition | null {
    const found = this.find(state, position);
    if (found === null) return null;
    const { line, old, now, offset } = found;
    const before = commonStart(old, now);
    const after = Math.min(commonEnd(old, now), now.length - before);
    const place = offset <= before ? offset : Math.max(before, now.length - Math.min(after, old.length - offset));
    this.line = found.id;
    this.awaited = Math.max(0, offset - place);
    this.until = Date.now() + RETURNING;
    return positionIn(line, place);
  }

  /** Behind what has just come back at the caret; null when nothing has. */
  place(state: EditorState, position: number | null | undefined): Y.RelativePosition | null {
    if (this.awaited === 0 || Date.now() > this.until) return null;
    const found = this.find(state, position);
    if (found === null || found.id !== this.line) return null;
    const { line, old, now, offset } = found;
    const come = now.length - old.length;
    if (come <= 0 || come > this.awaited) return null;
    if (now.slice(0, offset) + now.slice(offset + come) !== old) return null;
    return positionIn(line, offset + come);
  }

  private find(state: EditorState, position: number | null | undefined) {
    if (position === null || position === undefined) return null;
    const { parent, parentOffset: offset } = state.doc.resolve(position);
    const id = parent.attrs["id"] as unknown;
    const line = typeof id === "string" ? lineOf((ySyncPluginKey.getState(state) as SyncState).type, id) : null;
    if (line === null) return null;
    const old = parent.textBetween(0, parent.content.size, undefined, "\n");
    return { id: id as string, line, old, now: lineText(line), offset };
  }
}

function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < Math.min(one.length, other.length) && one[length] === other[length]) length += 1;
  return length;
}

function commonEnd(one: string, other: string): number {
  let length = 0;
  while (length < Math.min(one.length, other.length) && one[one.length - 1 - length] === other[other.length - 1 - length]) length += 1;
  return length;
}

function positionIn(line: Y.XmlElement, offset: number): Y.RelativePosition {
  let left = offset;
  for (const part of line.toArray()) {
    if (part instanceof Y.XmlText && left <= part.length) return Y.createRelativePositionFromTypeIndex(part, left, -1);
    left -= part instanceof Y.XmlText ? part.length : 1;
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
