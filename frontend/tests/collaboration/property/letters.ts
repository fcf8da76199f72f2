import type { Node } from "@tiptap/pm/model";

/** Rare characters (CJK extension A, then the rarer end of the main block): each is typed once in a run. */
const FIRST = 0x3400;
const LAST = 0x4dbf;

export class Letters {
  private next = FIRST;
  readonly typed = new Set<string>();
  readonly deleted = new Set<string>();

  take(count: number): string {
    let text = "";
    for (let index = 0; index < count; index += 1) {
      if (this.next > LAST) throw new Error("out of characters");
      const letter = String.fromCharCode(this.next);
      this.next += 1;
      this.typed.add(letter);
      text += letter;
    }
    return text;
  }
}

const isOurs = (letter: string): boolean => letter.charCodeAt(0) >= FIRST && letter.charCodeAt(0) <= LAST;

export function lettersIn(doc: Node): Set<string> {
  return new Set([...doc.textContent].filter(isOurs));
}

export function lettersOf(text: string): Set<string> {
  return new Set([...text].filter(isOurs));
}
