import type { Node } from "@tiptap/pm/model";
import type { EditorState } from "@tiptap/pm/state";
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
  type ProsemirrorBinding,
} from "@tiptap/y-tiptap";
import type * as Y from "yjs";

import type { Position, Span } from "./types";

interface Sync {
  doc: Y.Doc;
  type: Y.XmlFragment;
  binding: ProsemirrorBinding | null;
}

/** Words that somebody chose, by their first and last characters: they stay the same whatever others do. */
export interface Chosen {
  spans: Span[];
}

const BEHIND = -1;

interface Range {
  from: number;
  to: number;
}

/** What is chosen now: text in paragraphs; null when there is none. */
export function choose(state: EditorState): Chosen | null {
  const spans = state.selection.ranges
    .map(({ $from, $to }) => spanOf(state, textIn(state.doc, { from: $from.pos, to: $to.pos })))
    .filter((span) => span !== null);
  return spans.length > 0 ? { spans } : null;
}

/** Where the chosen words are now, and what they say. */
export function rangesOf(state: EditorState, chosen: Chosen): Range[] {
  return chosen.spans.flatMap(([first, last]) => {
    const from = positionOf(state, first);
    const to = positionOf(state, last, BEHIND);
    return from === null || to === null || to <= from ? [] : [{ from: beginning(state.doc, from), to }];
  });
}

export function quoteOf(state: EditorState, chosen: Chosen): string {
  return rangesOf(state, chosen)
    .map(({ from, to }) => textBetween(state.doc, from, to))
    .filter(Boolean)
    .join("\n");
}

/** The same words, by the characters that they have now: what was chosen may have been deleted in part. */
export function chosenNow(state: EditorState, chosen: Chosen): Chosen {
  const spans = rangesOf(state, chosen)
    .map((range) => spanOf(state, textIn(state.doc, range)))
    .filter((span) => span !== null);
  return { spans };
}

/** Where the character of a Yjs id stands, before or behind it; of one that is gone, where it stood. */
export function positionOf(state: EditorState, [client, clock]: Position, assoc = 0): number | null {
  const sync = syncOf(state);
  if (!sync?.binding) return null;
  try {
    const item = { client, clock };
    const relative = { type: null, tname: null, item, assoc } as unknown as Y.RelativePosition;
    return relativePositionToAbsolutePosition(sync.doc, sync.type, relative, sync.binding.mapping);
  } catch {
    return null; // not here yet
  }
}

function syncOf(state: EditorState): Sync | undefined {
  return ySyncPluginKey.getState(state) as Sync | undefined;
}

function takesMarks(node: Node): boolean {
  return node.type.name === "paragraph";
}

/** From the first to the last character in paragraphs; `from` and `to` are equal when there is none. */
function textIn(doc: Node, { from, to }: Range): Range {
  let [first, last] = [-1, -1];
  doc.nodesBetween(from, to, (node, position, parent) => {
    if (!node.isText || !parent || !takesMarks(parent)) return;
    const begin = Math.max(position, from);
    const end = Math.min(position + node.nodeSize, to);
    if (begin >= end) return;
    if (first < 0) first = begin;
    last = end;
  });
  return first < 0 ? { from: 0, to: 0 } : { from: first, to: last };
}

function textBetween(doc: Node, from: number, to: number): string {
  let text = "";
  doc.nodesBetween(from, Math.min(to, doc.content.size), (node, position, parent) => {
    if (parent && takesMarks(parent) && node.isText) {
      text += (node.text ?? "").slice(Math.max(0, from - position), to - position);
    } else if (takesMarks(node) && text && !text.endsWith("\n")) text += "\n";
  });
  return text.replace(/\n+$/, "");
}

function spanOf(state: EditorState, { from, to }: Range): Span | null {
  if (from === to) return null;
  // a pair is not cut in two: the id of its second half
  const first = idAt(state, isPair(state.doc, from) ? from + 1 : from);
  const last = idAt(state, to - 1);
  return first && last ? [first, last] : null;
}

function isPair(doc: Node, position: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(doc.textBetween(position, Math.min(position + 2, doc.content.size)));
}

/** Back to the first half of a pair. */
function beginning(doc: Node, position: number): number {
  return position > 0 && isPair(doc, position - 1) ? position - 1 : position;
}

function idAt(state: EditorState, position: number): Position | null {
  const sync = syncOf(state);
  if (!sync?.binding) return null;
  // y-tiptap names the character before a position
  const relative = absolutePositionToRelativePosition(position + 1, sync.type, sync.binding.mapping) as Y.RelativePosition;
  return relative.item ? [relative.item.client, relative.item.clock] : null;
}
