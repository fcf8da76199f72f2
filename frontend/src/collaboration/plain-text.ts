import * as Y from "yjs";

import { variantName } from "../shared/sides";

/** The text of a plan, one line for a block: what a person can take away when nothing else works. */
export function plainText(fragment: Y.XmlFragment): string {
  const lines: string[] = [];
  collect(fragment, lines);
  return lines.join("\n");
}

function collect(container: Y.XmlFragment | Y.XmlElement, lines: string[]): void {
  for (const child of container.toArray()) {
    if (!(child instanceof Y.XmlElement)) continue;
    if (child.nodeName === "section") lines.push("", child.getAttribute("title") ?? "");
    if (child.nodeName === "variant") lines.push(`〔${variantName(child.getAttribute("side"), child.getAttribute("label"))}〕`);
    if (child.nodeName === "headerField") lines.push(`${child.getAttribute("label") ?? ""}：${lineText(child)}`);
    else if (child.nodeName === "paragraph") lines.push(lineText(child));
    else collect(child, lines);
  }
}

/** The text of one block; a break of the line is one character. */
export function lineText(block: Y.XmlElement): string {
  return block
    .toArray()
    .map((part) => {
      if (part instanceof Y.XmlText) return textOf(part);
      return part instanceof Y.XmlElement && part.nodeName === "formula" ? (part.getAttribute("text") ?? "") : "\n";
    })
    .join("");
}

function textOf(text: Y.XmlText): string {
  return (text.toDelta() as { insert: unknown }[]).map(({ insert }) => (typeof insert === "string" ? insert : "")).join("");
}
