import type { ThreadLines } from "./lines";
import type { Line } from "./types";

/** Where each thread stands in the drawn text, in its order: the first element of its mark, or its block. */
export function findPlaces(text: HTMLElement, lines: ThreadLines): Map<string, HTMLElement> {
  const found = new Map<string, HTMLElement>();
  const blocks = blockLines(lines.all());
  const selector = blocks.size > 0 ? "[data-comment], [data-id]" : "[data-comment]";
  for (const element of text.querySelectorAll<HTMLElement>(selector)) {
    const { comment, id } = element.dataset;
    if (comment && !found.has(comment) && lines.get(comment)) found.set(comment, element);
    for (const line of (id && blocks.get(id)) || []) found.set(line.id, element);
  }
  return found;
}

export function blockLines(lines: readonly Line[]): Map<string, Line[]> {
  const blocks = new Map<string, Line[]>();
  for (const line of lines) {
    if (line.place !== "block") continue;
    blocks.set(line.block, [...(blocks.get(line.block) ?? []), line]);
  }
  return blocks;
}
