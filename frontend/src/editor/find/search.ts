import type { Node as ProseMirrorNode } from "@tiptap/pm/model";

export interface Match {
  from: number
  to: number
}

/** The block's text with one character for every position in it; what is not text is a blank that never matches. */
function blockText(block: ProseMirrorNode): string {
  let text = "";
  block.forEach((child) => {
    text += child.isText ? (child.text ?? "") : "\ufffc".repeat(child.nodeSize);
  });
  return text;
}

/** Folds case and full-width forms without changing the length. */
function fold(text: string): string {
  const half = text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
  return half.toLowerCase();
}

/** Where the words start in a block; of blocks that did not change it is known. */
class Finder {
  private readonly known = new WeakMap<ProseMirrorNode, readonly number[]>();

  constructor(private readonly wanted: string) {}

  in(block: ProseMirrorNode): readonly number[] {
    let places = this.known.get(block);
    if (places === undefined) {
      places = this.search(block);
      this.known.set(block, places);
    }
    return places;
  }

  private search(block: ProseMirrorNode): number[] {
    const original = blockText(block);
    const folded = fold(original);
    const text = folded.length === original.length ? folded : original;
    const places: number[] = [];
    for (let at = text.indexOf(this.wanted); at >= 0; at = text.indexOf(this.wanted, at + this.wanted.length)) {
      places.push(at);
    }
    return places;
  }
}

let last = { wanted: "", finder: new Finder("") };

/** Where the words stand, block by block: a match never runs over the end of a line. */
export function findMatches(doc: ProseMirrorNode, words: string): Match[] {
  const wanted = fold(words);
  if (!wanted) return [];
  if (last.wanted !== wanted) last = { wanted, finder: new Finder(wanted) };
  const { finder } = last;
  const matches: Match[] = [];
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    for (const at of finder.in(node)) matches.push({ from: pos + 1 + at, to: pos + 1 + at + wanted.length });
    return false;
  });
  return matches;
}
