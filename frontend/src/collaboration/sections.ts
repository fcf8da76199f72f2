import type { ResolvedPos } from "@tiptap/pm/model";

/** The key of the section around a position, "" outside of any. */
export function sectionAt($position: ResolvedPos): string {
  for (let depth = $position.depth; depth > 0; depth -= 1) {
    const node = $position.node(depth);
    if (node.type.name === "section") return String(node.attrs["key"] ?? "");
  }
  return "";
}
