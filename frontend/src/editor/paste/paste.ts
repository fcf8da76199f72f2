import { Extension } from "@tiptap/core";
import { Fragment, type Node as ProseMirrorNode, type Schema, Slice } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { isVariant, variantAt } from "../variants/places";
import { cleanHtml } from "./clean";

const FRAMES = new Set(["section", "variant"]);

/** What stands around the copied text where it was copied: the section, the variant. */
function withoutFrames(slice: Slice): Slice {
  let { content, openStart, openEnd } = slice;
  while (content.childCount === 1 && openStart > 0 && openEnd > 0 && FRAMES.has(content.firstChild!.type.name)) {
    content = content.firstChild!.content;
    openStart -= 1;
    openEnd -= 1;
  }
  return new Slice(content, openStart, openEnd);
}

/** Whole sections and the header are not pasted into sections, nor variants into a variant: their content is. */
function unwrapParts(content: Fragment, inVariant: boolean): Fragment {
  const nodes: ProseMirrorNode[] = [];
  content.forEach((node) => {
    if (node.type.name === "section" || (inVariant && isVariant(node))) nodes.push(...unwrapParts(node.content, inVariant).content);
    else if (node.type.name !== "header") nodes.push(node);
  });
  return Fragment.from(nodes);
}

/** A pasted list or heading stays one: its first line does not run into the line of the caret and take its kind. */
function keepFirstKind(slice: Slice, target: ProseMirrorNode): Slice {
  const first = slice.content.firstChild;
  if (slice.openStart !== 1 || first?.type.name !== "paragraph" || first.attrs.kind === "body") return slice;
  const alone = slice.content.childCount === 1;
  return alone && target.content.size > 0 ? slice : new Slice(slice.content, 0, alone ? 0 : slice.openEnd);
}

/** Lines of plain text, one paragraph each; a tab-separated block (a spreadsheet) becomes a table. */
export function readPlainText(text: string, schema: Schema): Slice {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  const { paragraph, table, tableRow, tableCell } = schema.nodes;
  const line = (content: string) => paragraph!.create(null, content ? schema.text(content) : null);
  const columns = Math.max(...lines.map((content) => content.split("\t").length));
  if (columns > 1 && lines.length > 1 && lines.every((content) => content.includes("\t"))) {
    const rows = lines.map((content) => {
      const cells = content.split("\t");
      return tableRow!.create(
        null,
        Array.from({ length: columns }, (_cell, index) => tableCell!.create(null, line(cells[index] ?? ""))),
      );
    });
    return new Slice(Fragment.from(table!.create(null, rows)), 0, 0);
  }
  return new Slice(Fragment.from(lines.map(line)), 1, 1);
}

export const Paste = Extension.create({
  name: "planPaste",

  addProseMirrorPlugins() {
    return [
      new Plugin({
        props: {
          transformPastedHTML: cleanHtml,
          transformPasted: (copied, view) => {
            const { $from } = view.state.selection;
            const slice = withoutFrames(copied);
            const content = unwrapParts(slice.content, variantAt($from) !== null);
            if (!content.eq(slice.content)) return new Slice(content, 0, 0);
            return keepFirstKind(slice, $from.parent);
          },
          clipboardTextParser: (text, _$context, _plain, view) => readPlainText(text, view.state.schema),
        },
      }),
    ];
  },
});
