import { Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey, type EditorState, type Transaction } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 10;

/** Ten characters of a-z and 0-9. */
export function newBlockId(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(LENGTH));
  return Array.from(numbers, (number) => ALPHABET[number % ALPHABET.length]).join("");
}

interface Range {
  from: number;
  to: number;
}

/** Where the result differs from what was there before, in positions of the result. */
export function changedRanges(transactions: readonly Transaction[]): Range[] {
  const ranges: Range[] = [];
  transactions.forEach((transaction, at) => {
    transaction.mapping.maps.forEach((map, step) => {
      map.forEach((_oldStart, _oldEnd, start, end) => {
        let range: Range = { from: start, to: end };
        const move = (mapping: { map(position: number, assoc: number): number }): void => {
          range = { from: mapping.map(range.from, -1), to: mapping.map(range.to, 1) };
        };
        move(transaction.mapping.slice(step + 1));
        for (const later of transactions.slice(at + 1)) move(later.mapping);
        ranges.push(range);
      });
    });
  });
  return ranges;
}

const carriesId = (node: Node): boolean => node.type.spec.attrs?.["id"] !== undefined;

/** The blocks made by these changes that need an id: those without one, and copies of one that is elsewhere. */
export function blocksWithoutOwnId(doc: Node, ranges: readonly Range[]): number[] {
  const made = blocksIn(doc, ranges);
  if (made.size === 0) return [];
  const known = new Set<string>();
  doc.descendants((node, position) => {
    const id = carriesId(node) && !made.has(position) ? (node.attrs["id"] as string | null) : null;
    if (id !== null) known.add(id);
    return !node.isTextblock;
  });
  return [...made].flatMap(([position, id]) => {
    if (id !== null && !known.has(id)) {
      known.add(id);
      return [];
    }
    return [position];
  });
}

/** The blocks that start in one of the ranges, with the id that they carry. Most changes are inside a line. */
function blocksIn(doc: Node, ranges: readonly Range[]): Map<number, string | null> {
  const found = new Map<number, string | null>();
  for (const { from, to } of ranges) {
    doc.nodesBetween(from, Math.min(to, doc.content.size), (node, position) => {
      if (position >= from && position < to && carriesId(node)) found.set(position, node.attrs["id"] as string | null);
      return !node.isTextblock;
    });
  }
  return new Map([...found].sort(([one], [other]) => one - other));
}

function isRemote(state: EditorState): boolean {
  return (ySyncPluginKey.getState(state) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin === true;
}

/** Names the blocks that are made here; never touches one that came from elsewhere. */
export const BlockIds = Extension.create({
  name: "blockIds",

  addProseMirrorPlugins() {
    let view: EditorView | null = null;
    return [
      new Plugin({
        key: new PluginKey("block-ids"),
        view: (created) => {
          view = created;
          return {};
        },
        appendTransaction: (transactions, _before, state) => {
          // a new attribute would draw the paragraph anew, under the fingers of the input method
          if (isRemote(state) || view?.composing) return null;
          if (!transactions.some((transaction) => transaction.docChanged)) return null;
          const positions = blocksWithoutOwnId(state.doc, changedRanges(transactions));
          if (positions.length === 0) return null;
          const naming = state.tr;
          for (const position of positions) naming.setNodeAttribute(position, "id", newBlockId());
          // keep what the change said of itself: y-tiptap asks the last transaction
          const last = transactions[transactions.length - 1]!;
          if (last.getMeta("addToHistory") === false) naming.setMeta("addToHistory", false);
          return naming;
        },
      }),
    ];
  },
});
