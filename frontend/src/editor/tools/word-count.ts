import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import type { EditorState } from "@tiptap/pm/state";
import { children, isOwnLine, ownCells } from "../sections";

export interface WordCount {
  /** Everything but blanks. */
  all: number
  /** 汉字 */
  characters: number
  /** Words of other scripts and numbers. */
  words: number
}

const HAN = /\p{Script=Han}/gu;
const WORD = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Hangul}\p{N}]+(?:['’.-][\p{Script=Latin}\p{N}]+)*/gu;

export function countText(text: string): WordCount {
  return {
    all: text.match(/\S/gu)?.length ?? 0,
    characters: text.match(HAN)?.length ?? 0,
    words: text.match(WORD)?.length ?? 0,
  };
}

/** The text between two positions; blocks are apart, so that words do not run together. */
function textBetween(doc: ProseMirrorNode, from: number, to: number): string {
  return doc.textBetween(from, to, "\n", "\n");
}

const NOTHING: WordCount = { all: 0, characters: 0, words: 0 };

function sum(counts: readonly WordCount[]): WordCount {
  return counts.reduce(
    (total, { all, characters, words }) => ({
      all: total.all + all,
      characters: total.characters + characters,
      words: total.words + words,
    }),
    NOTHING,
  );
}

/** What did not change is not counted again: a node never changes, it is replaced. */
const counted = new WeakMap<ProseMirrorNode, WordCount>();

/** What teachers have written in the plan: the same rule as lessons/outline.py. */
export function countDocument(node: ProseMirrorNode): WordCount {
  let count = counted.get(node);
  if (count === undefined) {
    count = countAnew(node);
    counted.set(node, count);
  }
  return count;
}

function countAnew(node: ProseMirrorNode): WordCount {
  if (node.type.name === "header") return NOTHING;
  if (node.type.name === "paragraph") return isOwnLine(node) ? countText(textBetween(node, 0, node.content.size)) : NOTHING;
  return sum((node.type.name === "table" ? ownCells(node) : children(node)).map(countDocument));
}

/** What is selected, or null when nothing is. */
export function countSelection(state: EditorState): WordCount | null {
  if (state.selection.empty) return null;
  const text = state.selection.ranges
    .map(({ $from, $to }) => textBetween(state.doc, $from.pos, $to.pos))
    .join("\n");
  return countText(text);
}
