import { getSchema } from "@tiptap/core";
import type { ContentMatch } from "@tiptap/pm/model";
import { describe, expect, it } from "vitest";
import { SCHEMA } from "../../src/editor/schema";
import { ATTRIBUTE_DEFAULTS, CHILDREN, MARKS, NODES, PARAGRAPH_KINDS } from "../../src/generated/contracts";
import { PARAGRAPH_KINDS as EDITOR_KINDS } from "../../src/editor/nodes/paragraph";

const schema = getSchema(SCHEMA);

interface WithAttributes {
  spec: { attrs?: Record<string, unknown> };
}

function attributes(types: Record<string, WithAttributes>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, Object.keys(type.spec.attrs ?? {}).sort()]),
  );
}

/** Whether a node may stand anywhere in what a content expression describes. */
function occursIn(match: ContentMatch, child: string, seen = new Set<ContentMatch>()): boolean {
  if (seen.has(match)) return false;
  seen.add(match);
  return Array.from({ length: match.edgeCount }, (_edge, index) => match.edge(index)).some(
    ({ type, next }) => type.name === child || occursIn(next, child, seen),
  );
}

describe("the editor's schema", () => {
  it("has exactly the nodes and attributes that the server knows", () => {
    expect(attributes(schema.nodes)).toEqual(NODES);
  });

  it("lets stand in each node exactly what the server lets stand there", () => {
    const children = Object.fromEntries(
      Object.values(schema.nodes).map(({ name, contentMatch }) => [name, Object.keys(schema.nodes).filter((child) => occursIn(contentMatch, child)).sort()]),
    );
    expect(children).toEqual(CHILDREN);
  });

  it("has exactly the marks that the server knows", () => {
    expect(attributes(schema.marks)).toEqual(MARKS);
  });

  it("means by a missing attribute what the server means", () => {
    for (const [name, defaults] of Object.entries(ATTRIBUTE_DEFAULTS)) {
      for (const [attribute, value] of Object.entries(defaults)) {
        expect(schema.nodes[name]?.spec.attrs?.[attribute]?.default, `${name}.${attribute}`).toEqual(value);
      }
    }
  });

  it("knows the same kinds of paragraph", () => {
    expect([...EDITOR_KINDS]).toEqual([...PARAGRAPH_KINDS]);
  });

  it("lets no two marks of one name stand on one text, but for those of comments", () => {
    for (const mark of Object.values(schema.marks)) expect(mark.excludes(mark), mark.name).toBe(mark.name !== "comment");
  });

  it("allows a paragraph at the top and a section only there", () => {
    const { doc, section, paragraph, tableCell } = schema.nodes;
    expect(doc!.contentMatch.matchType(paragraph!)).not.toBeNull();
    expect(section!.contentMatch.matchType(section!)).toBeNull();
    expect(tableCell!.contentMatch.matchType(section!)).toBeNull();
  });
});
