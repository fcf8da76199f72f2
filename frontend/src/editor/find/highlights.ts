import { Plugin, PluginKey, type EditorState, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import { findMatches, type Match } from "./search";

export interface Found {
  words: string
  matches: Match[]
  /** Which of the matches is shown, −1 when there is none. */
  current: number
}

export const findKey = new PluginKey<Found>("find");

type Change = { words: string } | { current: number }

const NOTHING: Found = { words: "", matches: [], current: -1 };

/** The first match at or after a position, else the first of all. */
function nearest(matches: readonly Match[], position: number): number {
  const index = matches.findIndex((match) => match.from >= position);
  return index < 0 ? matches.length - 1 : index;
}

function moved(matches: readonly Match[], tr: Transaction): Match[] {
  return matches.map(({ from, to }) => ({ from: tr.mapping.map(from), to: tr.mapping.map(to) }));
}

function next(found: Found, tr: Transaction, state: EditorState): Found {
  const change = tr.getMeta(findKey) as Change | undefined;
  if (change && "words" in change) {
    const matches = findMatches(state.doc, change.words);
    return { words: change.words, matches, current: nearest(matches, state.selection.from) };
  }
  if (change) return { ...found, current: change.current };
  if (!tr.docChanged || !found.words) return found;
  // while an input method composes, new marks in its line would end the composition
  if (tr.getMeta("composition") !== undefined) return { ...found, matches: moved(found.matches, tr) };
  const matches = findMatches(state.doc, found.words);
  return { ...found, matches, current: Math.min(Math.max(found.current, 0), matches.length - 1) };
}

/** Marks what was found in the page. It is no part of the document. */
export function findHighlights(): Plugin<Found> {
  return new Plugin<Found>({
    key: findKey,
    state: {
      init: () => NOTHING,
      apply: (tr, found, _before, after) => next(found, tr, after),
    },
    props: {
      decorations: (state) => {
        const { matches, current } = findKey.getState(state) ?? NOTHING;
        return DecorationSet.create(
          state.doc,
          matches.map(({ from, to }, index) =>
            Decoration.inline(from, to, { class: index === current ? "found found-now" : "found" }),
          ),
        );
      },
    },
  });
}

/** Replaces one match; the new words take the marks of the old. */
export function replaceMatch(tr: Transaction, { from, to }: Match, words: string): Transaction {
  const marks = tr.doc.nodeAt(from)?.marks ?? [];
  return words ? tr.replaceWith(from, to, tr.doc.type.schema.text(words, marks)) : tr.delete(from, to);
}

export function replaceAll(state: EditorState, matches: readonly Match[], words: string): Transaction {
  const tr = state.tr;
  for (const match of [...matches].reverse()) replaceMatch(tr, match, words);
  return tr;
}
