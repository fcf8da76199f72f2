import type { EditorState, Transaction } from "@tiptap/pm/state";
import { DEEPEST_LEVEL, LIST_KINDS, type ParagraphKind } from "../nodes/paragraph";

/** The kinds and levels of the paragraphs that the selection touches, and changes of them. */

interface Place {
  pos: number
  kind: ParagraphKind
  level: number
  align: string | null
  marker: string | null
}

export function selectedParagraphs(state: EditorState): Place[] {
  const places: Place[] = [];
  for (const { $from, $to } of state.selection.ranges) {
    state.doc.nodesBetween($from.pos, $to.pos, (node, pos) => {
      if (node.type.name === "paragraph") places.push({ pos, ...(node.attrs as Omit<Place, "pos">) });
      return !node.isTextblock;
    });
  }
  return places;
}

export function isList(kind: ParagraphKind): boolean {
  return LIST_KINDS.includes(kind);
}

/** The kind that all selected paragraphs share, or null. */
export function sharedKind(state: EditorState): ParagraphKind | null {
  const kinds = new Set(selectedParagraphs(state).map((place) => place.kind));
  return kinds.size === 1 ? [...kinds][0]! : null;
}

/** Makes all selected paragraphs of one kind; those that are already become body text. */
export function toggleKind(state: EditorState, kind: ParagraphKind): Transaction {
  return setKind(state, sharedKind(state) === kind ? "body" : kind);
}

export function setKind(state: EditorState, kind: ParagraphKind): Transaction {
  const tr = state.tr;
  for (const place of selectedParagraphs(state)) {
    if (place.kind !== kind) tr.setNodeAttribute(place.pos, "kind", kind);
    if (place.kind !== kind && place.marker) tr.setNodeAttribute(place.pos, "marker", null);
    if (!isList(kind) && place.level > 0) tr.setNodeAttribute(place.pos, "level", 0);
  }
  return tr;
}

export function setAlign(state: EditorState, align: "center" | "right" | null): Transaction {
  const tr = state.tr;
  for (const place of selectedParagraphs(state)) tr.setNodeAttribute(place.pos, "align", align);
  return tr;
}

/** Moves the selected list items in or out; null when none of them is a list item. */
export function shiftLevel(state: EditorState, step: 1 | -1): Transaction | null {
  const items = selectedParagraphs(state).filter((place) => isList(place.kind));
  if (!items.length) return null;
  const tr = state.tr;
  for (const { pos, level, marker } of items) {
    const moved = Math.min(DEEPEST_LEVEL, Math.max(0, level + step));
    if (moved === level) continue;
    tr.setNodeAttribute(pos, "level", moved);
    if (marker) tr.setNodeAttribute(pos, "marker", null);
  }
  return tr;
}
