import type { Node as ProseMirrorNode, NodeRange, ResolvedPos } from "@tiptap/pm/model";
import type { EditorState } from "@tiptap/pm/state";
import { readSide, type VariantSide } from "../../shared/sides";

/** Where variants stand and may stand. */

const CONTAINERS = new Set(["section", "tableCell", "tableHeader"]);

export interface VariantPlace {
  node: ProseMirrorNode;
  pos: number;
  side: VariantSide;
  /** The depth of the variant in the position that was asked for. */
  depth: number;
}

export function isVariant(node: ProseMirrorNode | null | undefined): node is ProseMirrorNode {
  return node?.type.name === "variant";
}

/** The variant around a position, or null. */
export function variantAt($position: ResolvedPos): VariantPlace | null {
  for (let depth = $position.depth; depth > 0; depth -= 1) {
    const node = $position.node(depth);
    if (isVariant(node)) return { node, pos: $position.before(depth), side: readSide(node.attrs.side), depth };
  }
  return null;
}

/** The variant in which the whole selection stands, or null. */
export function selectedVariant(state: EditorState): VariantPlace | null {
  const { $from, $to } = state.selection;
  const place = variantAt($from);
  return place !== null && variantAt($to)?.pos === place.pos ? place : null;
}

/** The variant of the other side that stands beside it, or null. */
export function partnerOf(state: EditorState, { pos, node, side }: VariantPlace): ProseMirrorNode | null {
  const { nodeBefore } = state.doc.resolve(pos);
  const { nodeAfter } = state.doc.resolve(pos + node.nodeSize);
  return [nodeBefore, nodeAfter].find((one) => isVariant(one) && one.attrs.side !== side) ?? null;
}

/** The variant of the selection, where the other side's stands beside it. */
export function selectedPair(state: EditorState): VariantPlace | null {
  const place = selectedVariant(state);
  return place !== null && partnerOf(state, place) !== null ? place : null;
}

/** The selected blocks of one section or cell, or null where no variant may be made of them. */
export function wrappable(state: EditorState): NodeRange | null {
  const { $from, $to } = state.selection;
  if (variantAt($from) !== null || variantAt($to) !== null) return null;
  const range = $from.blockRange($to, (node) => CONTAINERS.has(node.type.name));
  if (range === null) return null;
  for (let index = range.startIndex; index < range.endIndex; index += 1) {
    if (holdsVariant(range.parent.child(index))) return null;
  }
  return range;
}

export function sidesIn(container: ProseMirrorNode): (VariantSide | null)[] {
  return container.children.map((child) => (isVariant(child) ? readSide(child.attrs.side) : null));
}

/** What stands in a node is looked for once: a node never changes, it is replaced. */
const holding = new WeakMap<ProseMirrorNode, boolean>();

/** Whether a variant stands in it, at whatever depth, or it is one. */
export function holdsVariant(node: ProseMirrorNode): boolean {
  if (node.type.name === "variant") return true;
  if (node.isTextblock || node.isLeaf) return false;
  let holds = holding.get(node);
  if (holds === undefined) {
    holds = node.children.some(holdsVariant);
    holding.set(node, holds);
  }
  return holds;
}
