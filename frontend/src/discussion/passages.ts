import * as Y from "yjs";

import type { Position } from "./types";

/** A run of text that one person wrote and that stands in the plan. */
export interface Passage {
  text: string;
  first: Position;
  /** The key of the section it stands in. */
  section: string;
}

const MOST = 100;
/** A single character is a correction, not a passage that one looks for. */
const SHORTEST = 2;

/** What stands under these Yjs clients, in the order of the document. */
export function passagesBy(fragment: Y.XmlFragment, clients: ReadonlySet<number>): Passage[] {
  const found: Passage[] = [];
  for (const top of fragment.toArray()) {
    const section = top instanceof Y.XmlElement ? (top.getAttribute("key") ?? "") : "";
    if (!(top instanceof Y.XmlText)) walk(top as Y.XmlElement, section, clients, found);
    if (found.length >= MOST) break;
  }
  return found.slice(0, MOST);
}

function walk(parent: Y.XmlElement, section: string, clients: ReadonlySet<number>, found: Passage[]): void {
  for (const child of parent.toArray()) {
    if (child instanceof Y.XmlText) found.push(...passagesIn(child, section, clients));
    else if (child instanceof Y.XmlElement) walk(child, section, clients, found);
  }
}

function passagesIn(text: Y.XmlText, section: string, clients: ReadonlySet<number>): Passage[] {
  const found: Passage[] = [];
  let open: Passage | null = null;
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    const { client, clock } = item.id;
    if (!clients.has(client)) open = null;
    else if (open) open.text += item.content.str;
    else {
      open = { text: item.content.str, first: [client, clock], section };
      found.push(open);
    }
  }
  return found.filter(({ text: written }) => written.trim().length >= SHORTEST);
}
