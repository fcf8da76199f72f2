import { Fragment, type Node as ProseMirrorNode, type Schema, Slice } from "@tiptap/pm/model";
import { type EditorState, TextSelection, type Transaction } from "@tiptap/pm/state";
import { ReplaceAroundStep } from "@tiptap/pm/transform";
import { otherSide, SIDES, type VariantSide } from "../../shared/sides";
import { isVariant, partnerOf, selectedVariant, wrappable } from "./places";

/**
 * What is done to variants. Each is one transaction that keeps the ids of the blocks it takes along: what somebody
 * else types into them meanwhile is found by the server to have nowhere to stand, and is written where they are now.
 */

type Command = (state: EditorState) => Transaction | null;

function emptyVariant(schema: Schema, side: VariantSide): ProseMirrorNode {
  return schema.nodes.variant!.create({ side }, schema.nodes.paragraph!.create());
}

function intoStart(tr: Transaction, pos: number): Transaction {
  return tr.setSelection(TextSelection.near(tr.doc.resolve(pos))).scrollIntoView();
}

/** 城镇班 and 乡村班 below the block of the caret, or in its place when it is an empty line. */
export const insertPair: Command = (state) => {
  const range = wrappable(state);
  if (range === null) return null;
  const pair = SIDES.map((side) => emptyVariant(state.schema, side));
  const last = range.parent.child(range.endIndex - 1);
  const from = last.isTextblock && last.content.size === 0 ? range.end - last.nodeSize : range.end;
  const tr = state.tr.replaceWith(from, range.end, pair);
  return intoStart(tr, from + 2);
};

/** Makes the selected blocks the way of one side. */
export function wrap(side: VariantSide): Command {
  return (state) => {
    const range = wrappable(state);
    return range && state.tr.wrap(range, [{ type: state.schema.nodes.variant!, attrs: { side } }]).scrollIntoView();
  };
}

/** Takes the frame away; the blocks stay where they are. */
export const unwrap: Command = (state) => {
  const place = selectedVariant(state);
  if (place === null) return null;
  const [from, to] = [place.pos, place.pos + place.node.nodeSize];
  return state.tr.step(new ReplaceAroundStep(from, to, from + 1, to - 1, Slice.empty, 0, true)).scrollIntoView();
};

/** Takes the variant away with all that stands in it. */
export const remove: Command = (state) => {
  const place = selectedVariant(state);
  if (place === null) return null;
  const { pos, node } = place;
  const alone = state.doc.resolve(pos).parent.childCount === 1;
  const left = alone ? Fragment.from(state.schema.nodes.paragraph!.create()) : Fragment.empty;
  const tr = state.tr.replaceWith(pos, pos + node.nodeSize, left);
  return tr.setSelection(TextSelection.near(tr.doc.resolve(pos), alone ? 1 : -1)).scrollIntoView();
};

/** Makes it the way of the other side. */
export const changeSide: Command = (state) => {
  const place = selectedVariant(state);
  return place && state.tr.setNodeAttribute(place.pos, "side", otherSide(place.side));
};

export function setLabel(state: EditorState, pos: number, label: string): Transaction | null {
  return isVariant(state.doc.nodeAt(pos)) ? state.tr.setNodeAttribute(pos, "label", label) : null;
}

/** The other side's variant beside it: 城镇班 stands before, 乡村班 after. */
export const addPartner: Command = (state) => {
  const place = selectedVariant(state);
  if (place === null || partnerOf(state, place) !== null) return null;
  const pos = place.side === "town" ? place.pos + place.node.nodeSize : place.pos;
  return intoStart(state.tr.insert(pos, emptyVariant(state.schema, otherSide(place.side))), pos + 2);
};

/** Out of an empty last line: it becomes a line below the variant and those that stand beside it. */
export const leave: Command = (state) => {
  const place = selectedVariant(state);
  const { $from, empty } = state.selection;
  if (place === null || !empty || $from.depth !== place.depth + 1) return null;
  const line = $from.parent;
  const last = $from.index(place.depth) === place.node.childCount - 1;
  if (!last || place.node.childCount === 1 || !line.isTextblock || line.content.size > 0) return null;
  const tr = state.tr.delete($from.before(), $from.after());
  const end = endOfRun(tr.doc, place.pos);
  return intoStart(tr.insert(end, state.schema.nodes.paragraph!.create()), end + 1);
};

function endOfRun(doc: ProseMirrorNode, pos: number): number {
  let end = pos;
  for (let node = doc.nodeAt(end); isVariant(node); node = doc.nodeAt(end)) end += node.nodeSize;
  return end;
}
