import type { Node as ProseMirrorNode } from "@tiptap/pm/model";
import type { EditorState } from "@tiptap/pm/state";

export interface WordCount {
  /** Everything but blanks, as lists and versions count (lessons/outline.py). */
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

export function countDocument(doc: ProseMirrorNode): WordCount {
  return countText(textBetween(doc, 0, doc.content.size));
}

/** What is selected, or null when nothing is. */
export function countSelection(state: EditorState): WordCount | null {
  if (state.selection.empty) return null;
  const text = state.selection.ranges
    .map(({ $from, $to }) => textBetween(state.doc, $from.pos, $to.pos))
    .join("\n");
  return countText(text);
}
