import type { Node } from "@tiptap/pm/model";

/** Rare characters (CJK extension A): each is typed once in a run. */
const FIRST = 0x3400;
const LAST = 0x4dbf;

export class Letters {
  private next = FIRST;
  /** Each typed character and who typed it. */
  readonly typed = new Map<string, string>();
  readonly deleted = new Set<string>();

  take(author: string, count: number): string {
    let text = "";
    for (let index = 0; index < count; index += 1) {
      if (this.next > LAST) throw new Error("out of characters");
      const letter = String.fromCharCode(this.next);
      this.next += 1;
      this.typed.set(letter, author);
      text += letter;
    }
    return text;
  }
}

const isOurs = (letter: string): boolean => letter.charCodeAt(0) >= FIRST && letter.charCodeAt(0) <= LAST;

export function lettersIn(doc: Node): Set<string> {
  return lettersOf(doc.textContent);
}

export function lettersOf(text: string): Set<string> {
  return new Set([...text].filter(isOurs));
}

/** How many characters stand there more than once: two people split one paragraph at the same time, for example. */
export function doubledIn(doc: Node): number {
  const ours = [...doc.textContent].filter(isOurs);
  return ours.length - new Set(ours).size;
}
