import type { LinePair, Piece } from "./compare";

/**
 * When a line is split or joined, or a passage cut and pasted, the binding writes the same words again elsewhere.
 * Nobody wrote or deleted them: they were moved.
 */

/** Shorter passages may be the same by chance. */
const SHORTEST = 6;

/** A change at one place, and the lists that show it. */
interface Place {
  piece: Piece;
  lists: Piece[][];
}

function places(lines: readonly LinePair[], side: "before" | "after", change: Piece["change"]): Place[] {
  return lines.flatMap((line) =>
    line[side]
      .filter((piece) => piece.change === change && piece.text.trim().length >= SHORTEST)
      .map((piece) => ({ piece, lists: [line[side], line.together] })),
  );
}

/** Cuts the words out of a piece and marks them as moved; returns what is left over of it. */
function cut({ piece, lists }: Place, words: string): Place[] {
  const at = piece.text.indexOf(words);
  const part = (from: number, to: number, change: Piece["change"]): Piece => ({
    ...piece,
    text: piece.text.slice(from, to),
    change,
  });
  const before = part(0, at, piece.change);
  const moved = { ...part(at, at + words.length, "moved"), person: null };
  const after = part(at + words.length, piece.text.length, piece.change);
  for (const list of lists) {
    list.splice(list.indexOf(piece), 1, ...[before, moved, after].filter((one) => one.text));
  }
  return [before, after].filter((one) => one.text.trim().length >= SHORTEST).map((one) => ({ piece: one, lists }));
}

export function markMoved(lines: readonly LinePair[]): void {
  const written = places(lines, "after", "written");
  for (const deleted of places(lines, "before", "deleted")) {
    const index = written.findIndex(
      ({ piece }) => piece.text.includes(deleted.piece.text) || deleted.piece.text.includes(piece.text),
    );
    const found = written[index];
    if (!found) continue;
    const words = found.piece.text.length < deleted.piece.text.length ? found.piece.text : deleted.piece.text;
    written.splice(index, 1, ...cut(found, words));
    cut(deleted, words);
  }
}
